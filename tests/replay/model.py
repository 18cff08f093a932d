"""model - what replay should print for a map, found in another way.

The address space is cut at every end, and every entry asked.
"""
UPA, UMB, RAM, ACPI, RESERVED = range(5)
NAMES = ["MemUPA", "MemUMB", "MemRAM", "MemACPI", "MemReserved"]
PAGE = 4096
WIDTH = 1 << 52
RUNTIME, SP, WB = 1 << 63, 1 << 18, 1 << 3
DIRECT = 0xffff800000000000
UNUSABLE = {"efi": 8, "e820": 5}


def efitype(kind, attr):
    ram = kind in (1, 2, 3, 4, 7) and attr & WB and not attr & SP
    if attr & RUNTIME:
        return RESERVED
    return RAM if ram else ACPI if kind == 9 and attr & WB else RESERVED


def e820type(kind):
    return {1: RAM, 3: ACPI}.get(kind, RESERVED)


def read(path):
    """The entries of a map file: (kind, type, base, end, attr)."""
    for line in open(path):
        word = line.split()
        if not word or word[0] == "#":
            continue
        n = [int(w, 0) for w in word[1:]]
        if word[0] == "efi":
            yield "efi", n[0], n[1], n[1] + n[2] * PAGE, n[3]
        elif word[0] == "e820":
            yield "e820", n[0], n[1], n[2], 0


def strokes(entries):
    """Each entry as (base, end, memory type), rounded to pages."""
    yield 0, 16 << 20, UMB
    yield 16 << 20, 4 << 30, UPA
    for kind, number, base, end, attr in entries:
        mem = efitype(number, attr) if kind == "efi" else e820type(number)
        end = min(end, WIDTH)
        if mem == RAM:
            base, end = -(-base // PAGE) * PAGE, end // PAGE * PAGE
            yield base, min(end, 1 << 20), RESERVED
            yield max(base, 1 << 20), end, RAM
        else:
            yield base // PAGE * PAGE, -(-end // PAGE) * PAGE, mem


def paint(entries):
    """The map: [base, end, type], merged."""
    all_strokes = [s for s in strokes(entries) if s[0] < s[1]]
    cuts = sorted({e for s in all_strokes for e in s[:2]})
    runs = []
    for lo, hi in zip(cuts, cuts[1:]):
        kinds = [t for b, e, t in all_strokes if b <= lo and hi <= e]
        if not kinds:
            continue
        if runs and runs[-1][1] == lo and runs[-1][2] == max(kinds):
            runs[-1][1] = hi
        else:
            runs.append([lo, hi, max(kinds)])
    return runs


def overlaps(entries):
    """Pages that two entries claim: (base, npages), merged."""
    claims = []
    for kind, number, base, end, attr in entries:
        base, end = -(-base // PAGE) * PAGE, min(end, WIDTH) // PAGE * PAGE
        if base < end:
            claims.append((base, end))
    cuts = sorted({e for c in claims for e in c})
    found = []
    for lo, hi in zip(cuts, cuts[1:]):
        if sum(b <= lo and hi <= e for b, e in claims) < 2:
            continue
        if found and found[-1][1] == lo:
            found[-1][1] = hi
        else:
            found.append([lo, hi])
    return found


def masks(base, end):
    """Pairs of address and mask for blocks as large as they are aligned."""
    while base < end:
        size = 1 << 55
        while base % size or base + size > end:
            size >>= 1
        yield "0x%x,0x%x" % (base, (1 << 64) - size)
        base += size


def avoided(entries):
    """What must not be used, for Linux and for GRUB."""
    for kind, number, base, end, attr in entries:
        base, end = base // PAGE * PAGE, -(-min(end, WIDTH) // PAGE) * PAGE
        if number != UNUSABLE[kind] or base >= end:
            continue
        yield "mem9: avoid memmap=0x%x$0x%x" % (end - base, base)
        yield "mem9: avoid badram=" + ",".join(masks(base, end))


def expected(entries):
    """All lines replay should print."""
    lines = []
    given, entries = entries, []
    for entry in given:
        kind, number, base, end, attr = entry
        if base == end:
            lines.append("mem9: odd kind=zero base=0x%x pages=0" % base)
        elif kind == "efi" and end > 1 << 64 or end < base:
            lines.append("mem9: odd kind=wrap base=0x%x pages=%d" % (
                base, -(-((end - base) % (1 << 64)) // PAGE)
                if kind == "e820" else (end - base) // PAGE))
            continue
        elif kind == "efi" and base % PAGE:
            lines.append("mem9: odd kind=align base=0x%x pages=%d"
                         % (base, (end - base) // PAGE))
        if base == end:
            continue
        if end > WIDTH:
            lines.append("mem9: odd kind=width base=0x%x pages=%d"
                         % (base, -(-(end - base) // PAGE)))
        entries.append(entry)
    for lo, hi in overlaps(entries):
        lines.append("mem9: odd kind=overlap base=0x%x pages=%d"
                     % (lo, (hi - lo) // PAGE))
    runs = paint(entries)
    total = [0] * 5
    for lo, hi, kind in runs:
        total[kind] += hi - lo
        lines.append("mem9: memmap type=%s base=0x%x size=0x%x"
                     % (NAMES[kind], lo, hi - lo))
    lines.append("mem9: total ram=%d acpi=%d reserved=%d upa=%d umb=%d lost=0"
                 % (total[RAM], total[ACPI], total[RESERVED], total[UPA],
                    total[UMB]))
    npage = total[RAM] // PAGE
    percent = 50 if total[RAM] < 16 << 20 else 60
    left = min(npage - npage * percent // 100, (2 << 30) // PAGE)
    banks = [r for r in runs if r[2] == RAM]
    for i, (lo, hi, _) in enumerate(banks):
        take = min(left, (hi - lo) // PAGE)
        left -= take
        kbase = DIRECT + lo if take else 0
        lines.append("mem9: bank n=%d base=0x%x npage=%d kbase=0x%x "
                     "klimit=0x%x" % (i, lo, (hi - lo) // PAGE, kbase,
                                      kbase + take * PAGE))
    return lines + list(avoided(entries))
