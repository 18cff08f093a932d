"""Programs, run by the monitor: what becomes of them, and of their memory; on
one CPU and on four."""

import re
import time

import pytest

import laws
from facts import PAGE, Facts
from machine import COUNTED, PROMPT, QUICK, Machine
from screen import Picture
from test_monitor import ask

STAY = ("*end=monitor",)
RUN = re.compile(
    r"mem9: run status=(-?\d+) processes=(\d+) ended=(\d+) cpus=(\d+)"
    r" moves=(\d+) left=(\d+)"
)
HASSCREEN, LEAVES = 8, 16  # include/syscall.h, user/screen.c
CACHED = 7  # user/eater.c: text of three programs, and the data of one
# Of a process that takes all memory, beside its pages: tables, Ptes, 3 others.
BESIDE = 150


def results(said):
    """status, processes, ended, cpus, moves, left"""
    found = RUN.search(said)
    assert found, said
    return [int(n) for n in found.groups()]


def free(m):
    said = ask(m, "palloc -v")
    return int(re.search(r"mem9: palloc pages=\d+ free=(\d+)", said)[1])


def cached_first(said):
    """Before anybody is refused a page, what is cached of programs that have
    run is given up, and nobody has any free."""
    first = Facts("\n".join(said.split("\r\n"))).first("nomemory")
    assert first["name"] == "eater" and first["free"] == 0, first
    assert first["reclaimed"] == CACHED, first


def eats_all(m):
    """But for a few pages; is ended; and all are back."""
    was = free(m)
    said = ask(m, "run eater")
    assert results(said)[:3] == [0, 7, 1], said
    cached_first(said)
    killed = re.search(
        r"mem9: killed pid=\d+ name=eater pc=0x\w+ addr=(0x\w+) stack=\S+"
        r" text=\S+ bss=(0x\w+)-0x\w+ detail=\"no memory is left\"",
        said,
    )
    eaten = (int(killed[1], 16) - int(killed[2], 16)) // PAGE
    assert was - BESIDE < eaten < was, f"{eaten} pages of {was}"
    assert 'text="there is memory again"' in said
    assert free(m) == was


def stops_and_goes_on(m):
    """Looked at meanwhile; the checks are as ever, but for what would run."""
    m.serial.send("run spin 1000000\r")
    m.expect("run spin 1000000\r\n")
    time.sleep(0.5)  # it has had a turn then
    m.serial.send("\x1a")
    said = m.expect("\n" + PROMPT)
    assert results(said)[5] == 1 and "run: stopped; ps shows" in said, said
    assert re.search(r"(?m)^ +1 +- spin +ready +\d+ ", ask(m, "ps"))
    assert re.search(
        r"mem9: seg pid=1 type=text base=0x200000 size=0x1000 pages=1 refs=1",
        ask(m, "segs -v"),
    )
    said = ask(m, "run nap")
    assert said == "run: nap: processes that were stopped are there still"
    assert "mem9: done checks=26 failed=0 " in ask(m, "check -v")
    m.serial.send("run\r")
    m.expect("run\r\n")
    m.serial.send("\x03")
    said = m.expect("\n" + PROMPT)
    assert 'detail="it was asked to end"' in said, said
    assert results(said)[:3] == [-4, 1, 1] and results(said)[5] == 0
    assert ask(m, "ps").startswith("no process is left of the last run")


def test_the_monitor_runs_programs():
    with Machine("programs", ini=STAY, **COUNTED) as m:
        m.expect(PROMPT)
        laws.check(m, Facts(m.text()))
        eats_all(m)
        stops_and_goes_on(m)
        assert results(ask(m, "run nap"))[:3] == [0, 4, 1]


def share(m):
    """Two write, and a third forks: each child has what nobody writes."""
    said = ask(m, "run share")
    assert results(said)[:3] == [0, 6, 0], said
    return results(said)


@pytest.mark.matrix
def test_what_one_cpu_unmaps_no_other_writes():
    """User pages that a fork takes away from who runs on another CPU."""
    ini = (*STAY, "*checks=none")
    with Machine("programs-share", ini=ini, smp=2, **QUICK) as m:
        m.expect(PROMPT)
        assert max(share(m)[3] for _ in range(3)) == 2


@pytest.mark.matrix
def test_on_four_cpus():
    """All take part, programs move, and what one CPU unmaps no other keeps."""
    with Machine("programs-4", ini=STAY, smp=4, **QUICK) as m:
        m.expect(PROMPT)
        laws.check(m, Facts(m.text()))
        said = ask(m, "run init")
        assert results(said)[0] == 0 and results(said)[3] == 4, said
        assert results(said)[4] > 0, said
        for _ in range(3):
            share(m)
        eats_all(m)
        stops_and_goes_on(m)


def corner(m):
    """The colour of the screen's first pixel."""
    return Picture(m.screendump(m.work / "screen.ppm")).row(0)[:3]


@pytest.mark.matrix
def test_a_program_has_the_screen():
    """It is there, it is not RAM of anybody's, and it stays when it is gone."""
    with Machine("programs-screen", ini=(*STAY, "*checks=none")) as m:
        m.expect(PROMPT)
        assert results(ask(m, f"run screen {HASSCREEN}"))[:3] == [0, 3, 1]
        was = corner(m)
        said = ask(m, f"run screen {HASSCREEN | LEAVES}")
        assert results(said)[:3] == [0, 1, 0], said
        assert corner(m) == bytes(0xFF ^ byte for byte in was), was
        assert results(ask(m, "run screen 0"))[0] == 1
