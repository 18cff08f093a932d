"""What mem9 spends of the RAM on itself.

Pages for page tables, which no bank has, and pages that describe the others,
which are in a bank and cannot be had. Counted from the log's ranges; tables
beyond those planned for are taken from mem9's own count, as nothing else tells
of them.
"""

from collections import Counter

from facts import PAGE
from machine import UBOOT, KiB, size

ENTRIES = 512
# Beside the direct map: image, stacks, hand-over, windows, set aside unseen.
OTHERTABLES = 24
GRANULE = 512 * KiB  # what one page of the Page array describes
CHUNK = 4  # granules


def _up(number, unit):
    return -(-number // unit)


# ---- page tables ----


def below(ranges, largest, base=0):
    """Tables below the top one that map ranges at base, with pages as large
    as fit, up to that level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB)."""
    found = set()
    for pa, end in ranges:
        while pa < end:
            level = largest
            while pa % _page(level) or end - pa < _page(level):
                level -= 1
            found |= {
                (t, (base + pa) // _page(t + 1)) for t in range(level, 3)
            }
            pa += _page(level)
    return len(found)


def _page(level):
    return PAGE * ENTRIES**level


def _joined(ranges):
    """Those that touch as one."""
    joined = []
    for base, end in ranges:
        if joined and joined[-1][1] == base:
            joined[-1][1] = end
        else:
            joined.append([base, end])
    return joined


def _direct(facts, cap):
    """What the direct map has at first: joined where it touches, to the cap."""
    return _joined(
        (r.base, min(r.end, cap))
        for r in facts.memmap()
        if r.what in ("MemRAM", "MemACPI") and r.base < cap
    )


def _capped(machine):
    """Where *directmap= ends it."""
    for word in machine.ini:
        if word.startswith("*directmap="):
            return size(word.split("=")[1])
    return 1 << 52


def _services(machine, facts, levels):
    """For firmware's services: a space of its own, and where firmware has a
    table of attributes one more, without it. There all that touches is alike;
    in the other one as the table says, which nobody here knows: at least,
    and at most."""
    ranges = sorted(
        (d["base"], d["base"] + d["pages"] * PAGE)
        for d in facts.all("efi")
        if str(d["type"]).startswith("RuntimeServices") or d["attr"] >> 63
    )
    least = levels - 3 + below(_joined(ranges), 1)
    if machine.firmware == UBOOT:
        return least, least
    return 2 * least, least + levels - 3 + below(ranges, 1)


def _later(facts):
    """For the stacks of each other CPU that was called, 2 MiB apart: from
    pages, of which banks know."""
    called = ("up", "dead")
    return sum(c["result"] in called for c in facts.all("cpu")[1:])


def tables(machine, facts, more):
    """Pages that the memmap gave for page tables, at least and at most: as
    many as were planned, or what came to be needed, if that is more. There are
    `more' where the hand-over is large."""
    paging = facts.one("paging")
    model, *features = machine.cpu.split(",")
    giga = model == "max" and "-pdpe1gb" not in features
    planned = below(
        _direct(facts, _capped(machine)), 2 if giga else 1, paging["direct"]
    )
    # One more notes which addresses of VMAP are in use.
    needed = paging["tables"] + 1 - _later(facts)
    planned += OTHERTABLES + more
    services = _services(machine, facts, paging["levels"])
    return [max(planned, needed + n) for n in services]


# ---- what describes pages ----


def _users(facts):
    """[base, end) of each bank, less the kernel's part."""
    return [
        [b["base"] + b["klimit"] - b["kbase"], b["base"] + b["npage"] * PAGE]
        for b in facts.all("bank")
    ]


def _survey(users):
    """Frames that can be pages, granules that hold any, their chunks, and
    stretches of chunks. A granule with one frame is not worth its page."""
    edges, spans = Counter(), []
    for base, end in users:
        if base == end:
            continue
        first, last = base // GRANULE, (end - 1) // GRANULE
        edges[first] += min(end, (first + 1) * GRANULE) - base
        if last > first:
            edges[last] += end - last * GRANULE
        if last > first + 1:
            spans.append((first + 1, last))
    frames = sum(end - first for first, end in spans) * (GRANULE // PAGE)
    for granule, have in edges.items():
        if have >= 2 * PAGE:
            spans.append((granule, granule + 1))
            frames += have // PAGE
    granules = sum(end - first for first, end in spans)
    chunks = stretches = done = 0
    for first, end in sorted((f // CHUNK, _up(e, CHUNK)) for f, e in spans):
        stretches += stretches == 0 or first > done
        chunks += max(0, end - max(first, done))
        done = max(done, end)
    return frames, granules, chunks, stretches


def _without(users, pages):
    """The highest so many pages less."""
    left = pages * PAGE
    for r in reversed(users):
        less = min(left, r[1] - r[0])
        r[1] -= less
        left -= less
    return users


def pages(facts):
    """How many pages can be had at first: a Page of 32 bytes and a byte for
    each are taken off the top, in whole pages, and one page beside; and two for
    each node more, as no two nodes share one."""
    _, granules, chunks, stretches = _survey(_users(facts))
    need = granules + _up(chunks * 512, PAGE) + _up(chunks * 32, PAGE)
    need += _up(stretches * 24, PAGE) + 1
    need += 2 * (len({n["n"] for n in facts.all("node")}) - 1)
    return _survey(_without(_users(facts), need))[0]
