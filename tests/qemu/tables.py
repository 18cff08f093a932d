"""Page tables as mem9's `pages' prints them, and as QEMU's monitor does.

    pages       ffff800000100000-ffff800000806000  706000 -rw- WB g 4K 2M -- ...
    info mem    ffff800000100000-ffff800000806000 0000000000706000 -rw
    info tlb    ffff800000200000: 0000000000200000 XG-DA---W

Each becomes a list of spans, ascending, and join() makes one span of those
that touch and agree, so that two views are equal only if every byte is.
"""

import re
from typing import NamedTuple

SIZES = {"4K": 2**12, "2M": 2**21, "1G": 2**30}
TYPES = {"--": "WB", "-T": "WC", "C-": "UC-", "CT": "UC"}

PAGES = re.compile(
    r"^([0-9a-f]{16})-([0-9a-f]{16}) +([0-9a-f]+) (\S{4}) (\S+) +([g-]) "
    r"(\S\S) (\S\S) (\S\S) (.*?)\s*$",
    re.M,
)
TABLES = re.compile(r"^tables of level (\d): (\d+)\s*$", re.M)
INFO_MEM = re.compile(
    r"^([0-9a-f]{16})-([0-9a-f]{16}) [0-9a-f]{16} (\S{3})\s*$"
)
INFO_TLB = re.compile(r"^([0-9a-f]{16}): ([0-9a-f]{16}) (\S{9})\s*$")


class Span(NamedTuple):
    """[va, end), which all has the same properties."""

    va: int
    end: int
    what: tuple


class Page(NamedTuple):
    """One entry as QEMU sees it; size by name."""

    va: int
    pa: int
    size: str
    user: bool
    write: bool
    noexec: bool
    type: str
    glob: bool

    @property
    def end(self):
        return self.va + SIZES[self.size]


def join(spans):
    joined = []
    for s in spans:
        if joined and joined[-1].end == s.va and joined[-1].what == s.what:
            joined[-1] = joined[-1]._replace(end=s.end)
        else:
            joined.append(s)
    return joined


def pages(text):
    """mem9's view: spans of (rights, type, global, page sizes)."""
    spans = []
    for m in PAGES.finditer(text):
        va, end = int(m[1], 16), int(m[2], 16)
        assert end - va == int(m[3], 16) > 0, m[0]
        assert len(m[0].rstrip()) <= 80, m[0]
        sizes = frozenset(s for s in m.group(7, 8, 9) if s != "--")
        spans.append(Span(va, end, (m[4], m[5], m[6], sizes)))
    lines = re.findall("^[0-9a-f]{16}-", text, re.M)
    assert len(spans) == len(lines) > 0, text
    return spans


def tables(text):
    """How many tables of each level, by mem9."""
    return {int(level): int(n) for level, n in TABLES.findall(text)}


def info_mem(text):
    """QEMU's view: spans of (user, write), which it has joined itself."""
    spans = []
    for line in text.splitlines():
        m = INFO_MEM.match(line)
        assert m, f"info mem says {line!r}"
        what = (m[3][0] == "u", m[3][2] == "w")
        assert m[3][1] == "r", line
        spans.append(Span(int(m[1], 16), int(m[2], 16), what))
    return join(spans)


def info_tlb(text, mem):
    """QEMU's view, entry by entry.

    It marks large pages, but 2 MiB and 1 GiB alike. What tells them apart is
    the byte after the first 2 MiB: it has an entry of its own, or is not
    mapped at all (mem says), or lies in a page of 1 GiB.
    """
    lines = []
    for line in text.splitlines():
        m = INFO_TLB.match(line)
        assert m, f"info tlb says {line!r}"
        lines.append((int(m[1], 16), int(m[2], 16), m[3]))
    starts = {va for va, _, _ in lines}
    found = []
    for va, pa, flags in lines:
        nx, g, large, _, _, c, t, u, w = flags
        size = "4K"
        if large == "P":
            after = va + SIZES["2M"]
            alone = after in starts or not any(
                s.va <= after < s.end for s in mem
            )
            size = "2M" if alone else "1G"
        found.append(
            Page(
                va,
                pa,
                size,
                user=u == "U",
                write=w == "W",
                noexec=nx == "X",
                type=TYPES[c + t],
                glob=g == "G",
            )
        )
    for low, high in zip(found, found[1:]):
        assert low.end <= high.va, f"{low} {high}"
    return found


def rights(page):
    return (
        ("u" if page.user else "-")
        + "r"
        + ("w" if page.write else "-")
        + ("-" if page.noexec else "x")
    )


def as_pages(entries):
    """QEMU's entries as `pages' would print them."""
    spans = []
    for e in entries:
        what = (rights(e), e.type, "g" if e.glob else "-")
        last = spans[-1] if spans else None
        if last and last.end == e.va and last.what[:3] == what:
            sizes = last.what[3] | {e.size}
            spans[-1] = Span(last.va, e.end, (*what, sizes))
        else:
            spans.append(Span(e.va, e.end, (*what, frozenset({e.size}))))
    return spans
