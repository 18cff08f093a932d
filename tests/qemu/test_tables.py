"""mem9's audit of its page tables against QEMU's own walk of them.

The promises about them are held against QEMU's walk too, which knows nothing
of how mem9 came to these tables or what it believes of them.
"""

import pytest

import tables
from facts import Facts
from machine import PROMPT, UBOOT, Machine
from test_monitor import ask

UBOOT_PC = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
LOWER_HALF = 1 << 56  # either width of an address
KMAP = 0xFFFFFE0000000000
DIRECT = 0xFFFF800000000000

# Tables with nothing in them: KMAP's, and of windows that were unmapped.
EMPTY = 2


class View:
    """The tables of a machine in its monitor, as both see them."""

    def __init__(self, m):
        self.said = ask(m, "pages")
        self.memmap = Facts(ask(m, "map -v")).memmap()
        self.mem = tables.info_mem(m.monitor("info mem"))
        self.entries = tables.info_tlb(m.monitor("info tlb"), self.mem)
        self.facts = Facts(m.text())
        self.pages = tables.pages(self.said)


def look(name, **machine):
    ini = ("*end=monitor", *machine.pop("ini", ()))
    with Machine(f"tables-{name}", ini=ini, **machine) as m:
        m.expect(PROMPT)
        view = View(m)
    view.has_1g = m.cpu.startswith("max") and "-pdpe1gb" not in m.cpu
    assert view.facts.one("done")["failed"] == 0
    return view


def physical(entries):
    """Physical spans of entries, ascending and joined."""
    spans = sorted((e.pa, e.pa + e.end - e.va) for e in entries)
    return tables.join([tables.Span(a, b, ()) for a, b in spans])


def common(spans, others):
    """Bytes in both of two lists of disjoint, ascending spans."""
    i = j = n = 0
    while i < len(spans) and j < len(others):
        n += max(
            0,
            min(spans[i].end, others[j].end) - max(spans[i].va, others[j].va),
        )
        if spans[i].end < others[j].end:
            i += 1
        else:
            j += 1
    return n


# ---- what must hold of the tables ----


def audit_is_what_qemu_sees(view, nx):
    assert view.pages == tables.as_pages(view.entries)
    mine = [
        tables.Span(s.va, s.end, (s.what[0][0] == "u", s.what[0][2] == "w"))
        for s in view.pages
    ]
    assert tables.join(mine) == view.mem


def no_table_too_many(view, nx):
    """Those with a page below them are counted; of others there are few."""
    counts = tables.tables(view.said)
    assert sum(counts.values()) >= view.facts.one("paging")["tables"], counts
    for level, count in counts.items():
        used = {
            e.va >> (12 + 9 * (level + 1))
            for e in view.entries
            if tables.SIZES[e.size] < 2 ** (12 + 9 * (level + 1))
        }
        empty = count - len(used)
        assert 0 <= empty <= EMPTY, f"level {level}: {count}, {len(used)} used"


def nothing_is_writable_and_executable(view, nx):
    if not nx:
        return
    writable = physical([e for e in view.entries if e.write])
    runnable = physical([e for e in view.entries if not e.noexec])
    assert runnable, "no code?"
    assert common(writable, runnable) == 0


def upper_half_is_the_kernels(view, nx):
    assert not [e for e in view.entries if e.user or e.va < LOWER_HALF]


def direct_map_is_the_ram(view, nx):
    """Each page once, at the right place, and nothing that is not RAM."""
    base = view.facts.one("paging")["direct"]
    direct = [e for e in view.entries if DIRECT <= e.va < KMAP]
    assert sum(e.end - e.va for e in direct) == (
        view.facts.one("paging")["size"]
    )
    for e in direct:
        assert e.va - e.pa == base and e.write and e.type == "WB", e
        assert e.noexec == nx, e
    ram = [
        tables.Span(r.base, r.end, ())
        for r in view.memmap
        if r.what in ("MemRAM", "MemACPI")
    ]
    mapped = physical(direct)
    size = sum(s.end - s.va for s in mapped)
    assert common(mapped, ram) == size, "the direct map has more than RAM"
    cap = mapped[-1].end
    whole = sum(min(r.end, cap) - r.va for r in ram if r.va < cap)
    assert size == whole, "RAM is missing in the direct map"


def direct_map_has_the_fewest_tables(view, nx):
    """As many as the RAM's layout asks for, with the page sizes there are."""
    base = view.facts.one("paging")["direct"]
    direct = [e for e in view.entries if DIRECT <= e.va < KMAP]
    levels = 2 if view.has_1g else 1
    spans = physical(direct)
    for level in range(2):
        span = 2 ** (12 + 9 * (level + 1))
        have = {e.va // span for e in direct if tables.SIZES[e.size] < span}
        need = set()
        for s in spans:
            need |= parts(s.va + base, s.end + base, span, level < levels)
        assert have == need, (
            f"level {level}: {len(have)} tables, {len(need)} would do: "
            f"{[hex(n * span) for n in sorted(have ^ need)]}"
        )


def parts(va, end, span, whole):
    """The tables of this span that [va, end) needs; a whole span is a page
    of the next level, if the CPU has those."""
    touched = set(range(va // span, -(-end // span)))
    if whole:
        touched -= set(range(-(-va // span), end // span))
    return touched


def no_page_has_two_memory_types(view, nx):
    kinds = {e.type for e in view.entries}
    spans = {
        kind: physical([e for e in view.entries if e.type == kind])
        for kind in kinds
    }
    for a in kinds:
        for b in kinds:
            assert a == b or common(spans[a], spans[b]) == 0, f"{a} and {b}"


def check(name, nx=True, **machine):
    view = look(name, **machine)
    broken = []
    for law in (
        audit_is_what_qemu_sees,
        no_table_too_many,
        nothing_is_writable_and_executable,
        upper_half_is_the_kernels,
        direct_map_is_the_ram,
        direct_map_has_the_fewest_tables,
        no_page_has_two_memory_types,
    ):
        try:
            law(view, nx)
        except AssertionError as why:
            broken.append(f"{law.__name__}: {why}")
    assert not broken, "\n  ".join(["laws broken:", *broken])
    return view


def test_tables():
    check("512M")


MATRIX = {
    "128M": {"mem": "128M"},
    "pc": {"machine": "pc"},
    "max": {"cpu": "max"},
    "no-nx": {"cpu": "qemu64,-nx", "nx": False},
    "la57": {"cpu": "max,la57=on"},
    "5G": {"mem": "5G"},
    "no-1g-pages": {"cpu": "max,-pdpe1gb", "mem": "5G"},
    "5G-max": {"mem": "5G", "cpu": "max"},
    "5G-pc-max": {"mem": "5G", "cpu": "max", "machine": "pc"},
    "64G": {"mem": "64G"},
    "64G-max": {"mem": "64G", "cpu": "max"},
    "600G": {"mem": "600G"},
    "1100G": {"mem": "1100G", "cpu": "max,phys-bits=46"},
    "phys-bits-36": {"cpu": "qemu64,phys-bits=36", "mem": "5G"},
    "directmap": {"ini": ("*directmap=256M",)},
    "directmap-5G-max": {
        "ini": ("*directmap=256M",),
        "mem": "5G",
        "cpu": "max",
    },
    "uboot": UBOOT_PC,
    "uboot-5G": {**UBOOT_PC, "mem": "5G"},
    "uboot-no-nx": {**UBOOT_PC, "cpu": "qemu64,-nx", "nx": False},
}


@pytest.mark.matrix
@pytest.mark.parametrize("name", MATRIX)
def test_tables_of(name):
    check(name, **MATRIX[name])
