"""What the options change, and rehearse, which never leaves the firmware."""

import re
import struct
import subprocess

import pytest

import laws
from facts import Facts
from faulty import image
from machine import OVMF, PROMPT, SHELL, UBOOT, Machine

UBOOT_PC = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
MiB = 2**20


def boot(name, *options, end="poweroff", **machine):
    with Machine(name, ini=(f"*end={end}", *options), **machine) as m:
        m.run_to_end()
    return m, Facts(m.text())


def addresses(facts):
    paging = facts.one("paging")
    return paging["direct"], paging["image"]


@pytest.mark.matrix
@pytest.mark.parametrize(
    "firmware", [pytest.param("ovmf", marks=pytest.mark.matrix), UBOOT]
)
def test_poison(firmware):
    """Nothing that firmware left in free memory is leant on; reset works."""
    kind = UBOOT_PC if firmware == UBOOT else {}
    m, facts = boot(f"poison-{firmware}", "*poison=1", end="reset", **kind)
    found = re.search(r"poisoned (\d+) pages", facts.text)
    laws.check(m, facts)
    assert int(found[1]) * 4096 > 480 * MiB
    assert m.shutdown_reason == "guest-reset"


@pytest.mark.matrix
@pytest.mark.parametrize(
    "mem, firmware",
    [("512M", OVMF), pytest.param("5G", UBOOT, marks=pytest.mark.matrix)],
)
def test_direct_map_with_a_cap(mem, firmware):
    """Pages above 256 MiB, a good part of them, are reached through KMAP."""
    machine = {"mem": mem} | (UBOOT_PC if firmware == UBOOT else {})
    m, facts = boot(f"directmap-256M-{mem}", "*directmap=256M", "*checks=full", **machine)
    laws.check(m, facts)
    assert facts.one("paging")["size"] <= 256 * MiB
    base = facts.one("paging")["direct"]
    assert all(b["klimit"] <= base + 256 * MiB for b in facts.all("bank"))
    assert facts.banks()[-1].end > 256 * MiB


def test_malloc_goes_on_when_the_kernels_share_is_spent():
    """Page tables for more come from pages: nearly all memory can be had."""
    m, facts = boot("malloc-all", "*kernelpercent=10", "*checks=full")
    laws.check(m, facts)
    found = re.search(r"malloc: took (\d+) of (\d+) MiB", facts.text)
    assert int(found[1]) > int(found[2]) * 0.95


@pytest.mark.matrix
def test_addresses_slide_unless_told_not_to():
    """That both do, and not only one of them: test_quick.py."""
    fixed = addresses(boot("slide-off", "*nokaslr=1")[1])
    assert fixed == (0xFFFF800000000000, 0xFFFFFFFF80000000)


@pytest.mark.matrix
def test_less_memory():
    m, facts = boot("maxmem-256M", "*maxmem=256M", "*kernelpercent=25")
    laws.ended(m, facts)
    laws.conf_adds_up(m, facts)
    assert facts.banks()[-1].end <= 256 * MiB
    conf = facts.one("conf")
    assert conf["kernel"] == pytest.approx(conf["npage"] * 4096 / 4, rel=0.01)


def test_a_map_in_place_of_the_firmwares():
    line = "1 0 9fc00 2 9fc00 100000 1 100000 8000000 1 9000000 10000000"
    m, facts = boot("e820", f"*e820={line}")
    laws.ended(m, facts)
    ram = [r for r in facts.memmap() if r.what == "MemRAM"]
    assert [(r.base, r.end) for r in ram] == [
        (0x100000, 0x8000000),
        (0x9000000, 0x10000000),
    ]


def test_a_stop_before_the_screen_is_up_shows_on_it():
    """No RAM at all, no serial port: the screen says what is wrong."""
    ini = ("*end=monitor", "*e820=3 100000 200000")
    with Machine("no-ram", serial=False, ini=ini) as m:
        lines = m.wait_screen(lambda t: any("stays up" in s for s in t))
    assert any("page tables need" in line for line in lines)
    assert not any("mem9>" in line for line in lines)  # nobody can type yet


def test_ramscan():
    m, facts = boot("ramscan", "*ramscan=1", mem="128M")
    laws.check(m, facts)
    assert "ramscan: checked" in facts.text


def test_bad_options_are_named_and_ignored():
    m, facts = boot("bad-options", "*maxmem=lots", "nonesuch=1", "*end")
    laws.check(
        m,
        facts,
        notes=(
            r"\mem9.ini:2: *maxmem=lots: expected a size of at least 16M:"
            " ignored",
            r"\mem9.ini:3: nonesuch=1: unknown option: ignored",
            r"\mem9.ini:4: *end: expected = and a value behind it: ignored",
        ),
    )


