"""mem9 as a command of the UEFI shell: it comes back, and says a code."""

import csv
import re
import subprocess

import pytest

import laws
import test_audit
from facts import PAGE, Facts
from faulty import image
from machine import HOLE, HOSTILE, ROOT, SHELL, Machine
from readers import MOVING

SCRIPT = """\
@echo -off
fs0:
{commands}
reset -s
"""
NOT_FOUND = "0xE"
INVALID_PARAMETER = "0x2"  # SHELL_STATUS
DEVICE_ERROR = "0x7"

# The columns of memmap's -sfo summary that hold one type each (edk2, Shell,
# MemMap.c), by mem9's names.
SUMMARY = (
    "total ReservedMemoryType BootServicesCode BootServicesData "
    "RuntimeServicesCode RuntimeServicesData LoaderCode LoaderData "
    "ConventionalMemory MemoryMappedIO MemoryMappedIOPortSpace "
    "UnusableMemory ACPIReclaimMemory ACPIMemoryNVS PalCode"
).split()


def shell(tmp_path, name, *commands, files=(), **machine):
    """Run the commands in the shell; a function that reads their files."""
    script = tmp_path / "startup.nsh"
    script.write_text(SCRIPT.format(commands="\n".join(commands)))
    files = {"STARTUP.NSH": script, **dict(files)}
    with Machine(name, start=SHELL, files=files, **machine) as m:
        m.hurry_shell()
        m.run_to_end()
        volume = (m.work / "stick.img").read_bytes()[1 << 20 :]
    assert m.shutdown_reason == "guest-shutdown"
    (tmp_path / "volume").write_bytes(volume)

    def read(path):
        return subprocess.run(
            ["mtype", "-i", tmp_path / "volume", f"::/{path}"],
            check=True,
            capture_output=True,
        ).stdout.decode("ascii")

    return read


def test_map_agrees_with_the_shells_own(tmp_path):
    """The same machine through the eyes of memmap, type by type."""
    read = shell(
        tmp_path,
        "shell-map",
        "memmap -sfo >a memmap.txt",
        "mem9.efi -v map >a map.txt",
        "echo %lasterror% >a code.txt",
        "mem9.efi map -a >a table.txt",
        "mem9.efi map >a folded.txt",
        "mem9.efi map -sfo >a sfo.txt",
        "mem9.efi map -sfo -v >a sfov.txt",
        "mem9.efi e820 >a e820.txt",
        "echo %lasterror% >>a code.txt",
        *test_audit.COMMANDS,
        "mem9.efi map -a >a after.txt",
        "mem9.efi map -v > wide.txt",
        "mem9.efi diff memmap.txt >a diff.txt",
        "echo %lasterror% >>a code.txt",
        "mem9.efi -v diff fs0:\\wide.txt >>a diff.txt",
        "echo %lasterror% >>a code.txt",
        "mem9.efi diff code.txt >>a diff.txt",
        "echo %lasterror% >>a code.txt",
    )
    codes = ["0x0"] * 4 + [INVALID_PARAMETER]
    assert read("code.txt").split() == codes, read("diff.txt")
    assert read("diff.txt").count("The maps are the same") == 2
    assert "mem9: diffed linux=equal" in read("diff.txt")
    assert "mem9: code.txt:4: no memory map found" in read("diff.txt")
    facts = Facts(read("map.txt"))
    table_is_the_map(read("table.txt"), facts)
    audit = test_audit.audit_in_the_shell(read)
    test_audit.verdicts(audit, test_audit.OVMF_FAILS, test_audit.OVMF_SKIPS)
    table_is_the_map(read("after.txt"), Facts(audit))
    folded_is_the_table(read("folded.txt"), read("table.txt"))
    lines_are_the_shells(read("sfo.txt"), read("memmap.txt"))
    lines_say_what_for(read("sfov.txt"), read("sfo.txt"), facts)
    line_is_the_map(read("e820.txt"), facts)
    rows = csv.reader(read("memmap.txt").splitlines())
    summary = next(row for row in rows if row[0] == "MemoryMapSummary")
    theirs = {k: int(v) for k, v in zip(SUMMARY, summary[1:])}
    ours = {name: 0 for name in SUMMARY}
    for d in Facts(read("map.txt")).all("efi"):
        ours[d["type"]] += d["pages"] * PAGE
    assert sum(ours.values()) > 0
    for name in set(SUMMARY) - MOVING - {"total"}:
        assert ours[name] == theirs[name], name
    assert sum(ours[k] for k in MOVING) == sum(theirs[k] for k in MOVING)


