#!/usr/bin/python3
"""How much of one CPU's time two take to try all RAM, in QEMU.

usage: tests/bench/together.py [PAIRS]

The check `pages' writes and reads every page, shared out among the CPUs. A
machine with one and a machine with two run it in turn, PAIRS times (5), the
others stopped meanwhile: what else this computer has to do falls on both alike.
Two take at least half, and more where there are not two idle cores below: so
the same work done by two machines of one CPU at once is measured beside it, as
what these cores give.

Prints each pair and, of the medians, a line `bench: name=... value=...
goal=... met=yes|no'.
"""

import contextlib
import pathlib
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "qemu"))

from machine import PROMPT, QUICK, Machine  # noqa: E402

GOAL = 0.65
MEM = "1G"


def booted(stack, name, smp):
    """At its prompt, where it would wait for a key busily: so it is stopped."""
    options = {**QUICK, "mem": MEM, "smp": smp, "vga": "none"}
    m = stack.enter_context(
        Machine(f"together-{name}", ini=("*end=monitor",), **options)
    )
    m.expect(PROMPT)
    m.monitor("stop")
    return m


def seconds(m):
    """From the check before it to its result."""
    m.monitor("cont")
    m.serial.send("check full -v\r")
    m.expect(r"mem9: check name=vmap result=ok")
    begin = time.monotonic()
    m.expect(r"mem9: check name=pages result=ok")
    took = time.monotonic() - begin
    m.expect(PROMPT)
    m.monitor("stop")
    return took


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    times = []
    with contextlib.ExitStack() as stack:
        one = booted(stack, "one", 1)
        two = booted(stack, "two", 2)
        other = booted(stack, "other", 1)
        for i in range(pairs):
            with ThreadPoolExecutor(2) as pool:
                both = max(pool.map(seconds, (one, other)))
            times.append((seconds(one), seconds(two), both))
            print(
                "pair {}: one CPU {:.2f} s, two {:.2f} s; two machines of "
                "one {:.2f} s".format(i, *times[-1])
            )
    ratio = statistics.median(b / a for a, b, _ in times)
    cores = statistics.median(c / (2 * a) for a, _, c in times)
    met = ratio <= GOAL
    print(
        f"bench: name=pages-two-cpus value={ratio:.2f} unit=s "
        f"against=pages-one-cpu cores={cores:.2f} goal={GOAL:.2f} "
        f"met={'yes' if met else 'no'}"
    )


if __name__ == "__main__":
    main()
