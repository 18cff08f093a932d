#!/usr/bin/python3
"""What a boot costs, in instructions that QEMU counts and does not time.

usage: tests/bench/boot.py

With -icount every instruction takes the same virtual time, 2^SHIFT ns, and the
time stamp counter shows it: so the cycles mem9 reports (`mem9: cycles', from
the return of ExitBootServices on), divided by that, are instructions, the
same in each run. The serial port goes to a file, which never makes the guest
wait, and there is no screen, as drawing text would outweigh all the rest. An
iteration of a string instruction counts as one.

Memory is sparse: 4 TiB take what the guest touches. Prints a table, and a
line `bench: name=... ratio=... goal=... met=yes|no' for each goal; exit code
1 if one is missed.
"""

import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "qemu"))

from facts import Facts  # noqa: E402
from machine import Machine  # noqa: E402

SHIFT = 7
PATIENCE = 1200
CPU = "max"  # 40 bits of physical address; OVMF with more needs over 64M
WIDE = "max,phys-bits=46"
SMALL_PAGES = "qemu64"  # no pages of 1 GiB

BOOTS = [
    ("4T", WIDE),
    ("512G", CPU),
    ("512G", SMALL_PAGES),
    ("64G", CPU),
    ("64G", SMALL_PAGES),
    ("512M", CPU),
    ("64M", CPU),
    ("512M", CPU),
]


class Counted(Machine):
    """A machine that counts instructions."""

    def __init__(self, name, **machine):
        args = ["-icount", f"shift={SHIFT},sleep=off"]
        args += ["-rtc", "clock=vm,base=2026-01-01"]
        super().__init__(
            name,
            vga="none",
            serial=False,
            ini=("*end=poweroff", "*checks=none", "*nokaslr=1"),
            args=args,
            **machine,
        )

    def _options(self, stick):
        options = super()._options(stick)
        options[options.index("-serial") + 1] = f"file:{self.log}"
        return options


class Cost:
    """One boot: its tables, and instructions up to and in its steps."""

    def __init__(self, number, mem, cpu):
        name = f"bench-{number}-{mem}"
        with Counted(name, mem=mem, cpu=cpu) as m:
            m.patience = PATIENCE
            m.run_to_end()
        facts = Facts(m.text())
        cycles = facts.one("cycles")
        self.mem = mem
        self.pages = "2M" if cpu == SMALL_PAGES else "1G"
        self.tables = facts.one("paging")["tables"]
        self.ram = facts.one("paging")["size"]
        self.mmuinit = (cycles["mmuinit"] - cycles["meminit0"]) >> SHIFT
        self.pageinit = cycles["pageinit"] >> SHIFT
        self.boot = cycles["palloc"] >> SHIFT


def goal(name, value, unit, against, base, limit):
    ratio = value / base
    met = ratio <= limit
    print(
        f"bench: name={name} value={value:.0f} unit={unit} "
        f"against={against} ratio={ratio:.4f} goal={limit:.4f} "
        f"met={'yes' if met else 'no'}"
    )
    return met


def main():
    with ThreadPoolExecutor(2) as pool:
        costs = list(
            pool.map(lambda n: Cost(n, *BOOTS[n]), range(len(BOOTS)))
        )
    print("memory pages tables    mmuinit   pageinit to palloc  (instructions)")
    for c in sorted(costs, key=lambda c: (c.ram, c.pages)):
        print(
            f"{c.mem:>6} {c.pages:>5} {c.tables:6} {c.mmuinit:10} "
            f"{c.pageinit:10} {c.boot:9}"
        )
    _, large, large_2m, _, small_2m, small, _, again = costs
    met = [
        goal(
            "boot-512G",
            large.boot,
            "instructions",
            "boot-512M",
            small.boot,
            1.5,
        ),
        goal(
            "tables-512G",
            large.tables,
            "pages",
            "tables-512M",
            small.tables,
            (small.tables + 4) / small.tables,
        ),
        # 512 tables of 2 MiB pages in place of 64, and none is dearer.
        goal(
            "mmuinit-a-table-512G-2M",
            large_2m.mmuinit / large_2m.tables,
            "instructions",
            "mmuinit-a-table-64G-2M",
            small_2m.mmuinit / small_2m.tables,
            1.5,
        ),
        goal(
            "boot-512M-again",
            again.boot,
            "instructions",
            "boot-512M",
            small.boot,
            1.0,
        ),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
