"""System calls at their edges: what a CPU may do to their first instructions,
and programs that do anything.

The machine is stopped by QEMU's gdb stub at each instruction of the entry,
where the stack is still the program's, an address that is none, and GS is the
program's. An NMI and a machine check that come there must be on stacks of their
own, with what was interrupted; then the registers are put back, as if nothing
had been, and the program goes on to its end. (After an NMI no other one comes
until an iretq, which is then the way into the next program.)
"""

import re

import pytest

from facts import Facts
from gdbstub import Stub
from machine import PATIENCE, PROMPT, QUICK, Machine
from symbols import code, symbols
from test_faults import MCE_CACHE
from test_gdb import stub
from test_monitor import ask

STAY = ("*end=monitor", "*checks=none", "*nokaslr=1")
# user/forbid.c: a system call with that for a stack.
NOSTACK = "run forbid 28"
NOSTACKIS = 0x8000000000000000
UTOP = 0x0000800000000000
KCODE, KDATA = 0x08, 0x10
NMI, MC = 2, 18
EVENTS = {NMI: "nmi", MC: MCE_CACHE}
REPORT = {NMI: "NMI (vector 2)", MC: "machine check (vector 18)"}


def stubbed(name, work):
    return Machine(
        name, ini=STAY, args=stub(work), **QUICK
    )


class Entry:
    """A machine at the monitor's prompt, stopped."""

    def __init__(self, m, work):
        self.m = m
        self.stub = Stub(work / "gdb", PATIENCE, running=True)
        entry = code()["syscallentry"]
        assert entry[-2][1].startswith("jmp") and entry[-1][1] == "int3"
        self.instructions = [a for a, _ in entry[:-1]]  # what pads is never run
        self.stacks = {}  # of the events, where trap() is called
        self.runs = False

    def call(self, pc):
        """A program asks for something, and is at this instruction then: its
        registers. Before that the last one, struck or not, ends as ever."""
        self.stub.hbreak(symbols()["cmdrun"])
        self.stub.go()
        if self.runs:
            self.ended()
        self.runs = True
        self.m.serial.send(NOSTACK + "\r")
        assert self.stub.stopped() == symbols()["cmdrun"]
        self.stub.unbreak(symbols()["cmdrun"])
        self.stub.hbreak(pc)
        assert self.stub.resume() == pc
        self.stub.unbreak(pc)
        was = self.stub.registers()
        assert (was["rsp"] == NOSTACKIS) == (pc <= self.instructions[2])
        return was

    def strike(self, was, vector):
        """That event: what trap() is told of it, on a stack of its own."""
        trap = symbols()["trap"]
        self.stub.hbreak(trap)
        self.m.monitor(EVENTS[vector])
        assert self.stub.resume() == trap
        self.stub.unbreak(trap)
        now = self.stub.registers()
        assert self.stacks.setdefault(vector, now["rsp"]) == now["rsp"]
        came, _, pc, cs, _, sp, ss = self.stub.read(now["rcx"], 22)[15:]
        assert (came, pc, cs, ss) == (vector, was["rip"], KCODE, KDATA)
        assert sp == was["rsp"]
        assert now["rsp"] <= now["rcx"] < now["rsp"] + (1 << 12)
        if vector == MC:
            self.clear()
        self.stub.set_registers(was)

    def clear(self):
        """Instead of trap() what it does in the end, or one more machine check
        would reset the machine."""
        now = self.stub.registers()
        back = self.stub.read(now["rsp"], 1)[0]
        self.stub.hbreak(back)
        self.stub.set_registers({**now, "rip": symbols()["mcheckdone"]})
        assert self.stub.resume() == back
        self.stub.unbreak(back)

    def ended(self, status=-3):
        """As it does if nobody strikes."""
        said = self.m.expect("\n" + PROMPT)
        assert f"mem9: run status={status} " in said, said
        return said


def noncanonical(e):
    """As after a SYSCALL at the last address of the lower half, where no
    program can be: it goes on nowhere."""
    was = e.call(e.instructions[0])
    e.stub.set_registers({**was, "rcx": UTOP})
    e.stub.let_go()
    said = e.ended(-1)
    assert f"addr={UTOP:#x} " in said and "it may not run that" in said, said


def reported(e, vector):
    e.call(e.instructions[0])
    e.m.monitor(EVENTS[vector])
    e.stub.let_go()
    said = e.m.expect(r"mem9 stays up[^\n]*\n")
    assert REPORT[vector] in said and "syscallentry+0x0" in said, said
    assert f"{NOSTACKIS:016x}" in said, said
    e.m.expect(PROMPT)
    assert "M memory: " in ask(e.m, "conf")


@pytest.mark.parametrize("n", [2, pytest.param(None, marks=pytest.mark.matrix)])
def test_at_each_of_the_first_instructions(tmp_path, n):
    """Of all of them, too. On the first three the stack is the program's."""
    with stubbed(f"calls-entry-{n}", tmp_path) as m:
        m.expect(PROMPT)
        e = Entry(m, tmp_path)
        for pc in e.instructions[:n]:
            for vector in EVENTS:
                e.strike(e.call(pc), vector)
        assert len(set(e.stacks.values())) == len(EVENTS)
        noncanonical(e)


@pytest.mark.matrix
@pytest.mark.parametrize("vector", EVENTS)
def test_one_in_the_entry_is_reported(tmp_path, vector):
    with stubbed(f"calls-report-{vector}", tmp_path) as m:
        m.expect(PROMPT)
        reported(Entry(m, tmp_path), vector)


@pytest.mark.matrix
@pytest.mark.parametrize("cpus", [1, 2])
def test_a_thousand_programs_that_do_anything(cpus):
    """Each ends, all memory is back after each, and then every check holds."""
    ini = ("*end=monitor",)
    with Machine(f"calls-fuzz-{cpus}", ini=ini, smp=cpus, **QUICK) as m:
        m.expect(PROMPT)
        said = ask(m, "fuzz 1000")
        fuzz = Facts("\n".join(said.split("\r\n"))).one("userfuzz")
        assert fuzz["wrong"] == fuzz["lost"] == 0, said
        ended = fuzz["exit"] + fuzz["killed"] + fuzz["late"]
        assert ended == fuzz["seeds"] == 1000
        assert min(fuzz["exit"], fuzz["killed"], fuzz["late"]) > 0
        said = ask(m, "check -v")
        assert re.search(r"^mem9: done .* failed=0 ", said, re.M), said
