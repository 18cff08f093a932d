"""Faults nobody catches: a report, and the machine stays up."""

import re

from machine import PROMPT, Machine

STAY = ("*end=monitor",)

# What the monitor is told to provoke, and what the report must say.
FAULTS = {
    "divide": r"divide error \(vector 0\)",
    "opcode": r"invalid opcode \(vector 6\)",
    "address": r"general protection \(vector 13\)",
    "text": r"page fault \(vector 14\), error code 0x3",
    "null": r"page fault \(vector 14\), error code 0x0[\s\S]*null page",
    "nx": r"page fault \(vector 14\), error code 0x11",
    "stack": r"double fault \(vector 8\)[\s\S]*stack overflow",
    "nmi": r"NMI \(vector 2\)",
}


def test_each_fault_is_reported():
    with Machine("faults", cpu="max", ini=STAY) as m:
        for kind, report in FAULTS.items():
            m.expect(PROMPT)
            m.serial.send(f"fault {kind}\r")
            said = m.expect(r"mem9 stays up[^\n]*\n")
            assert re.search(report, said), f"{kind}: {said}"
            assert "rip " in said and "cr2 " in said, f"{kind}: {said}"
        m.expect(PROMPT)


def test_a_fault_in_the_report_stops_there():
    """One line more, and the processor halts: no reset, no loop."""
    with Machine("fault-nested", ini=STAY) as m:
        m.expect(PROMPT)
        m.serial.send("fault nested\r")
        m.expect(r"while reporting another\r\n")
        for _ in range(100):
            if "HLT=1" in m.monitor("info registers"):
                break
        assert "HLT=1" in m.monitor("info registers")


def test_an_nmi_from_outside():
    with Machine("nmi", ini=STAY) as m:
        m.expect(PROMPT)
        m.monitor("nmi")
        said = m.expect(r"mem9 stays up[^\n]*\n")
        assert re.search(r"NMI \(vector 2\)", said), said
        m.expect(PROMPT)
