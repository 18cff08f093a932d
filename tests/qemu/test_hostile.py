"""mem9 under firmware that lies (tests/qemu/hostile): the worst of real
boards, which stock firmware cannot show.

Every scenario also shows that mem9 called nothing that is forbidden after a
first ExitBootServices, and switched the watchdog off before it.
"""

import re

import pytest

import laws
from facts import PAGE, Facts, Range, shared, total
from machine import COUNTED, HOSTILE, IMAGE, OVMF, PROMPT, UBOOT, Machine
from screen import UNKNOWN

# The specification's numbers, for HOSTILE.INI's word `type'.
PERSISTENT, UNACCEPTED, OEM, OS = 14, 15, 0x70000001, 0x80000001
SMEP_SMAP_UMIP = 1 << 20 | 1 << 21 | 1 << 11
NO_GOP, BLT_ONLY, LONG_LINES, MASKS, SWAPPED, RGB565 = range(1, 7)
CARVED = 16 * PAGE
MATRIX = pytest.mark.matrix


class Hostile(Machine):
    def __init__(
        self, name, words, ini=("*end=poweroff",), target=IMAGE, **machine
    ):
        super().__init__(f"hostile-{name}", ini=ini, **machine)
        self.words = words
        self.target = target

    def _stick(self):
        lies = self.work / "hostile.ini"
        lies.write_text("".join(f"{k}={v}\n" for k, v in self.words.items()))
        ini = self.work / "mem9.ini"
        self.files = {
            "EFI/BOOT/BOOTX64.EFI": HOSTILE,
            "EFI/BOOT/MEM9.INI": "/dev/null",
            "TARGET.EFI": self.target,
            "MEM9.INI": ini,
            "HOSTILE.INI": lies,
        }
        self.said_to = self.work / "debugcon"
        self.args += ["-debugcon", f"file:{self.said_to}"]
        return super()._stick()

    def __exit__(self, *failure):
        self.said = self.said_to.read_text(errors="replace")
        print(self.said)
        super().__exit__(*failure)


def boot(name, words, **machine):
    with Hostile(name, words, **machine) as m:
        m.run_to_end()
    behaved(m)
    way = "reset" if "*end=reset" in m.ini else "shutdown"
    assert m.shutdown_reason == f"guest-{way}"
    return m, Facts(m.text())


def behaved(m, left=True):
    assert "hostile: start" in m.said
    assert ("hostile: exit" in m.said) == left, m.said
    for wrong in ("forbidden", "watchdog", "unknown", "no ", "map full"):
        assert f"hostile: {wrong}" not in m.said, m.said


def odd(facts, kind):
    found = [o for o in facts.all("odd") if o["kind"] == kind]
    assert found, f"no `odd kind={kind}': {facts.all('odd')}"
    return found


FIRMWARE = {
    OVMF: {},
    UBOOT: {"firmware": UBOOT, "machine": "pc", "disk": "ide"},
}
QUICK = {
    # A map in another shape, after refusals that each make it longer.
    "stride-56-refused-3": {
        "stride": 56,
        "refuse": 3,
        "grow": 16,
        "reverse": 1,
    },
}
WHOLE = {
    # Lies that keep the total: every byte can still be counted.
    "nothing": {},
    "stride-40": {"stride": 40},
    "stride-64": {"stride": 64},
    "reverse": {"reverse": 1},
    "holes-400": {"holes": 400},
    "holes-4000": {"holes": 4000},
    "split-200": {"split": 200},
    "split-4000": {"split": 4000},
    "refused-1": {"refuse": 1},
    "refused-2": {"refuse": 2, "grow": 16},
    "refused-20": {"refuse": 20, "grow": 16},
    "refused-63": {"refuse": 63, "grow": 16},
    "zero-length": {"zero": 1},
    "persistent": {"type": PERSISTENT},
    "unaccepted": {"type": UNACCEPTED},
    "oem-type": {"type": OEM},
    "os-type": {"type": OS},
    "special-purpose": {"sp": 1},
    "not-cacheable": {"nowb": 1},
    "runtime-attribute": {"runtime": 1},
    "runtime-without-attribute": {"rtnoattr": 1},
    "junk-options-7": {"junk": 7},
    "junk-options-200": {"junk": 200},
}


