"""Firmware that lies, to mem9 and to others: the table of docs/peers.md.

    make hostile-peers          all
    make hostile-peers T='wrap|zero'   scenarios with that in their name

Each scenario of the hostile loader (tests/qemu/hostile) is told to mem9, to
Debian's Linux and to its memtest86+. This judges nobody: it shows what each
does. `runs' is to have got to its own business, and for how much RAM more or
less than with firmware that does not lie; calls are those that the UEFI
specification forbids after a first ExitBootServices.
"""

import contextlib
import io
import os
import re
import sys
import time

import foreign
import readers
import varstore
from facts import Facts
from machine import IMAGE
from test_hostile import OEM, PERSISTENT, PHANTOM, UNACCEPTED, Hostile

KiB = 1024
ENOUGH = 60  # seconds of a CPU in which who has something to say says it
PATIENT = 3  # so many times as long as it took with the truth

SCENARIOS = {
    "the truth": {},
    "ExitBootServices refused once": {"refuse": 1},
    "refused twice, 16 descriptors more each": {"refuse": 2, "grow": 16},
    "refused 20 times": {"refuse": 20, "grow": 16},
    "descriptors of 40 bytes": {"stride": 40},
    "descriptors of 64 bytes": {"stride": 64},
    "from high to low": {"reverse": 1},
    "400 holes": {"holes": 400},
    "4000 holes": {"holes": 4000},
    "4000 pieces of usable memory": {"split": 4000},
    "one without pages": {"zero": 1},
    "one that wraps past 2^64": {"wrap": 1},
    "RAM beyond what the CPU can address": {"width": 1},
    "16 MiB of RAM that is not there": {"phantom": PHANTOM},
    "a reserved page within usable memory": {"nested": 1},
    "usable memory described twice": {"overlap": 1},
    "16 pages persistent": {"type": PERSISTENT},
    "16 pages unaccepted": {"type": UNACCEPTED},
    "16 pages of an OEM's type": {"type": OEM},
    "16 pages special-purpose": {"sp": 1},
    "16 pages that cannot be cached": {"nowb": 1},
    "16 runtime pages without the attribute": {"rtnoattr": 1},
    "data and stack not to be run": {"nx": 1, "stack": 128 * KiB},
}


def ours(text):
    return Facts(text).one("total")["ram"]


def linuxs(text):
    return sum(r.size for r in readers.usable(text))


class Target:
    """Who is lied to: its file, options, what it says, its RAM by that."""

    def __init__(self, file, options, says, ram):
        self.file, self.options, self.says, self.ram = file, options, says, ram
        self.honest = None
        self.enough = ENOUGH


def targets():
    return {
        "mem9": Target(IMAGE, "", r"mem9: done .*\n", ours),
        "Linux": Target(
            foreign.file(*foreign.LINUX),
            "efi=debug console=ttyS0,115200 earlycon=uart8250,io,0x3f8,115200",
            r"Memory: \d+K/\d+K available",
            linuxs,
        ),
        "memtest86+": Target(
            foreign.file(*foreign.MEMTEST),
            "console=ttyS0,115200 nobench nosmp nosm",
            "Memtest86",
            None,
        ),
    }


def used(pid):
    """Seconds of a CPU that a process had."""
    with open(f"/proc/{pid}/stat") as stat:
        ticks = stat.read().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def ended(m, target):
    """How it went, as soon as that can be said."""
    seconds = 0
    while m.process.poll() is None and seconds < target.enough:
        if re.search(target.says, m.text()):
            if target.enough == ENOUGH:  # it is the truth
                target.enough = PATIENT * seconds
            return "runs"
        if "target returned" in m.said_to.read_text(errors="replace"):
            return "back to firmware"
        time.sleep(0.2)
        seconds = used(m.process.pid)
    if re.search(target.says, m.text()):
        return "runs"
    return "stuck" if m.process.poll() is None else "resets"


def tell(name, words, who, target):
    options = (target.options + "\0").encode("utf-16-le")
    entry = varstore.startsfirst("\\EFI\\BOOT\\BOOTX64.EFI", options)
    quiet = contextlib.redirect_stdout(io.StringIO())
    with quiet, Hostile(
        f"peer-{who}-{'-'.join(words) or 'truth'}",
        words,
        ini=("*end=monitor",),
        target=target.file,
        variables=entry if target.options else (),
    ) as m:
        said = ended(m, target)
        text = m.text()
    if said == "runs" and target.ram is not None:
        ram = target.ram(text)
        target.honest = target.honest or ram
        if ram != target.honest:
            said += f", {(ram - target.honest) // KiB:+,} KiB"
    forbidden = m.said.count("hostile: forbidden")
    return said + (f", {forbidden} forbidden calls" if forbidden else "")


def main(wanted):
    all_of_them = targets()
    print("| firmware says | " + " | ".join(all_of_them) + " |")
    print("| --- " * (1 + len(all_of_them)) + "|", flush=True)
    for name, words in SCENARIOS.items():
        if words and not re.search(wanted, name):
            continue
        row = [tell(name, words, who, t) for who, t in all_of_them.items()]
        print(f"| {name} | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