SHORT = {
    "Reserved": "ReservedMemoryType",
    "RT_Code": "RuntimeServicesCode",
    "RT_Data": "RuntimeServicesData",
    "ACPI_Recl": "ACPIReclaimMemory",
    "ACPI_NVS": "ACPIMemoryNVS",
    "MMIO": "MemoryMappedIO",
}
ROW = re.compile(
    r"^(\S+) +([0-9A-F]{16})-([0-9A-F]{16}) +([0-9A-F]+) +([0-9.]+) ([KMGT])B"
    r"(?: +(\d+))?(?: +([A-Z]\w+)(?: (\S+))?)?\r?$", re.M
)
SUM = re.compile(r"^ +([0-9A-F]+) +([0-9.]+) ([KMGT])B  (.*?)\r?$", re.M)


def cut(size, n, unit):
    """Whether this is the size, as far as the figures go."""
    one = 2 ** (10 + 10 * "KMGT".index(unit))
    step = 0.1 if float(n) < 100 else 1
    return 0 <= size / one - float(n) < step


def ranges(text):
    """Of the rows: name, base, end, what it becomes, descriptors."""
    for name, base, last, pages, n, unit, ndesc, kind, _ in ROW.findall(text):
        base, end = int(base, 16), int(last, 16) + 1
        assert end - base == int(pages, 16) * PAGE
        assert cut(end - base, n, unit), (name, n, unit)
        yield name, base, end, kind, int(ndesc or bool(kind))


def table_is_the_map(text, facts):
    """Each row, but for those that starting mem9 moved; and the totals."""
    rows = {base: (name, end, kind)
            for name, base, end, kind, _ in ranges(text)}
    assert len(rows) > 20 and list(rows) == sorted(rows)
    for d in facts.all("efi"):
        if d["type"] not in MOVING:
            name, end, kind = rows[d["base"]]
            assert SHORT[name] == d["type"]
            assert end == d["base"] + d["pages"] * PAGE
            assert "Mem" + kind == d["as"]
    sums = {}
    for pages, n, unit, what in SUM.findall(text):
        assert cut(int(pages, 16) * PAGE, n, unit)
        sums[what] = int(pages, 16) * PAGE
    for kind in "RAM", "ACPI", "Reserved":
        assert sums[kind] == sum(
            end - base for _, base, end, k, _ in ranges(text) if k == kind)
    rest = next(v for k, v in sums.items() if k.startswith("in no range"))
    memory = sum(
        d["pages"] * PAGE for d in facts.all("efi") if d["attr"] & 8)
    assert sums["memory in the map"] == memory
    assert memory + rest == sums["installed, by SMBIOS"]
    assert sums["installed, by SMBIOS"] == 512 << 20


def folded_is_the_table(text, table):
    """Page for page the same use and holes, in fewer rows; 80 columns."""
    few, many = list(ranges(text)), list(ranges(table))
    assert len(few) * 3 < len(many)
    assert sum(n for *_, n in few) == sum(n for *_, n in many)
    i = 0
    for _, base, end, kind, n in few:
        while base < end:
            assert many[i][1] == base and many[i][3] == kind
            base = many[i][2]
            i += 1
        assert base == end
    assert i == len(many)
    assert max(len(line.rstrip()) for line in text.splitlines()) < 80


# What starting mem9 does not move.
STILL = ("Reserved", "RuntimeCode", "RuntimeData", "ACPIReclaimMemory",
         "ACPIMemoryNVS", "MemoryMappedIO")