def check_whole(name, words, firmware):
    m, facts = boot(f"{name}-{firmware}", words, **FIRMWARE[firmware])
    said = ["mem9: load options are no text: ignored"] * ("junk" in words)
    laws.check(m, facts, clean=False, notes=said)
    assert facts.one("exit")["tries"] == 1 + words.get("refuse", 0)
    if "stride" in words:
        assert facts.one("start")["stride"] == words["stride"]


@pytest.mark.parametrize("name", QUICK)
def test_lies(name):
    check_whole(name, QUICK[name], OVMF)


@pytest.mark.matrix
@pytest.mark.parametrize("firmware", FIRMWARE)
@pytest.mark.parametrize("name", WHOLE)
def test_lies_that_keep_the_total(name, firmware):
    check_whole(name, WHOLE[name], firmware)


UNWORD = "unknown command: ignored"
UNKEY = "unknown option: ignored"
LOADOPTIONS = {
    # HOSTILE.INI's word `options': all that is said of them, and whether
    # `*nswap=7' among them is obeyed.
    "odd": (1, ["load options are no text: ignored"], False),
    "without-an-end": (2, [f"x: {UNWORD}"], True),
    "a-kernels": (
        3,
        [
            f"BOOT_IMAGE=/vmlinuz: {UNKEY}",
            f"root=LABEL=a,b: {UNKEY}",
            f"ro: {UNWORD}",
            f"quiet: {UNWORD}",
        ],
        True,
    ),
    "marked": (4, [], True),
    "64-kib": (
        5,
        8 * [f"x: {UNWORD}"] + ["load options: 16371 more words: ignored"],
        True,
    ),
    "a-size-alone": (6, [], False),
}


@pytest.mark.matrix
@pytest.mark.parametrize("name", LOADOPTIONS)
def test_load_options(name):
    """Of boot managers and loaders: nobody is there to mend them. It is all
    said on firmware's console, and once more from mem9's own log."""
    word, said, obeyed = LOADOPTIONS[name]
    m, facts = boot(f"options-{name}", {"options": word})
    laws.ended(m, facts)
    assert facts.unread == 2 * [f"mem9: {line}" for line in said]
    assert facts.one("conf")["swap"] == (7 * PAGE if obeyed else 0)


def test_a_stride_that_changes_is_no_map():
    """After a refusal, once: that map is not left with, but the next one."""
    words = {"refuse": 1, "restride": 1}
    m, facts = boot("restride", words, **COUNTED)
    laws.check(m, facts, clean=False)
    assert facts.one("exit")["tries"] == 3


@pytest.mark.matrix
@pytest.mark.parametrize(
    "word, kind", [("zero", "zero"), ("wrap", "wrap"), ("width", "width")]
)
def test_impossible_entry_is_dropped_and_named(word, kind):
    m, facts = boot(f"odd-{word}", {word: 1})
    odd(facts, kind)
    laws.ended(m, facts)
    laws.every_byte_is_accounted_for(m, facts)
    ram = [r for r in facts.memmap() if r.what == "MemRAM"]
    assert shared(ram, laws.ram_of(m)) == total(ram)


@pytest.mark.matrix
def test_nested_reserved_page_stays_reserved():
    m, facts = boot("nested", {"nested": 1})
    laws.ended(m, facts)
    page = [
        Range(r.base, r.end, r.what)
        for r in facts.efi()
        if r.what.startswith("Reserved") and r.size == PAGE
    ]
    assert page
    for kind in ("MemRAM", "MemACPI"):
        kept = [r for r in facts.memmap() if r.what == kind]
        assert shared(page, kept) == 0
    assert shared(page, facts.banks()) == 0


@pytest.mark.matrix
def test_ram_described_twice_is_used_once():
    m, facts = boot("overlap", {"overlap": 1})
    laws.ended(m, facts)
    banks = sorted(facts.banks())
    assert all(a.end <= b.base for a, b in zip(banks, banks[1:]))
    laws.conf_adds_up(m, facts)


