"""MTRRs that leave RAM uncached, as a loader before mem9 set them.

QEMU's emulation stores these registers and caches nothing, so what is seen
here is what mem9 makes of them: each range reserved and named, every byte
still counted, and the check. RAM of the machines here is described in
laws.py; below 1 GiB nothing of the firmware's lies where these ranges are.
"""

import re

import pytest

import laws
from facts import PAGE, Facts, Range, shared, total
from faulty import image
from machine import UBOOT, GiB, KiB, Machine, MiB
from test_hostile import boot

UC, WC, WT, WP, WB = 0, 1, 4, 5, 6
VALID = 1 << 11
ON, FIXED = 1 << 11, 1 << 10
WIDTH = 1 << 40  # of qemu64
FREE = 64 * MiB  # RAM that firmware leaves alone, in all machines here
SCREEN = 3 * GiB  # where OVMF puts the framebuffer, on q35


def variable(kind, base, size, n=""):
    """Words for HOSTILE.INI: a variable range; the mask is the size's."""
    mask = -size & (WIDTH - 1) & ~(PAGE - 1)
    return {
        f"mtrrbase{n}": hex(base | kind),
        f"mtrrmask{n}": hex(mask | VALID),
    }


def verdict(facts):
    found = [c for c in facts.all("check") if c["name"] == "mtrr"]
    assert len(found) == 1, facts.all("check")
    return found[0]["result"], found[0].get("detail", "")


def named(facts):
    return [
        (o["base"], o["pages"] * PAGE)
        for o in facts.all("odd")
        if o["kind"] == "mtrr"
    ]


def believed(name, words, ranges, result="ok", **machine):
    """These ranges, (base, size) each, are lost, and nothing else is."""
    m, facts = boot(f"mtrr-{name}", words, **machine)
    assert named(facts) == ranges
    lost = [Range(base, base + size, "") for base, size in ranges]
    reserved = [r for r in facts.memmap() if r.what == "MemReserved"]
    assert shared(lost, reserved) == total(lost)
    assert shared(lost, facts.banks()) == 0
    assert verdict(facts)[0] == result
    ram = facts.one("total")["ram"] + facts.one("total")["acpi"]
    assert verdict(facts)[1] == (
        f"{total(lost) // KiB} of {(ram + total(lost)) // KiB} KiB of RAM"
        " are not write-back"
    )
    failed = {"mtrr"} if result == "failed" else ()
    laws.check(m, facts, clean=False, failed=failed)
    failed = [c["name"] for c in facts.all("check") if c["result"] == "failed"]
    assert failed == (["mtrr"] if result == "failed" else [])
    return facts


def doubted(name, words, why, **machine):
    """Nothing is lost, one line says how much would have been."""
    m, facts = boot(f"mtrr-{name}", words, **machine)
    laws.check(m, facts, clean=False)
    assert verdict(facts) == ("skipped", f"not believed: {why}")
    return named(facts)


@pytest.mark.matrix
def test_stock_firmware():
    """OVMF: all is write-back but for devices, which are from 2 GiB on."""
    with Machine("mtrr-stock") as m:
        m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts)
    assert verdict(facts)[0] == "ok" and named(facts) == []
    windows = [r for r in facts.memmap() if r.what == "MemUPA"]
    assert shared(windows, [Range(2 * GiB, 4 * GiB, "")]) == total(windows) > 0


@pytest.mark.matrix
def test_uboot_is_not_believed():
    """Switched on, of type uncached, and one range for its ROM."""
    with Machine(
        "mtrr-uboot", firmware=UBOOT, machine="pc", disk="ide"
    ) as m:
        m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts)
    assert verdict(facts) == (
        "skipped",
        "not believed: less than half of the RAM would be write-back",
    )
    total_ = facts.one("total")
    assert named(facts) == [(0, total_["ram"] + total_["acpi"])]
    assert {r.what for r in facts.memmap() if r.base == 512 * MiB} == {"MemUPA"}


def test_uncached_ram_is_reserved_and_named():
    believed("uc", variable(UC, FREE, MiB), [(FREE, MiB)])


@pytest.mark.matrix
def test_more_than_a_twentieth_fails_the_check():
    size = 32 * MiB
    believed("lost", variable(UC, FREE, size), [(FREE, size)], "failed")


@pytest.mark.parametrize("kind", [UC, WC, WT, WP])
@pytest.mark.matrix
def test_every_kind_but_write_back_is_lost(kind):
    """They overlap no other range, so that each kind is what it is."""
    believed(f"kind-{kind}", variable(kind, FREE, PAGE), [(FREE, PAGE)])


@pytest.mark.matrix
def test_overlapping_ranges():
    """
    FREE      +1M       +2M                +4M
    [   WB    |    WB   |        WB        )    the first range
              [    WT   )                       the second
    """
    words = {
        **variable(WB, FREE, 4 * MiB),
        **variable(WT, FREE + MiB, MiB, 2),
    }
    believed("overlap", words, [(FREE + MiB, MiB)])