def lines_are_the_shells(ours, theirs):
    """By the byte but for what starting mem9 moved; that in its sum."""
    still = [[line for line in text.splitlines()
              if line.split(",")[1].strip('"') in ("memmap", *STILL)]
             for text in (ours, theirs)]
    assert still[0] == still[1] and len(still[0]) > 8
    form = [re.sub(r"\w+", "x", text.splitlines()[-1])
            for text in (ours, theirs)]
    assert form[0] == form[1]
    sums = [dict(zip(SUMMARY, map(int, row[1:]))) for text in (ours, theirs)
            for row in csv.reader([text.splitlines()[-1]])]
    for name in set(SUMMARY) - MOVING:
        assert sums[0][name] == sums[1][name], name
    assert sum(sums[0][k] for k in MOVING) == sum(sums[1][k] for k in MOVING)


def lines_say_what_for(text, plain, facts):
    """With -v a column `as' behind each row of memory, and the same rows but
    for those that starting mem9 moves; the other lines are as without."""
    rows, rest = [], []
    for row in csv.reader(text.splitlines()):
        (rows if row[0] == "MemoryMap" else rest).append(row)
    assert all(len(row) == 7 for row in rows) and len(rows) > 20
    without = list(csv.reader(plain.splitlines()))
    still = [row for row in without if row[0] == "MemoryMap"
             and row[1] in STILL]
    assert [row[:6] for row in rows if row[1] in STILL] == still
    assert [row[0] for row in rest] == [
        row[0] for row in without if row[0] != "MemoryMap"]
    becomes = {d["base"]: d["as"] for d in facts.all("efi")
               if d["type"] not in MOVING}
    assert becomes and all(
        row[6] == becomes[int(row[2], 16)] for row in rows if row[1] in STILL)


def line_is_the_map(text, facts):
    """*e820= of plan9.ini: TYPE START END, what is usable as type 1."""
    words = text.split("=", 1)[1].split()
    spans = [
        (words[i], int(words[i + 1], 16), int(words[i + 2], 16))
        for i in range(0, len(words) - 2, 3)
    ]
    usable = sum(end - base for kind, base, end in spans if kind == "1")
    ram = sum(
        d["pages"] * PAGE for d in facts.all("efi") if d["as"] == "MemRAM"
    )
    assert len(spans) > 3 and abs(usable - ram) < 2**22, text
    for d in facts.all("efi"):
        if d["type"].startswith("ACPI") or d["type"].startswith("Runtime"):
            base, end = d["base"], d["base"] + d["pages"] * PAGE
            assert not [s for s in spans if s[0] == "1" and s[1] < end and base < s[2]]


def test_map_describes_all_ram(tmp_path):
    read = shell(tmp_path, "shell-map-ram", "mem9.efi -v map >a map.txt")
    facts = Facts(read("map.txt"))
    machine = Machine("as-in-shell")
    found = laws.shared(facts.efi(), laws.ram_of(machine))
    assert found == machine.mem - HOLE.size


def reports_are_written(read):
    """By -o, with what was printed, and by a command of its own."""
    mine, printed = read("mine.txt"), read("map.txt")
    assert mine.startswith("mem9: report version=")
    table, said = printed.split("mem9: report ")[0].split("report: ")[:2]
    assert table in mine and "it is in \\mine.txt" in said
    assert len(Facts(mine).efi()) == Facts(mine).one("start")["descriptors"]
    assert "it is not mem9's" in read("foreign.txt")
    assert "it is in \\MEM9.TXT" in read("said.txt")
    assert Facts(read("MEM9.TXT")).one("start")["command"] == "report"


def test_help_and_wrong_words_have_codes(tmp_path):
    read = shell(
        tmp_path,
        "shell-words",
        "mem9.efi -h >a help.txt",
        "echo %lasterror% >>a codes.txt",
        "mem9.efi nonsense >a wrong.txt",
        "echo %lasterror% >>a codes.txt",
        "mem9.efi map *maxmem=lots >a value.txt",
        "echo %lasterror% >>a codes.txt",
        "mem9.efi map -o mine.txt >a map.txt",
        "echo %lasterror% >>a codes.txt",
        "mem9.efi map -o help.txt >a foreign.txt",
        "echo %lasterror% >>a codes.txt",
        "mem9.efi report >a said.txt",
        "echo %lasterror% >>a codes.txt",
    )
    codes = read("codes.txt").split()
    assert codes[:3] == ["0x0", INVALID_PARAMETER, INVALID_PARAMETER]
    assert codes[3:] == ["0x0", DEVICE_ERROR, "0x0"]
    reports_are_written(read)
    lines = read("help.txt").splitlines()
    assert len(lines) <= 23 and max(map(len, lines)) < 80  # of 25 by 80
    for word in ("boot", "map", "-h -a"):
        assert word in read("help.txt")
    assert "nonsense" in read("wrong.txt")
    assert "*maxmem" in read("value.txt")