PHANTOM = 8 << 30
PHANTOMSIZE = 16 << 20


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(PHANTOM, marks=MATRIX),
        PHANTOM + (1 << 20) + PAGE,
    ],
)
@pytest.mark.parametrize(
    "checks", ["quick", pytest.param("full", marks=MATRIX)]
)
def test_ram_that_is_not_there_is_a_failed_check(checks, at):
    """16 MiB where this machine has nothing: where, to the page, and how
    much, in every line that counts memory; and the machine goes on."""
    ini = ("*end=poweroff", f"*checks={checks}")
    m, facts = boot(f"phantom-{checks}-{at:x}", {"phantom": at}, ini=ini)
    laws.ended(m, facts, failed={"ram"})
    missing = Range(at, at + PHANTOMSIZE, "")
    ram = laws.check_of(facts, "ram")["detail"]
    assert ram.endswith(
        f" {PHANTOMSIZE // 2**10} KiB bad or missing:"
        f" {missing.base:#x}-{missing.end:#x}"
    )
    laws.ram_was_tried(m, facts, checks)
    assert facts.one("palloc")["quarantined"] == PHANTOMSIZE // PAGE
    assert facts.bad() == PHANTOMSIZE
    (said,) = odd(facts, "bad")
    assert (said["base"], said["pages"]) == (at, PHANTOMSIZE // PAGE)
    # The map and the banks are those of the machine without it.
    claimed = [r for r in facts.efi() if shared([r], [missing])]
    assert [(r.base, r.end) for r in claimed] == [missing[:2]]
    for kept in (
        [r for r in facts.memmap() if r.what == "MemRAM"],
        facts.banks(),
    ):
        assert shared(kept, [missing]) == 0
    laws.check(m, facts, clean=False, failed={"ram"})


@pytest.mark.matrix
def test_all_lies_at_once():
    words = {
        **{w: 1 for w in "zero wrap width nested overlap sp nowb".split()},
        **{w: 1 for w in "runtime rtnoattr reverse".split()},
        "type": OEM,
        "stride": 56,
        "refuse": 2,
        "grow": 16,
        "junk": 7,
    }
    m, facts = boot("all", words)
    laws.ended(m, facts)
    for kind in ("zero", "wrap", "width"):
        odd(facts, kind)
    ram = [r for r in facts.memmap() if r.what == "MemRAM"]
    assert shared(ram, laws.ram_of(m)) == total(ram)


@pytest.mark.matrix
@pytest.mark.parametrize("refuse", [64, 200])
def test_firmware_that_never_lets_go(refuse):
    """After 64 refusals: the reason, on both devices, and a full stop."""
    with Hostile(f"refused-{refuse}", {"refuse": refuse}) as m:
        lines = m.wait_screen(
            lambda lines: any("ExitBootServices" in line for line in lines)
        )
        assert not any(UNKNOWN in line for line in lines if "Exit" in line)
        m.wait_screen(lambda _: "HLT=1" in m.monitor("info registers"))
        assert "ExitBootServices" in m.text()
    behaved(m, left=False)
    assert m.said.count("hostile: refused") == 64


@pytest.mark.matrix
def test_descriptors_too_short_to_be_any():
    """Refused before anything is done: back to the firmware."""
    with Hostile("stride-32", {"stride": 32}) as m:
        m.expect(r"mem9: [^\n]*32")
        m.wait_screen(lambda _: "target returned" in m.said_to.read_text())
    behaved(m, left=False)


@pytest.mark.matrix
def test_cpu_features_left_on():
    m, facts = boot("cr4", {"cr4": SMEP_SMAP_UMIP}, cpu="max")
    laws.check(m, facts)


@pytest.mark.matrix
def test_five_levels_of_page_tables():
    """On before mem9 starts: it stays so, and the top half of 57 bits is
    not the lower half's end of 48."""
    m, facts = boot("la57", {"la57": 1}, cpu="max,la57=on")
    assert "levels 5" in m.said
    laws.check(m, facts, clean=False)
    assert facts.one("paging")["levels"] == 5
    caught = laws.check_of(facts, "address")["detail"]
    assert caught == "vector 13 error 0x0"


@pytest.mark.matrix
@pytest.mark.parametrize("gop", [NO_GOP, BLT_ONLY])
def test_no_framebuffer(gop):
    m, facts = boot(f"gop-{gop}", {"gop": gop})
    laws.check(m, facts)


def prompted(name, gop):
    """A machine with such a screen, off again, and what that showed at last."""
    with Hostile(name, {"gop": gop}, ini=("*end=monitor",)) as m:
        m.expect(PROMPT)
        lines = m.wait_screen(
            lambda lines: any(line.startswith("mem9>") for line in lines)
        )
        m.serial.send("poweroff\r")
        m.run_to_end()
    behaved(m)
    return m, lines


@pytest.mark.matrix
@pytest.mark.parametrize("gop", [LONG_LINES, MASKS, SWAPPED, RGB565])
def test_framebuffer_of_another_kind(gop):
    """What is drawn is read back from the screen to the letter."""
    m, lines = prompted(f"gop-{gop}", gop)
    assert any("PASS: nothing failed" in line for line in lines)
    laws.check(m, Facts(m.text()))


@pytest.mark.matrix
def test_reset_that_returns():
    """There are other ways to switch a machine off than the firmware's, and
    to reset it."""
    for end in "shutdown", "reset":
        ini = (f"*end={end.replace('shutdown', 'poweroff')}",)
        m, facts = boot(f"noreset-{end}", {"noreset": 1}, ini=ini)
        laws.ended(m, facts)


@pytest.mark.matrix
def test_a_stall_that_takes_too_long():
    """The rate of the time stamp counter is the best of a few tries: by
    QEMU's clock 1 GHz, however long the others take."""
    for name, times in ("quick", 1), ("slow", 8):
        _, facts = boot(f"stall-{name}", {"stall": times}, **COUNTED)
        assert 0.95e9 < facts.one("cycles")["hz"] < 1.1e9


NO_TABLE, NO_RUN = 1, 2
IN_CODE, IN_DATA = 1, 2
UNSUPPORTED = "GetTime says 0x8000000000000003"
SERVICES = {
    # Code in memory for data, which no attributes table speaks of.
    "in-data": {"gettime": IN_DATA, "rtattr": NO_TABLE},
    # A device larger than any flash, in a hole of QEMU's q35.
    "large-device": {"gettime": IN_CODE, "rtmmio": 512 << 30, "rtattr": NO_TABLE},
    # By firmware's own table its services may not be run.
    "not-to-be-run": {"gettime": IN_CODE, "rtattr": NO_RUN},
}


@pytest.mark.matrix
def test_a_clock_that_is_broken_has_answered():
    m, facts = boot("services-broken", {"gettime": 3})
    laws.ended(m, facts)
    said = laws.check_of(facts, "services")["detail"]
    assert said == "GetTime says 0x8000000000000007"


@pytest.mark.matrix
def test_the_time_is_written_where_it_may_be():
    """At a multiple of what the largest member of EFI_TIME asks for."""
    m, facts = boot("services-where", {"gettime": 4})
    laws.ended(m, facts)
    said = laws.check_of(facts, "services")["detail"]
    where = int(re.fullmatch(r"GetTime says (0x[0-9a-f]+)", said)[1], 16)
    assert where != 0 and where % 4 == 0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "not-to-be-run" else MATRIX)
        for name in SERVICES
    ],
)
def test_services_of_another_kind(name):
    m, facts = boot(f"services-{name}", SERVICES[name])
    laws.ended(m, facts)
    assert f'name=services result=ok detail="{UNSUPPORTED}' in m.text()
    assert "runtime: " not in m.text(), "something is not mapped"
    ignored = facts.all("service")
    if SERVICES[name].get("rtattr") == NO_RUN:
        assert len(ignored) == 1 and ignored[0]["faults"] == 1
        assert ignored[0]["vector"] == 14
        assert ignored[0]["pc"] == ignored[0]["address"]
    else:
        assert not ignored
