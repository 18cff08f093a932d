"""What is asked for by options and in the monitor, on the quickest machine.

Its times are its own (machine.COUNTED), so that a boot takes a second or two.
"""

import re

import pytest

import laws
from facts import PAGE, Facts
from machine import COUNTED, PROMPT, Machine
from test_monitor import COMMANDS, ask, at_prompt

STAY = ("*end=monitor", "*checks=none")
MiB = 2**20


def boot(name, *ini, **machine):
    with Machine(f"quick-{name}", ini=ini, **COUNTED, **machine) as m:
        m.run_to_end()
    return m, Facts(m.text())


def test_a_panic_ends_as_a_boot_does():
    """With a count of what failed, and then switched off, by ACPI alone."""
    m, facts = boot("panic", "*end=poweroff", "*e820=3 100000 200000")
    assert re.search(r"^panic: \w+: page tables need \d+ pages", facts.text, re.M)
    done = {"checks": 0, "failed": 1, "skipped": 0, "us": 0}
    assert facts.all("done") == [done]
    assert m.shutdown_reason == "guest-shutdown"
    trace = facts.text[facts.text.index("back trace:") :]
    for name in "mmuinit", "main", "standalone":
        assert re.search(rf"^  0x\w+ {name}\+0x", trace, re.M), trace
    m, _ = boot("panic-reset", "*end=reset", "*e820=3 100000 200000")
    assert m.shutdown_reason == "guest-reset"


# A hole below 1 MiB, which U-Boot's own map has not.
E820 = "*e820=1 0 9fc00 1 100000 3e00000"


def test_options_do_what_they_say():
    m, facts = boot(
        "options",
        "*end=poweroff",
        "*checks=none",
        E820,
        "umbexclude=0xd0000-0xdffff",
        "*nswap=1000",
        "*kernelpercent=25",
        "*maxmem=0x3000000",
    )
    conf = facts.one("conf")
    assert conf["swap"] == 1000 * PAGE and facts.report()[3] == 4
    assert abs(conf["kernel"] * 4 / (conf["npage"] * PAGE) - 1) < 0.02
    blocks = [r[:2] for r in facts.memmap() if r.what == "MemUMB"]
    assert (0xE0000, MiB) in blocks, blocks
    excluded = [r for r in facts.all("memmap") if r["base"] == 0xD0000]
    assert [(r["size"], r.get("allocated")) for r in excluded] == [(65536, 1)]
    assert max(r.end for r in facts.banks()) <= 48 * MiB
    assert facts.one("done")["checks"] == 0 == facts.one("done")["failed"]


@pytest.mark.parametrize(
    "n, port",
    [
        (1, 0x2F8),
        pytest.param(2, 0x3E8, marks=pytest.mark.matrix),
        pytest.param(3, 0x2E8, marks=pytest.mark.matrix),
    ],
)
def test_serial_ports_by_number(n, port):
    """The machine has no other one: what is said comes out of this. (OVMF:
    to U-Boot a port that is not there is a key that is pressed.)"""
    with Machine(
        f"com{n + 1}",
        mem="128M",
        ini=(
            "*end=poweroff",
            "*checks=none",
            "*bootscreen=off",
            f"console={n}",
        ),
        port=port,
    ) as m:
        m.run_to_end()
    assert ': leaving "' in m.text()
    assert "no screen: the serial line has it all" in m.text()
    assert Facts(m.text()).one("done")["failed"] == 0


@pytest.mark.matrix
def test_nothing_is_said_where_nothing_may_be():
    """console=off: the port is left alone, and the screen has it all; what
    is typed there is nothing to the monitor."""
    ini = ("*end=monitor", "*checks=none", "console=off")
    with Machine("console-off", ini=ini, mem="128M") as m:
        lines = m.wait_screen(at_prompt)
        assert "mem9: start" not in m.text()
    assert "Nothing was checked." in lines


def test_halt_halts():
    """And nothing follows; QEMU's clock runs on, where nobody waits for it."""
    with Machine("quick-halt", ini=("*end=halt",), **COUNTED) as m:
        m.expect(r"mem9: done [^\n]*\nhalted\r\n")
        m.wait_halted()
    laws.check(m, Facts(m.text()))
    assert m.text().endswith("halted\r\n")


