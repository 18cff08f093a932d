"""The report of a stick: read back from its image, as people would.

What was there until mem9 left firmware is in it after a power off; the rest
comes with the start after a reset, which then waits at its menu.
"""

import re
import subprocess

import pytest

import laws
from facts import Facts
from machine import IMAGE, OVMF, PROMPT, QUICK, SECURE, SHELL, STICK, UBOOT, Machine

MIB = 2**20
FILE = "MEM9.TXT"
FIRST = "mem9: report version="
WAITING = (
    "mem9: report version=0 log=kept id=0x1\r\n"
    "mem9: kept n=0 base=0x2001000 size=0x40000\r\n"
)
MENU = "arrows and Enter, or a letter"
KINDS = {
    UBOOT: QUICK,
    OVMF: {"firmware": OVMF, "disk": "ide", "mem": "128M"},
    SECURE: {"firmware": SECURE, "disk": "ide", "mem": "256M"},
}


def booted(name, kind, ini=("*menu=0",), **more):
    return Machine(name, report=True, reboot=True, ini=ini, **KINDS[kind], **more)


def report(m, name=FILE):
    """The file's lines; each ends as everybody's do."""
    text = m.file(name).decode("ascii")
    assert text.count("\n") == text.count("\r\n") > 0
    return text


def whole(m, text):
    """A report that has come home: what was known before, and a boot that
    keeps every law."""
    assert text.startswith(FIRST)
    assert re.search(r"\r\nmem9: home id=0x[0-9a-f]+\r\n$", text)
    before, rest = text.split("\r\nmem9: savedlog ")
    assert "mem9: machine installed=" in before
    assert " lost=0\r\n" in rest
    facts = Facts(rest[rest.index("mem9: start") :])
    laws.check(m, facts)
    assert facts.one("done")["failed"] == 0


def fat(path, bits, files, room=None):
    """A stick's image with such a volume, as image.sh makes none; with so much
    room on it, if it matters."""
    volume = path.with_suffix(".fat")
    volume.write_bytes(bytes((20 if bits == 16 else 40) * MIB))
    subprocess.run(
        ["/usr/sbin/mkfs.vfat", "-F", str(bits), "-s", "1", volume],
        check=True,
        capture_output=True,
    )
    for name, file in {"EFI/BOOT/BOOTX64.EFI": IMAGE, **files}.items():
        copy(volume, name, file)
    if room is not None:
        free = re.search(rb"([\d ]+) bytes free", listing(volume))[1]
        less = int(free.replace(b" ", b"")) - room
        copy(volume, "ROOM", written(path.with_suffix(".room"), "x" * less))
    path.write_bytes(before(volume) + volume.read_bytes())
    return path