@pytest.mark.matrix
def test_startup_says_what_came_back():
    """With a program in mem9's place that finds nothing and returns."""
    with Machine(
        "shell-code", start=SHELL, files={"MEM9.EFI": HOSTILE}
    ) as m:
        m.hurry_shell()
        m.expect(f"startup.nsh: mem9 returned rc={NOT_FOUND}")


UNSUPPORTED, ABORTED = "0x3", "0x15"
GUEST = "enum guest g = guest();"


def test_a_boot_that_nobody_would_hear_of_is_refused(tmp_path):
    """Neither screen nor serial port: twice, as all memory was given back."""
    read = shell(
        tmp_path,
        "shell-speechless",
        "mem9.efi boot console=off *bootscreen=off >a first.txt",
        "echo %lasterror% >>a codes.txt",
        "mem9.efi boot console=io,0x1234 *bootscreen=off >a second.txt",
        "echo %lasterror% >>a codes.txt",
    )
    assert read("codes.txt").split() == [UNSUPPORTED, UNSUPPORTED]
    for name in ("first.txt", "second.txt"):
        assert "no serial port" in read(name)


def wrong(tmp_path, name, instead):
    """What an image with that in place of asking the CPU says in the shell."""
    with image(name, "efi/leave.c", GUEST, instead) as efi:
        read = shell(
            tmp_path,
            f"shell-{name}",
            "mem9.efi boot >a out.txt",
            "echo %lasterror% >>a codes.txt",
            files={"MEM9.EFI": efi},
        )
    return read("codes.txt").split(), read("out.txt")


def test_a_panic_while_firmware_lives_returns_to_it(tmp_path):
    codes, said = wrong(
        tmp_path, "panics", f'{GUEST}\n\tpanic("%s", "on purpose");'
    )
    assert codes == [ABORTED]
    assert "panic: encrypted: on purpose" in said
    assert "back to firmware" in said


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ["SEV", "TDX"])
def test_an_encrypted_guest_is_refused(tmp_path, kind):
    codes, said = wrong(tmp_path, kind, f"enum guest g = GUEST{kind};")
    assert codes == [UNSUPPORTED]
    assert f"encrypted ({kind})" in said


MAN = ROOT / "tools/mem9.man"


def test_the_shells_help_is_the_man_page(tmp_path):
    """`mem9 -?' and `help mem9' show it, and it has what -h -a names."""
    read = shell(
        tmp_path,
        "shell-help",
        "mem9 -? >a asked.txt",
        "help mem9 -verbose >a help.txt",
        "mem9.efi -h -a >a usage.txt",
        files={"MEM9.MAN": MAN},
    )
    page = MAN.read_text()
    sections = re.split(r"^\.SH (\w+)\n", page, flags=re.M)[1:]
    said = " ".join(read("help.txt").split())
    for name, text in zip(sections[::2], sections[1::2]):
        assert " ".join(text.split()) in said, name
    assert read("asked.txt").split()[:3] == ["A", "PC's", "memory,"]
    assert max(len(line) for line in page.splitlines()) < 80
    words = set(re.findall(r"\*\w+(?==)|\bumbexclude(?==)|\bconsole(?==)|"
                           r"(?<=\s)-\w+|^\w+(?=  )",
                           read("usage.txt"), re.M)) - {"SIZE"}
    assert len(words) > 20
    for word in words:
        line = rf"^  {re.escape(word)}(?![\w-])"
        assert re.search(line, page, re.M), word
    for line in re.findall(r"^  ([*\w]+)=", page, re.M):
        assert line in words, line
