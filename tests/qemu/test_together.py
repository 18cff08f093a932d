"""Several CPUs: one does what it is told; what stops one stops them all, and
the monitor goes on."""

import re

import pytest

import laws
from facts import Facts
from machine import PROMPT, QUICK, Machine
from test_monitor import ask

QUICK = {**QUICK, "smp": 4, "numa": [("30M", "0-1"), ("34M", "2-3")]}
STAY = ("*end=monitor",)
ON_OVMF = {"smp": 4}
# A place in the image, with the function that it is in.
IN = r"at 0x[0-9a-f]{16} "


def expect_all(said, *patterns):
    for pattern in patterns:
        assert re.search(pattern, said, re.M), f"{pattern} not in\n{said}"


def is_said(m, line, *lines):
    """All that the monitor answers to a line."""
    said = ask(m, line).replace("\r", "").split("\n")
    assert said == list(lines), f"{line}: {said}"


def stopped(m, *those):
    """The others are shown in the report, and are no more: all is CPU 0's."""
    report = m.expect(r"mem9 stays up[^\n]*\n")
    assert len(re.findall(r"^fault: ", report, re.M)) == 1, report
    m.expect(PROMPT)
    expect_all(report, *those)
    said = ask(m, "cpus")
    expect_all(said, "^CPU 0: busy")
    assert len(re.findall(r"CPU \d: gone, stopped at 0x", said)) == 3, said
    is_said(m, "on 1 map", "on: CPU 1 is not up")
    return report


def another_fault(m):
    """CPU 0 reports it as if there had never been others."""
    m.serial.send("fault opcode\r")
    report = m.expect(r"mem9 stays up[^\n]*\n")
    expect_all(report, r"^fault: invalid opcode [^\n]*\n^at .* badopcode\+")
    assert "CPU" not in report, report
    m.expect(PROMPT)


def commands(m):
    idle = [f"CPU {n}: idle" for n in (1, 2, 3)]
    is_said(m, "cpus", "CPU 0: busy", *idle)
    was = Facts(m.text()).one("palloc")["pages"]
    said = ask(m, "on 2 palloc -v")
    expect_all(said, f"^mem9: palloc pages={was} ", "^mem9: bytemap free=")
    said = ask(m, "on 1 nodes")
    rows = re.findall(r"(?m)^ +\d+ .*B  +\d+  [\d ]*10", said)
    assert len(rows) == max(len(m.numa), 1), said
    is_said(m, "on 7 map", "on: CPU 7 is not up")
    is_said(m, "on 2 on 3 map", "on: by CPU 0 alone")
    is_said(m, "on 2 reset", "reset: by CPU 0 alone")


def fault_on_another(m):
    """It says where it was and who called; so do those it stopped."""
    m.serial.send("on 2 fault opcode\r")
    report = stopped(
        m,
        r"^CPU 2 has a fault",
        r"^fault: invalid opcode [^\n]*\n^at .* badopcode\+",
        r"^CPU 0 was at work " + IN,
        *(rf"^CPU {n} waited for work {IN}machstart\+" for n in (1, 3)),
    )
    of2, of0 = report.split("CPU 0 was at work")
    expect_all(of2, r"^  0x[0-9a-f]+ provoke\+", r"^  0x[0-9a-f]+ machstart\+")
    expect_all(of0, r"^  0x[0-9a-f]+ oncpu\+", r"^  0x[0-9a-f]+ monitor\+")


def together(name, **machine):
    with Machine(f"together-{name}", ini=STAY, **machine) as m:
        m.expect(PROMPT)
        laws.check(m, Facts(m.text()))
        commands(m)
        fault_on_another(m)
        another_fault(m)


def test_a_fault_on_one_stops_all():
    together("uboot", **QUICK)


@pytest.mark.matrix
def test_a_fault_on_one_stops_all_on_ovmf():
    together("ovmf", **ON_OVMF)


@pytest.mark.matrix
def test_a_machine_check_of_one_is_reported():
    """CPU 0 gets none, and CPU 2 has nothing to do: it says so itself."""
    with Machine("together-mce", ini=(*STAY, "*checks=none"), **QUICK) as m:
        m.expect(PROMPT)
        m.monitor("mce 2 3 0xbe0000000000018a 0x7 0x12345678 0x8c")
        report = stopped(
            m,
            r"^CPU 2 has a fault",
            r"^fault: machine check",
            r"^CPU 0 was at work " + IN,
        )
        assert "CPU 1 waited for work" in report, report
        another_fault(m)


@pytest.mark.matrix
def test_an_nmi_shows_what_one_is_stuck_at():
    """CPU 2 waits for a key, and CPU 0 for it; from outside all is stopped."""
    ini = (*STAY, "*checks=none")
    with Machine("together-nmi", ini=ini, **QUICK) as m:
        m.expect(PROMPT)
        m.serial.send("on 2 picture\r")
        m.expect(re.escape("\x1b[6n"))
        m.serial.send("\x1b[24;80R")  # a terminal: it stays, and waits
        m.expect("q: enough")
        m.monitor("nmi")
        report = stopped(m, "^fault: NMI", r"^CPU 2 was at work " + IN)
        of0, of2 = re.split("CPU 2 was at work", report)
        expect_all(of0, r"^  0x[0-9a-f]+ oncpu\+")
        expect_all(of2, r"^  0x[0-9a-f]+ memview\+")
        another_fault(m)
