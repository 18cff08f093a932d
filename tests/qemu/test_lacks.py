"""mem9 where firmware lacks what others have, or is strict with what it gives.

As in test_hostile.py, a loader tells the lies (tests/qemu/hostile).
"""

import pytest

import laws
from facts import Facts
from machine import PROMPT
from screen import Picture, read
from test_hostile import Hostile, behaved, boot, prompted

pytestmark = pytest.mark.matrix

HIGH, SHORT = 7, 8
HIGHBASE = 0x108000000  # hostilegop.c


def in_memory(m, base):
    """A framebuffer of 32-bit pixels at base, as wide as QEMU's card has it."""
    picture = Picture(m.screendump(m.work / "card.ppm"))
    size = 4 * picture.width * picture.height
    pixels = m.work / "pixels"
    assert m.monitor(f'pmemsave {base:#x} {size} "{pixels}"') == ""
    bgrx = pixels.read_bytes()
    rgb = bytearray(3 * picture.width * picture.height)
    rgb[0::3], rgb[1::3], rgb[2::3] = bgrx[2::4], bgrx[1::4], bgrx[0::4]
    path = m.work / "high.ppm"
    head = f"P6\n{picture.width} {picture.height}\n255\n"
    path.write_bytes(head.encode() + rgb)
    return read(path)


def test_framebuffer_above_4_gib():
    """In RAM that firmware reserved there: what is drawn is read from it."""
    ini = ("*end=monitor",)
    with Hostile("gop-high", {"gop": HIGH}, ini=ini, mem="5G") as m:
        m.expect(PROMPT)
        m.wait_until(
            lambda: any(s.startswith("mem9>") for s in in_memory(m, HIGHBASE)),
            "no prompt in memory",
        )
        lines = in_memory(m, HIGHBASE)
        m.serial.send("poweroff\r")
        m.run_to_end()
    behaved(m)
    assert any("PASS: nothing failed" in line for line in lines)
    laws.check(m, Facts(m.text()))


def test_framebuffer_with_less_memory_than_lines():
    """What there is of it is a smaller screen; below that nothing is drawn."""
    m, lines = prompted("gop-short", SHORT)
    upper, lower = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    assert any("PASS: nothing failed" in line for line in upper)
    # There is what firmware has drawn: its logo, no text.
    assert not any(c.isalnum() for line in lower for c in line)
    laws.check(m, Facts(m.text()))


@pytest.mark.parametrize("smp", [1, 2])
def test_memory_has_no_more_rights_than_it_needs(smp):
    """Sections as their headers say, data and stack not to be run, and a
    stack of 128 KiB, which is all that the specification promises."""
    words = {"nx": 1, "stack": 128 << 10}
    m, facts = boot(f"nx-{smp}", words, smp=smp)
    assert m.said.count("hostile: section") > 4
    for what in ("data", "stack"):
        assert f"hostile: {what} there 1 noexec 1\n" in m.said
    assert "write 1 run 1" not in m.said and "write 0 run 1" in m.said
    laws.check(m, facts)


WITHOUT = {
    "acpi": {"noacpi": 1},
    "smbios": {"nosmbios": 1},
    "rsdt": {"rsdp": 1},
    "xsdt": {"rsdp": 2},
}


@pytest.mark.parametrize("what", WITHOUT)
def test_without_a_table(what):
    """Without ACPI nothing tells of other CPUs."""
    smp = 1 if what == "acpi" else 2
    m, facts = boot(f"without-{what}", WITHOUT[what], smp=smp)
    laws.check(m, facts)