REHEARSE = """@echo -off
for %i in fs0 fs1 fs2
  if exist %i:\\mem9.efi then
    %i:
  endif
endfor
memmap -sfo
mem9 rehearse -v
echo status=%lasterror%
memmap -sfo
mem9 rehearse >a people.txt
mem9 nonesuch
echo bad=%lasterror%
reset -s
"""


def of_firmware(summary):
    """Bytes of each type by the shell, whose own buffers come and go."""
    numbers = [int(n) for n in re.findall(r'"(\d+)"', summary)]
    boot_data, available = numbers.pop(3), numbers.pop(8 - 1)
    return [*numbers, boot_data + available]


DONE = re.compile(r"^mem9: done .* us=(\d+)", re.M)


def rehearsed(text):
    """The checks of a rehearsal, each time; and how long it says it took."""
    checks = re.findall(r"^mem9: check name=(\S+) result=(\S+)", text, re.M)
    assert checks and all(result == "ok" for _, result in checks), checks
    names = [name for name, _ in checks]
    times = [int(us) for us in DONE.findall(text)]
    assert names == laws.REHEARSED * len(times)
    assert all(1000 < us < 300_000_000 for us in times), times
    assert "pages, and it was" not in text
    claims = re.findall(r"^claimed (\d+) of (\d+) free pages", text, re.M)
    assert len(claims) == len(times)
    for claimed, free in claims:
        kept = int(free) - int(claimed)
        assert kept >= max(int(free) // 16, 32 * MiB // 4096), claims


def for_people(text):
    """What was borrowed and the rest of the machine; no line for programs."""
    assert "mem9: " not in text and "\x1b" not in text
    rows = re.findall(
        r"^.{4} *([\d,]+) KB .* %  (.*?)\r$", text, re.M
    )
    sizes = {what: int(n.replace(",", "")) for n, what in rows}
    assert sizes.pop("installed, none of it lost") == sum(sizes.values())
    assert sum(sizes.values()) == 512 * 1024
    claimed = int(re.search(r"^claimed (\d+) of", text, re.M)[1])
    assert claimed - sizes["borrowed for this rehearsal"] // 4 in range(16)
    # In brief: the screen, whose size is known, is that small.
    assert "\n  [ ok ]  memory map, allocators, RAM\r\n" in text
    assert "PASS: nothing failed" in text
    assert max(len(line.rstrip()) for line in text.splitlines()) < 80


def test_rehearse_gives_everything_back(tmp_path):
    """Twice, in the shell; the shell's own totals are the judge. The second
    time for people: in a file there are no colours."""
    script = tmp_path / "startup.nsh"
    script.write_text(REHEARSE.replace("\n", "\r\n"))
    with Machine(
        "rehearse", start=SHELL, files={"STARTUP.NSH": script}
    ) as m:
        m.hurry_shell()
        m.run_to_end()
        people = subprocess.run(
            ["mtype", "-i", f"{m.work}/stick.img@@1M", "::/people.txt"],
            check=True,
            capture_output=True,
        ).stdout.decode("ascii")
    text = m.text()
    assert text.count("failed=0 ") == 1
    for_people(people)
    rehearsed(text)
    assert "status=0x0" in text and "bad=0x2" in text
    sums = re.findall(r'MemoryMapSummary,(.*?)[\r\n]', text)
    assert len(sums) == 2
    assert of_firmware(sums[0]) == of_firmware(sums[1])
    back = re.findall(r"firmware has (\d+) pages, free or in use, and had (\d+)", text)
    back += re.findall(r"firmware has (\d+) pages, free or in use, and had (\d+)", people)
    assert len(back) == 2 and all(a == b for a, b in back)


def rehearse_under_uboot(name, failed=0, **machine):
    """No option but its own command line; it ends, and U-Boot goes on."""
    with Machine(name, **UBOOT_PC, **machine) as m:
        m.expect("any key to stop")
        m.serial.send(" ")
        for command in (
            "ide reset",
            "load ide 0:1 0x2000000 EFI/BOOT/BOOTX64.EFI",
            "setenv bootargs rehearse -v",
            "bootefi 0x2000000",
        ):
            m.expect("=> ")
            m.serial.send(command + "\r")
        m.expect(rf"mem9: done checks=\d+ failed={failed} ")
        m.expect(r"firmware has (\d+) pages, free or in use, and had \1\D")
        m.expect("=> ")
    return m.text()


@pytest.mark.matrix
def test_rehearse_under_uboot():
    text = rehearse_under_uboot("rehearse-uboot")
    rehearsed(text)
    assert "Application failed" not in text


# What does not come back, and the line that says so. The sum over all types
# that boot services have to give is the same in either.
NOTBACK = {
    "a-claim": (
        "for (size_t i = 0; i < held.n; i++) {\n\t\tconst Claim",
        "for (size_t i = 1; i < held.n; i++) {\n\t\tconst Claim",
        r"^given back: LoaderData: (\d+) pages, and it was (\d+)",
    ),
    "a-status": (
        "fw.bs->FreePages(c->pa, c->npages);",
        "fw.bs->FreePages(c->pa + (i == 0), c->npages);",
        r"^firmware does not take (\d+) pages at (0x\w+) back: 0x8\w+",
    ),
    "the-list": (
        "\tfwfree(held.claims);\n",
        "",
        r"^given back: LoaderData: (\d+) pages, and it was (\d+)",
    ),
}


@pytest.mark.matrix
@pytest.mark.parametrize("what", NOTBACK)
def test_rehearse_that_does_not_give_all_back_fails(what):
    line, instead, said = NOTBACK[what]
    name = f"rehearse-keeps-{what}"
    with image(name, "efi/rehearse.c", line, instead) as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        text = rehearse_under_uboot(f"wrong-{name}", files=files)
    assert re.search(said, text, re.M)
    assert "Application failed, r = 1" in text


@pytest.mark.matrix
def test_rehearse_with_a_check_that_fails_fails():
    """The users' share is said to be a page larger than it is."""
    line = "conf.upages -= n;"
    with image("rehearse", "mm/conf.c", line, "conf.upages -= n - 1;") as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        text = rehearse_under_uboot("rehearse-check", failed=1, files=files)
    assert "mem9: check name=conf result=failed" in text
    assert "Application failed, r = 1" in text


# Behind the header: a 16550 (type 0), an I/O port (space 1) of 8 bits.
SPCR = struct.pack("<B3xBBBBQ28x", 0, 1, 8, 0, 1, 0x2F0)


def test_the_serial_port_that_acpi_names(tmp_path):
    data = tmp_path / "spcr"
    data.write_bytes(SPCR)
    args = ["-acpitable", f"sig=SPCR,rev=2,data={data}"]
    with Machine("spcr", port=0x2F0, args=args) as m:
        m.run_to_end()
    laws.check(m, Facts(m.text()))


@pytest.mark.matrix
def test_a_serial_port_at_an_address_of_its_own():
    """Not where a PC has one: only console=io, finds it; b115200 for speed."""
    with Machine(
        "console-io",
        ini=("*end=poweroff", "console=io,0x2f0 b115200"),
        port=0x2F0,
    ) as m:
        m.run_to_end()
    laws.check(m, Facts(m.text()))


BUSMASTER, MULTI = 1 << 2, 1 << 23
BRIDGE, DISPLAY, IOMMU = 0x06, 0x03, 0x0806


def config(m, dev, fn, reg):
    """A word of bus 0's configuration, as QEMU reads it."""
    m.monitor(f"o /w 0xcf8 {1 << 31 | dev << 11 | fn << 8 | reg:#x}")
    return int(m.monitor("i /w 0xcfc").split("=")[1].split()[0], 16)


def functions(m):
    """Each of bus 0: name, class and command."""
    for dev in range(32):
        several = config(m, dev, 0, 12) & MULTI
        for fn in range(8 if several else 1):
            kind = config(m, dev, fn, 8) >> 16
            if kind != 0xFFFF:
                yield f"{dev:02x}.{fn}", kind, config(m, dev, fn, 4)


def may_write(kind, command):
    """To memory, though it is nothing that may go on."""
    spared = kind >> 8 in (BRIDGE, DISPLAY) or kind == IOMMU
    return command & BUSMASTER and not spared


def test_bus_masters_are_switched_off_and_an_iommu_is_seen():
    """The stick's controller was one; the firmware drove it. A keyboard there
    is dead, and that is said."""
    usb = ["-device", "intel-iommu", "-device", "ich9-usb-ehci1"]
    ini = ("*end=monitor",)
    with Machine("busmaster", args=usb, ini=ini) as m:
        m.expect(PROMPT)
        m.monitor("stop")
        all = [*functions(m)]
    assert [name for name, *of in all if may_write(*of)] == []
    facts = Facts(m.text())
    laws.check(m, facts)
    line = facts.one("busmaster")
    assert line["off"] > 0 and line["stuck"] == 0 and line["of"] == len(all)
    assert len(line["functions"].split()) == line["off"] <= line["of"]
    assert "a keyboard there is dead" in facts.text
    said = facts.text.index("mem9: busmaster ")
    assert said < facts.text.index("mem9: bank "), "RAM was given out before"
    assert facts.one("iommu") == {
        "table": "DMAR",
        "units": 1,
        "lost": 0,
        "translating": 0,
    }
