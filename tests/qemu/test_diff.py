"""`mem9 diff FILE', in the shell: firmware's map now beside one saved before."""

import random
import re

import pytest

import foreign
from facts import Facts
from machine import ROOT, SECURE, SHELL, Machine
from test_shell import INVALID_PARAMETER, shell

# One run of it is part of test_shell.py's boot that saves maps.
pytestmark = pytest.mark.matrix

MiB = 1 << 20
OTHER = ROOT / "tests/maps/030-apple-macmini31-198desc-efi.map"
SAME, DIFFERENT = "0x0", "0x1"


def saved(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def garbage(kind):
    """A MiB that is no map."""
    chance = random.Random(9)
    if kind == "bytes":
        return chance.randbytes(MiB)
    letters = [*map(ord, "efimem0: type=x[]<>-/ \r\n\tzBIOS820")]
    return bytes(chance.choices(letters, k=MiB))


def refusals(tmp_path):
    """{file: (what is in it, what is said of it)}"""
    text = OTHER.read_text()
    return {
        "CUT.MAP": (text[: text.rindex("efi ") - 2], "the last line has no end"),
        "EMPTY.TXT": ("", "there is nothing in it"),
        "FOREIGN.TXT": ("MemTotal: 1 kB\nMemAvailable: 1 kB\n", "this looks"),
        "LOG.TXT": ("mem9: start descriptors=9\nmem9: efi type=0x7 base=0x0 "
                    "pages=1 attr=0xf\n", "1 entries, not descriptors=9"),
        "BYTES.BIN": (garbage("bytes"), "a zero byte: this is not text"),
        "LETTERS.TXT": (garbage("letters"), "no memory map found"),
        "HALF.BIN": (b"\xff\xfee\x00f\x00i", "half a UTF-16 character"),
    }


def ask(path, out):
    """Commands that write what is said, and then the code."""
    return f"mem9.efi diff {path} >a {out}.out", f"echo %lasterror% >a {out}.rc"


def answer(read, out):
    return read(f"{out}.rc").strip(), read(f"{out}.out").replace("\r", "")


def test_a_saved_map_is_held_against_the_machine(tmp_path):
    """In every form that this shell can save; what is no map is refused."""
    forms = {
        "utf16": "mem9.efi map -v > utf16.map",
        "ascii": "mem9.efi map -v >a ascii.map",
        "sfo": "mem9.efi map -sfo >a sfo.map",
        "memmap": "memmap > memmap.map",
        "list": "memmap -sfo > list.map",
        "report": "mem9.efi map -o report.map",
        "e820": "mem9.efi e820 >a e820.map",
    }
    bad = refusals(tmp_path)
    files = {n: saved(tmp_path, n, data) for n, (data, _) in bad.items()}
    commands = [*forms.values()]
    for name in forms:
        commands += ask(f"fs0:\\{name}.map", name)
    for name in bad:
        commands += ask(name, name.split(".")[0])
    for path in "none.txt", "fs9:\\none", "efi":
        commands += ask(path, "not" + re.sub(r"\W", "", path))
    commands += ask("other.txt", "other")
    commands += ["mem9.efi diff ascii.map -v -a >a lines.txt"]
    commands += ["mem9.efi -a diff other.txt -o told.txt >a table.txt"]
    commands += ["mem9.efi diff >a nothing.out", "echo %lasterror% >a nothing.rc"]
    read = shell(
        tmp_path,
        "diff",
        "mkdir efi",
        *commands,
        files={**files, "OTHER.TXT": OTHER},
    )
    for name in forms:
        code, said = answer(read, name)
        if name == "e820":  # a kernel's: NVS is reserved, and the first MiB
            assert code == DIFFERENT and "not what firmware gave" in said
            continue
        assert code == SAME, (name, code, said)
        assert "The maps are the same" in said and "mem9: diff" not in said
    for name, (_, words) in bad.items():
        code, said = answer(read, name.split(".")[0])
        assert code == INVALID_PARAMETER and words in said, (name, code, said)
        assert said.count("\n") == 1 and "nothing is compared" in said, said
    for path, words in {
        "notnonetxt": "there is no such file",
        "notfs9none": "there is no such file",
        "notefi": "it is a folder",
        "nothing": "diff: expected a file",
    }.items():
        code, said = answer(read, path)
        assert code == INVALID_PARAMETER and words in said, (path, code, said)
    code, said = answer(read, "other")
    assert code == DIFFERENT and "would not resume" in said
    facts = Facts(read("lines.txt"))
    assert facts.one("diffed")["linux"] == "equal"
    assert not [d for d in facts.all("diff") if d["kind"] != "owner"]


# ---- two machines ----

CARDS = ["-device", "ich9-ahci", "-device", "virtio-serial-pci"]
PAIRS = {  # name: the machine then, and now; whether regions differ
    "same": ({}, {}, False),
    "device": ({}, {"args": CARDS}, False),
    "memory": ({}, {"mem": "513M"}, True),
    "setup": ({"machine": "q35,smm=off"}, {"machine": "q35", "smp": 4}, True),
    "management": ({}, {"firmware": SECURE}, True),
}
LINUXTYPE = {
    "ReservedMemoryType": 2,
    "RuntimeServicesCode": 2,
    "RuntimeServicesData": 2,
    "MemoryMappedIO": 2,
    "MemoryMappedIOPortSpace": 2,
    "ACPIReclaimMemory": 3,
    "ACPIMemoryNVS": 4,
}


def regions(facts, name):
    """[base, end, name(type)], by address, neighbours of one name joined."""
    joined = []
    for r in sorted(facts.efi(), key=lambda r: r.base):
        if joined and joined[-1][1:] == [r.base, name(r.what)]:
            joined[-1][1] = r.end
        else:
            joined.append([r.base, r.end, name(r.what)])
    return joined


def differ(was, now):
    """Whether Linux's entries do; whether regions do."""
    def linux(what):
        return LINUXTYPE.get(what, 1)

    def region(what):
        return what if what in LINUXTYPE else "RAM"

    return tuple(regions(was, n) != regions(now, n) for n in (linux, region))


def held_against(tmp_path, name, was, now):
    """The answer to mem9 diff of that text on that machine; its own map."""
    read = shell(
        tmp_path,
        name,
        "mem9.efi map -v >a now.map",
        *ask("was.map", "diff"),
        "mem9.efi -v diff was.map >a lines.out",
        files={"WAS.MAP": saved(tmp_path, "was.map", was)},
        **now,
    )
    code, said = answer(read, "diff")
    return code, said, Facts(read("lines.out")), Facts(read("now.map"))


def agrees(name, was, now, answered, record_property):
    """With what the two maps themselves say, put together anew here."""
    code, said, lines, mine = answered
    linux, region = differ(was, mine)
    sums = lines.one("diffed")
    assert (sums["linux"] == "different") == linux, said
    assert code == (DIFFERENT if region else SAME), said
    assert ("would not resume" in said) == linux
    record_property("say", f"diff {name}: exit {code} {sums}")
    return region


@pytest.mark.parametrize("name", PAIRS)
def test_two_boots(name, tmp_path, record_property):
    then, now, moved = PAIRS[name]
    was = shell(tmp_path, f"diff-{name}-was", "mem9.efi map -v >a x.map", **then)
    text = was("x.map")
    answered = held_against(tmp_path, f"diff-{name}", text, now)
    found = agrees(name, Facts(text), now, answered, record_property)
    assert found == moved


def test_another_boot_path(tmp_path, record_property):
    """A boot's serial log, started by firmware from the removable path."""
    with Machine("diff-path-was") as m:
        m.run_to_end()
    answered = held_against(tmp_path, "diff-path", m.text(), {})
    assert not agrees("path", Facts(m.text()), {}, answered, record_property)


def test_a_log_of_linux(tmp_path, record_property):
    """What it says of itself with efi=debug, and without: e820 alone."""
    script = tmp_path / "linux.nsh"
    script.write_text("@echo -off\nfs0:\nlinux.efi efi=debug "
                      "console=ttyS0,115200 earlycon=uart8250,io,0x3f8,115200\n")
    files = {"STARTUP.NSH": script, "LINUX.EFI": foreign.file(*foreign.LINUX)}
    with Machine("diff-linux-was", start=SHELL, files=files) as m:
        m.hurry_shell()
        text = m.expect(r"Memory: \d+K/\d+K available")
    assert "efi: mem00:" in text and "BIOS-e820: [mem" in text
    e820 = "".join(l for l in text.splitlines(True) if "efi: mem" not in l)
    for name, log in ("efi", text), ("e820", e820):
        code, said, lines, _ = held_against(tmp_path, f"diff-linux-{name}", log, {})
        assert code == SAME and "The maps are the same" in said, said
        sums = lines.one("diffed")
        record_property("say", f"diff linux {name}: exit {code} {sums}")
