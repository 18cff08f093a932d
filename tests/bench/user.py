#!/usr/bin/python3
"""What programs ask for costs, in instructions that QEMU counts (see boot.py).

usage: tests/bench/user.py

The program user/cost.c is run, which reads the time stamp counter before and
after. An iteration of a string instruction counts as one: of a page that is
copied that is 4,096. A slice is 10 ms, or 156,000 instructions: the
least of some rounds has no interrupt in it, where one fits in.

Prints a line `bench: name=... goal=... met=yes|no' for each; exit code 1 if a
budget is not kept. Each budget is what it was in November 2026, and a quarter
more: what is more than that has another reason than the compiler.
"""

import re
import sys

from boot import goal
from machine import PROMPT, QUICK, Machine

SHIFT = 6
COST = re.compile(r'name=cost text="(\S+) (\d+)"')
MANY = 1000  # pages of child-1000, as user/cost.c has it

BUDGETS = {
    # The frame made and copied out, CR0 twice, the call, and iretq: 583.
    "call": 730,
    # That, a page cleared (700 on this CPU), its Pte, tables for each 512th.
    "zero": 3150,
    # The same with 4,096 to copy it.
    "copied": 7600,
    # Seven tables made, cleared, gone through twice and given back; five pages
    # that both processes then touch.
    "child": 220000,
}
# A page more, of a Pte and a table that are there: its entry is cleared and
# flushed as it is shared, and nothing else is done for it.
A_PAGE = 15


def measured():
    with Machine(
        "bench-user",
        **{**QUICK, "mem": "128M"},
        ini=("*end=monitor", "*checks=none", "*nokaslr=1"),
        args=["-icount", f"shift={SHIFT},sleep=off"],
    ) as m:
        m.patience = 1200
        m.expect(PROMPT)
        m.serial.send("run cost\r")
        found = COST.findall(m.expect(PROMPT))
    return {name: int(count) >> SHIFT for name, count in found}


def main():
    costs = measured()
    nothing = costs["nothing"]
    met = [
        goal(f"user-{name}", costs[name] - nothing, "instructions", "budget", b, 1)
        for name, b in BUDGETS.items()
    ]
    more = costs["child-1000"] - costs["child-apart"]
    print(
        f"a child of {MANY} pages {costs['child-1000']}, of as many tables "
        f"with a page each {costs['child-apart']} (instructions)"
    )
    met.append(goal("user-child-page", more / MANY, "instructions", "budget", A_PAGE, 1))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