@pytest.mark.matrix
def test_what_the_manual_leaves_undefined_is_lost():
    words = {
        **variable(WB, FREE, 4 * MiB),
        **variable(WC, FREE + MiB, 2 * PAGE, 2),
    }
    believed("undefined", words, [(FREE + MiB, 2 * PAGE)])


@pytest.mark.matrix
def test_a_mask_with_a_hole_is_two_ranges():
    """Bit 24 does not matter: 16 MiB apart."""
    words = variable(UC, FREE, PAGE)
    words["mtrrmask"] = hex(int(words["mtrrmask"], 16) & ~(16 * MiB))
    believed("hole", words, [(FREE, PAGE), (FREE + 16 * MiB, PAGE)])


@pytest.mark.matrix
def test_ranges_above_4g():
    words = {
        **variable(UC, 5 * GiB, 64 * MiB),
        **variable(WT, FREE, MiB, 2),
    }
    believed(
        "high",
        words,
        [(FREE, MiB), (5 * GiB, 64 * MiB)],
        mem="5G",
        cpu="qemu64,phys-bits=40",
    )


@pytest.mark.matrix
def test_a_type_that_changes_within_a_large_page():
    """A page of 2 MiB, or of 1 GiB, would be the direct map's otherwise."""
    believed(
        "within",
        variable(UC, GiB + 5 * PAGE, PAGE),
        [(GiB + 5 * PAGE, PAGE)],
        mem="5G",
        cpu="max,phys-bits=40",
    )


@pytest.mark.matrix
def test_the_block_in_slow_ram():
    """All from 448 MiB on, mem9 itself too: it runs, and two checks say so."""
    m, facts = boot("mtrr-block", variable(UC, 448 * MiB, 64 * MiB))
    laws.check(m, facts, clean=False, failed=("mtrr", "tables"))
    assert shared(laws.block(facts), [Range(448 * MiB, 512 * MiB, "")]) > 0
    failed = [c for c in facts.all("check") if c["result"] == "failed"]
    assert [c["name"] for c in failed] == ["mtrr", "tables"]
    assert re.search(r" direct 0 type [1-9]", failed[1]["detail"])
    assert max(r.end for r in facts.banks()) == 448 * MiB


@pytest.mark.matrix
def test_switched_off():
    lost = doubted("off", {"mtrrdef": WB}, "the MTRRs are off")
    assert lost[0][0] == 0 and lost[0][1] > 400 * MiB


@pytest.mark.matrix
def test_more_than_half_is_not_believed():
    """Default type uncached, and the lower 256 MiB write-back at most."""
    words = {"mtrrdef": ON | FIXED | UC, **variable(WB, 0, 128 * MiB)}
    lost = doubted(
        "half", words, "less than half of the RAM would be write-back"
    )
    assert lost[0][0] == 0 and lost[0][1] > 300 * MiB


@pytest.mark.matrix
def test_no_mtrrs():
    with Machine("mtrr-none", cpu="qemu64,-mtrr") as m:
        m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts, clean=False)
    assert verdict(facts) == ("skipped", "not believed: this CPU has no MTRRs")
    assert named(facts) == [(0, 0)]


# ---- images with one fault: the check fails, and no other ----


def fails(name, file, line, instead, why, words, **machine):
    with image(f"mtrr-{name}", file, line, instead) as efi:
        m, facts = boot(f"wrong-mtrr-{name}", words, target=efi, **machine)
    laws.ended(m, facts, failed={"mtrr"})
    assert why in verdict(facts)[1]


# The machine as OVMF leaves it, but uncached unless a range says otherwise,
# and with a part of the screen write-combining: half of a large page.
HALF_A_SCREEN = {
    "mtrrnone": 1,
    "mtrrdef": ON | FIXED | UC,
    **variable(WB, 0, 512 * MiB),
    **variable(WC, SCREEN + MiB, MiB, 2),
}


@pytest.mark.matrix
def test_a_device_of_two_types_is_mapped_by_small_pages():
    facts = believed("screen", HALF_A_SCREEN, [])
    assert verdict(facts)[0] == "ok"


@pytest.mark.matrix
def test_a_page_that_spans_two_types_is_found():
    fails(
        "screen",
        "arch/amd64/mmu.c",
        "size = MIN(size, alike(s, PTEADDR(pte)));",
        "(void)alike;",
        "1 pages are cached in two ways",
        HALF_A_SCREEN,
    )


# ---- registers that are not there ----


@pytest.mark.matrix
@pytest.mark.parametrize(
    "line, result",
    [
        ("m->cap = rdmsr(MSRMTRRCAP)", "skipped"),
        ("m->tom2 = rdmsr(MSRTOPMEM2)", "ok"),
    ],
)
def test_a_register_that_faults(line, result):
    """QEMU answers for any: here another fault stands for the missing one."""
    name = f"mtrr-faults-{result}"
    instead = line.split("=")[0] + "= *(volatile uint64_t *)8"
    with image(name, "arch/amd64/mtrrread.c", line, instead) as efi:
        with Machine(name, files={"EFI/BOOT/BOOTX64.EFI": efi}) as m:
            m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts, clean=False)
    assert verdict(facts)[0] == result
    if result == "skipped":
        assert "reading the MTRRs faults" in verdict(facts)[1]