def before(volume):
    """What stands before it on a stick that has but an MBR: with a GPT there
    is a partition more in that, and the second is this one."""
    mbr = bytearray(STICK.read_bytes()[:512])
    mbr[446:458] = mbr[462:474]
    mbr[458:462] = (volume.stat().st_size // 512).to_bytes(4, "little")
    mbr[462:510] = bytes(48)
    return bytes(mbr) + bytes(MIB - 512)


def copy(volume, name, file):
    for part in range(1, name.count("/") + 1):
        folder = "/".join(name.split("/")[:part])
        subprocess.run(
            ["mmd", "-D", "s", "-i", volume, f"::/{folder}"],
            stderr=subprocess.DEVNULL,
        )
    subprocess.run(["mcopy", "-i", volume, file, f"::/{name}"], check=True)


def listing(volume):
    return subprocess.run(
        ["mdir", "-i", volume, "::/"], check=True, capture_output=True
    ).stdout


def written(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "kind",
    [UBOOT]
    + [pytest.param(k, marks=pytest.mark.matrix) for k in (OVMF, SECURE)],
)
def test_after_a_reset_it_is_complete(kind):
    """By itself on a stick, which then waits instead of booting again."""
    with booted(f"report-{kind}", kind, ini=("*end=reset",)) as m:
        m.expect(MENU)
        text = report(m)
    whole(m, text)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", KINDS)
def test_a_machines_button_does_as_well(kind):
    """Whatever mem9 is at; what it had said is not lost."""
    with booted(f"report-button-{kind}", kind, ini=("*menu=1",)) as m:
        m.expect(PROMPT)
        m.serial.send("fault null\rmap")
        m.expect("mem9> map")
        m.monitor("system_reset")
        m.expect(MENU)
        text = report(m)
    whole(m, text)
    assert "fault: page fault" in text
    assert text.rstrip().split("\r\n")[-2].endswith("mem9> map")


@pytest.mark.matrix
def test_from_the_shell_by_the_same_words_twice(tmp_path):
    """The second time brings the rest, and nothing else is done."""
    script = "@echo -off\nfs0:\nmem9.efi -o r.txt *end=reset\n"
    script += "echo rc=%lasterror%\nreset -s\n"
    files = {"STARTUP.NSH": written(tmp_path / "script", script)}
    with booted("report-shell", OVMF, start=SHELL, files=files) as m:
        m.expect("nothing else was done")
        m.expect("rc=0x0")
        text = report(m, "r.txt")
    whole(m, text)
    assert m.text().count("mem9: exit tries=") == 1


def test_a_key_resets_and_a_boot_has_a_report_of_its_own(tmp_path):
    """On FAT16, through the menu. What waits for a log that is lost is
    replaced, to its last byte; what has come home stays."""
    ini = written(tmp_path / "ini", "*menu=1\n*nokaslr=1\n")
    old = written(tmp_path / "old", WAITING + "x" * MIB)
    stick = fat(tmp_path / "stick", 16, {"MEM9.INI": ini, FILE: old})
    with booted("report-fat16", UBOOT, stick=stick) as m:
        m.expect("waits for a log that is not in memory")
        m.expect(PROMPT)
        m.serial.send("R")
        m.expect("report is complete and can be")
        m.expect(MENU)
        first = report(m)
        m.serial.send("p")
        m.expect(r"report: \\MEM9.TXT is complete")
        m.serial.send(" ")
        m.expect(MENU)
        assert report(m) == first
        m.serial.send("b")
        m.expect(PROMPT)
        second = report(m, "MEM9-2.TXT")
        assert report(m) == first
    whole(m, first)
    assert "xxxx" not in first
    assert second.startswith(FIRST)
    assert "savedlog bytes" not in second and len(second) < len(first)


# What is in the way, and what is said of it.
OBSTACLES = {
    "foreign": r"\\MEM9-2\.TXT has what is known so far",
    "folder": r"\\MEM9-2\.TXT has what is known so far",
    "full": r"\\MEM9\.TXT is not written: (no room on the volume|firmware cannot)",
}
FOREIGN = "text of somebody's\r\n"


@pytest.mark.matrix
@pytest.mark.parametrize("kind", [UBOOT, OVMF])
@pytest.mark.parametrize("bits", [16, 32])
@pytest.mark.parametrize("what", OBSTACLES)
def test_what_is_in_the_way_stays(tmp_path, kind, bits, what):
    """A name is passed over, no room is said; the boot goes on, and the volume
    is whole."""
    ini = written(tmp_path / "ini", "*end=poweroff\n")
    files = {"MEM9.INI": ini}
    if what == "folder":
        files[f"{FILE}/A"] = ini
    elif what == "foreign":
        files[FILE] = written(tmp_path / "old", FOREIGN)
    room = 2048 if what == "full" else None
    stick = fat(tmp_path / "stick", bits, files, room)
    with booted(f"report-{what}-{bits}-{kind}", kind, stick=stick) as m:
        m.run_to_end()
        after = (m.work / "stick.img").read_bytes()[MIB:]
        if what == "foreign":
            assert m.file(FILE).decode() == FOREIGN
    (tmp_path / "after").write_bytes(after)
    if what == "full":
        assert b"MEM9     TXT" not in listing(tmp_path / "after")
    assert re.search(f"report: {OBSTACLES[what]}", m.text())
    laws.check(m, Facts(m.text()))
    clean(tmp_path / "after", kind)


def clean(volume, kind):
    """But that U-Boot counts no free clusters: a hint, for who looks for one."""
    fsck = subprocess.run(
        ["/usr/sbin/fsck.vfat", "-n", volume], capture_output=True, text=True
    )
    hint = kind is UBOOT and "Free cluster summary wrong" in fsck.stdout
    faults = [line for line in fsck.stdout.splitlines() if line[:1].isupper()]
    assert fsck.returncode == 0 or (hint and len(faults) == 2), fsck.stdout


@pytest.mark.matrix
@pytest.mark.parametrize("kind, room", [(UBOOT, 9000), (OVMF, 14000)])
def test_a_log_that_does_not_fit_is_kept(tmp_path, kind, room):
    """There is room for what was known before, and for no more. No part of it
    is written, and what else the menu does takes none of its memory."""
    ini = written(tmp_path / "ini", "*end=reset\n")
    stick = fat(tmp_path / "stick", 16, {"MEM9.INI": ini}, room)
    with booted(f"report-stuck-{kind}", kind, stick=stick) as m:
        m.expect("could not be saved")
        m.expect(MENU)
        first = report(m)
        for key in "rp":
            m.serial.send(key)
            m.expect("any key for the menu")
            m.serial.send(" ")
            m.expect(MENU)
        assert report(m) == first
        after = (m.work / "stick.img").read_bytes()[MIB:]
    assert first.startswith(FIRST) and "savedlog" not in first
    assert len(re.findall(r"log is in memory, but not in \\MEM9", m.text())) == 2
    assert "not in memory any more" not in m.text()
    (tmp_path / "after").write_bytes(after)
    clean(tmp_path / "after", kind)


@pytest.mark.matrix
def test_a_stick_that_is_write_protected_boots():
    with Machine(
        "report-readonly",
        stick=STICK,
        disk="readonly",
        report=True,
    ) as m:
        m.expect(PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
    assert f"report: \\{FILE} is not written: " in m.text()
    laws.check(m, Facts(m.text()))