def test_addresses_slide():
    """Both of them, by QEMU's clock; a boot may by chance be where the last
    one was: as many are tried as it takes for both to have moved, up to 4."""
    seen = []
    for i in range(4):
        _, facts = boot(f"slide-{i}", "*end=poweroff", "*checks=none")
        paging = facts.one("paging")
        seen.append((paging["direct"], paging["image"]))
        if all(len(set(each)) > 1 for each in zip(*seen)):
            break
    print(f"slid within {len(seen)} boots")
    direct, image = ({*each} for each in zip(*seen))
    assert len(direct) > 1 and len(image) > 1, seen
    for d, i in seen:
        assert (d - 0xFFFF800000000000) % 2**30 == 0
        assert (i - 0xFFFFFFFF80000000) % 2**21 == 0


@pytest.mark.matrix
def test_direct_map_has_its_cap():
    """All memory is used, that above it through the window."""
    ini = ("*end=poweroff", "*directmap=32M")
    m, facts = boot("directmap", *ini)
    m.ini = ini
    laws.check(m, facts)
    paging = facts.one("paging")
    assert 24 * MiB < paging["size"] <= 32 * MiB
    base = paging["direct"]
    assert all(b["klimit"] <= base + 32 * MiB for b in facts.all("bank"))
    assert facts.banks()[-1].end > 48 * MiB


def test_no_serial_port_is_in_ram():
    """It is named, and without a screen there is no boot: nobody would hear."""
    ini = ("*end=poweroff", "console=mmio,0x200000")
    with Machine("quick-in-ram", ini=ini, **COUNTED) as m:
        m.expect(r"no serial port can be at 0x200000\s")
        m.expect("mem9: no screen that can be drawn on and no serial port: ")
    assert "leaving" not in m.text()


def test_poison_is_in_memory():
    """In what nobody has used yet: of a bank the last page."""
    ini = (*STAY, "*poison=1")
    with Machine("quick-poison", ini=ini, **COUNTED) as m:
        m.expect(PROMPT)
        page = Facts(m.text()).banks()[-1].end - PAGE
        said = m.monitor(f"xp /512gx {page:#x}")
    words = set(re.findall(r"0x([0-9a-f]{16})", said))
    assert words == {"a5" * 8}, words


# ---- the monitor ----

def walked(m, address, place):
    """The lines of a walk: {level: entry}."""
    said = ask(m, f"walk {address:x}")
    assert f"walk of {address:#018x}, {place}:" in said
    return {
        int(level): int(entry, 16)
        for level, entry in re.findall(r"level (\d): 0x([0-9a-f]{16})", said)
    }


def walked_by_qemu(m, address, top):
    """The same, from physical memory, entry by entry."""
    found, table = {}, top & 0xFFFFFFFFFF000
    for level in 3, 2, 1, 0:
        at = table + 8 * (address >> 12 + 9 * level & 511)
        said = m.monitor(f"xp /1gx {at:#x}")
        entry = int(re.search(r"0x([0-9a-f]{16})", said)[1], 16)
        found[level] = entry
        if not entry & 1 or entry & 0x80 and level:
            break
        table = entry & 0xFFFFFFFFFF000
    return found


def test_monitor_commands():
    with Machine("quick-monitor", ini=STAY, **COUNTED) as m:
        m.expect(PROMPT)
        for line, answer in COMMANDS.items():
            said = ask(m, line)
            assert re.search(answer, said, re.M), f"{line}: {said}"
        # A line is what is left of it when it is ended; an empty one is none.
        m.serial.send("\b\x7fmaq\bo\x7fp\r")
        assert "in all:" in m.expect("\n" + PROMPT)
        m.serial.send("\r")
        assert m.expect("\n" + PROMPT).strip() == ""
        m.serial.send("x" * 200 + "\r")
        assert "x" * 127 + ": unknown" in m.expect("\n" + PROMPT)
        registers = m.monitor("info registers")
        top = int(re.search(r"CR3=([0-9a-f]+)", registers)[1], 16)
        paging = Facts(m.text()).all("paging")[0]
        rip = int(re.search(r"RIP=([0-9a-f]+)", registers)[1], 16)
        for address, place in (
            (rip, "image"),
            (paging["direct"] + 0x234567, "direct map"),
            (paging["image"] - 1, "unused"),
        ):
            seen = walked_by_qemu(m, address, top)
            assert walked(m, address, place) == seen


def test_the_log_keeps_what_was_said():
    """From the first line to the command that asks for it."""
    with Machine("quick-log", ini=STAY, **COUNTED) as m:
        m.expect(PROMPT)
        before = Facts(m.text())
        m.serial.send("log\r")
        m.expect("log\r\n")
        said = m.expect("mem9> log\r\n" + PROMPT)
    assert "lost" not in said.splitlines()[0]
    again = Facts(said)
    assert again.topics == before.topics and len(again.topics) > 10
    assert f"{laws.START}start " in said and ': leaving "' in said
