"""What must hold after any boot, whatever the machine and the firmware.

The anchor is the RAM that QEMU was given. A PC puts it at

    0        640K   1M              low                4G or 1T      high
    | RAM    | hole | RAM           | flash, devices   | RAM          |

and what shows through between 640K and 1M is not it, so every firmware's map
describes exactly (given - 384 KiB) of RAM: OVMF by descriptors with a hole
between, U-Boot with that hole marked Reserved. From there on everything is
counted to the byte:

    given - 384K = MemRAM + MemACPI + reserved RAM            (the memmap)
    reserved RAM = what the firmware keeps + RAM below 1 MiB + mem9's block
                   + what the MTRRs make slow, each range of it named
    banks        = MemRAM - page tables built before + the block's own first
                   tables, which are no longer needed by then
    pages        = banks - the kernel's part - what describes the pages
"""

import re
from collections import Counter
from functools import partial

import spent
from facts import PAGE, START, Range, overlap, shared, total
from machine import HOLE, UBOOT, GiB, MiB, apicids_of, nodes_of, ram_of

KEPT = 64 * PAGE  # a run that the log is kept in
FIRST_TABLES = 64  # of mem9's own block, which become RAM

# The specification's types that an operating system may use after
# ExitBootServices; which attributes forbid it is in EFI_* below.
USABLE = {
    "ConventionalMemory",
    "BootServicesCode",
    "BootServicesData",
    "LoaderCode",
    "LoaderData",
}
EFI_WB = 1 << 3
EFI_SP = 1 << 18
EFI_RUNTIME = 1 << 63


# The checks of a boot, in order.
CHECKS = (
    "memmap mtrr conf tables gdt text-write null-read data-run user-read "
    "user-run divide opcode address stack-guard nmi kmap vmap pages bytemap xalloc "
    "malloc cpus proc-run proc-memory ram services"
).split()
# Those of a rehearsal, while firmware lives.
REHEARSED = "memmap conf pages bytemap xalloc malloc ram".split()


def skips(machine, facts):
    """The checks that this machine must skip, and no other may be."""
    model, *features = machine.cpu.split(",")
    names = set()
    if "-nx" in features:
        names.add("data-run")
    if model != "max" or "-smap" in features:
        names.add("user-read")
    if model != "max" or "-smep" in features:
        names.add("user-run")
    if doubts(facts):
        names.add("mtrr")
    if asked_for(machine) == 1:
        names.add("cpus")
    return names


def check(machine, facts, clean=True, failed=(), notes=()):
    """Every law; all that are broken are named, not only the first.

    Not clean: the firmware may be odd. Failed: the checks that must fail.
    Notes: how the lines for people end that must be there, and no others.
    """
    laws = [
        partial(ended, failed=failed),
        partial(lines_are_whole, notes=notes),
        firmware_describes_all_ram,
        memmap_is_sorted_and_covers_4g,
        memmap_follows_the_firmware,
        every_byte_is_accounted_for,
        banks_are_the_ram,
        conf_adds_up,
        pages_add_up,
        locks_are_timed,
        ram_was_tried,
        direct_map_is_the_ram,
        tables_are_safe,
        mtrrs_are_judged,
        cpus_are_those_given,
        cpus_are_alike,
        nodes_are_those_given,
        pages_are_local,
        the_log_has_its_place,
        the_first_process_ran,
    ]
    if clean:
        laws.append(stock_firmware_is_not_odd)
    broken = []
    for law in laws:
        try:
            law(machine, facts)
        except AssertionError as why:
            name = getattr(law, "func", law).__name__
            broken.append(f"{name}: {why}")
    assert not broken, "\n  ".join(["laws broken:", *broken])


def check_of(facts, name):
    """The line of this check."""
    lines = [c for c in facts.all("check") if c["name"] == name]
    assert len(lines) == 1, f"{len(lines)} lines `mem9: check name={name}'"
    return lines[0]


PANICKED = "it panicked"


def ended(machine, facts, failed=()):
    """Each check of this kind of machine ran, in order: with that result."""
    want = {name: "ok" for name in CHECKS}
    want.update({name: "skipped" for name in skips(machine, facts)})
    want.update({name: "failed" for name in failed})
    checks = facts.all("check")
    said = [(c["name"], c["result"]) for c in checks]
    wrong = [c for c in checks if want.get(c["name"]) != c["result"]]
    assert said == list(want.items()), f"{wrong or said}, not {want}"
    done = facts.one("done")
    results = list(want.values())
    assert done["checks"] == len(results), done
    for result in ("failed", "skipped"):
        assert done[result] == results.count(result), f"{done}: {result}"
    panicked = [c for c in checks if c.get("detail") == PANICKED]
    panics = len(re.findall(r"^panic: ", facts.text, re.M))
    assert panics == len(panicked), f"{panics} panics in the log"


def missing(facts):
    """RAM that the map has and that does not hold what it is given."""
    return [
        Range(o["base"], o["base"] + o["pages"] * PAGE, "bad")
        for o in facts.all("odd")
        if o["kind"] == "bad"
    ]


EACH = 64 * GiB  # a page of every 2 MiB below must have been tried


def ram_was_tried(machine, facts, how="quick"):
    """By what the check says: of all the map's RAM, enough."""
    detail = check_of(facts, "ram")["detail"]
    found = re.match(r"(\d+) of (\d+) MiB tried", detail)
    assert found, detail
    tried, whole = map(int, found.groups())
    ram = [r for r in facts.memmap() if r.what == "MemRAM"] + missing(facts)
    free = total(ram) - total(kept(facts))
    assert whole == free // MiB, f"{detail}: {free} bytes"
    low = [Range(r.base, min(r.end, EACH), "") for r in ram if r.base < EACH]
    pieces = sum(-(-r.end // (2 * MiB)) - r.base // (2 * MiB) for r in low)
    least = (pieces - len(low)) * PAGE // MiB or 1
    if how == "full":
        least = whole
    assert least <= tried <= whole, f"{detail}: at least {least}"


# What Debian's U-Boot gives every program on its command line.
UBOOT_SAYS = (
    "mem9: root=/dev/sdb3: unknown option: ignored",
    "mem9: init=/sbin/init: unknown option: ignored",
    "mem9: rootwait: unknown command: ignored",
    "mem9: ro: unknown command: ignored",
)


def lines_are_whole(machine, facts, notes=()):
    """Each `mem9: ' line parses, or is one of the notes; it ends in CRLF."""
    for line in facts.text.split("\n"):
        if line.startswith(START):
            assert line.endswith("\r"), f"no CR: {line!r}"
    left = {s for s in facts.unread if not s.endswith(tuple(notes))}
    if machine.firmware == UBOOT:
        left -= set(UBOOT_SAYS)
    assert left == set(), f"neither facts nor expected: {left}"
    for note in notes:
        assert any(s.endswith(note) for s in facts.unread), f"no {note!r}"


def firmware_describes_all_ram(machine, facts):
    ram, efi = ram_of(machine), facts.efi()
    assert len(efi) == facts.one("start")["descriptors"]
    found = shared(efi, ram)
    assert found == machine.mem - HOLE.size, (
        f"{found} bytes of {machine.mem - HOLE.size} in efi lines"
    )


def memmap_is_sorted_and_covers_4g(machine, facts):
    memmap, aside = facts.memmap(), facts.aside()
    for low, high in zip(memmap, memmap[1:]):
        assert low.end <= high.base, f"{low} {high}"
        alike = low.what == high.what and (low in aside) == (high in aside)
        assert low.end < high.base or not alike, (
            f"equal neighbours {low} {high}"
        )
    covered = shared(memmap, [Range(0, 4 * GiB, "")])
    assert covered == 4 * GiB, f"{4 * GiB - covered} bytes below 4G missing"
    said = facts.one("total")
    for name in ("ram", "acpi", "reserved", "upa", "umb"):
        kind = "Mem" + (name.upper() if len(name) < 5 else name.title())
        assert said[name] == total(memmap, kind), (
            f"total {name}={said[name]}, lines say {total(memmap, kind)}"
        )
    assert said["lost"] == 0, said
    ram = [r for r in memmap if r.what == "MemRAM"]
    assert shared(ram, ram_of(machine)) == total(ram), "MemRAM where none is"
    assert all(r.base >= MiB for r in ram), "MemRAM below 1 MiB"


def becomes(descriptor, base):
    """The memmap type of the byte at base, which descriptor describes."""
    attr = descriptor["attr"]
    if attr & EFI_RUNTIME:
        return "MemReserved"
    if descriptor["type"] == "ACPIReclaimMemory":
        return "MemACPI" if attr & EFI_WB else "MemReserved"
    if descriptor["type"] not in USABLE or not attr & EFI_WB or attr & EFI_SP:
        return "MemReserved"
    return "MemRAM" if base >= MiB else "MemReserved"


def _end(descriptor):
    return descriptor["base"] + descriptor["pages"] * PAGE


def block(facts):
    """mem9's own block: LoaderData that the memmap has as reserved."""
    loader = [d for d in facts.all("efi") if d["type"] == "LoaderData"]
    return [
        Range(max(base, r.base), min(end, r.end), "block")
        for d in loader
        for base, end in _pieces(facts, d)
        for r in facts.memmap()
        if r.what == "MemReserved" and r.base >= MiB
        if overlap(Range(base, end, ""), r) > 0
        if shared([Range(base, end, "")], slow(facts)) == 0
    ]


def doubts(facts):
    """Lines that say why MTRRs are not believed: there is nothing at 0."""
    return [
        o for o in facts.all("odd") if o["kind"] == "mtrr" and o["base"] == 0
    ]


def slow(facts):
    """RAM and ACPI tables that are not write-back by the MTRRs."""
    return [
        Range(o["base"], o["base"] + o["pages"] * PAGE, "slow")
        for o in facts.all("odd")
        if o["kind"] == "mtrr" and o["base"] != 0
    ]


def memmap_follows_the_firmware(machine, facts):
    """Piece by piece: the firmware's type, by the table, is the memmap's."""
    memmap = facts.memmap()
    for d in facts.all("efi"):
        for base, end in _pieces(facts, d):
            want = becomes(d, base)
            if shared([Range(base, end, "")], slow(facts)) > 0:
                want = "MemReserved"
            for r in memmap:
                if shared([r], missing(facts)) > 0:
                    continue
                if overlap(Range(base, end, ""), r) == 0 or r.what == want:
                    continue
                mine = d["type"] == "LoaderData" and r.what == "MemReserved"
                assert mine, f"{d} became {r.what}, not {want}"


def _pieces(facts, descriptor):
    """Cut where its parts may become something else: at 1 MiB, by MTRRs."""
    base, end = descriptor["base"], _end(descriptor)
    cuts = {base, end, MiB}
    for r in slow(facts):
        cuts |= {r.base, r.end}
    cuts = sorted(cut for cut in cuts if base <= cut <= end)
    return zip(cuts, cuts[1:])


def every_byte_is_accounted_for(machine, facts):
    ram = ram_of(machine)
    given = machine.mem - HOLE.size
    memmap = facts.memmap()
    parts = {
        kind: shared([r for r in memmap if r.what == kind], ram)
        for kind in ("MemRAM", "MemACPI", "MemReserved")
    }
    assert sum(parts.values()) == given, f"{parts}, given {given}"
    kept = low = 0
    for d in facts.all("efi"):
        for base, end in _pieces(facts, d):
            if shared([Range(base, end, "")], slow(facts)) > 0:
                continue
            here = shared([Range(base, end, "")], ram)
            if becomes(d, MiB) == "MemReserved":
                kept += here
            elif becomes(d, base) == "MemReserved":
                low += here
    mine = total(block(facts))
    lost = total(slow(facts))
    assert parts["MemReserved"] == kept + low + mine + lost, (
        f"reserved RAM {parts['MemReserved']}: firmware keeps {kept}, "
        f"below 1 MiB {low}, mem9's block {mine}, not write-back {lost}"
    )
    assert parts["MemRAM"] == facts.one("total")["ram"]


def banks_are_the_ram(machine, facts):
    """Banks are MemRAM less page tables, and the block's first tables."""
    banks = facts.banks()
    assert banks, "no bank"
    for low, high in zip(banks, banks[1:]):
        assert low.end <= high.base, f"{low} {high}"
    ram = [r for r in facts.memmap() if r.what == "MemRAM"]
    in_ram = shared(banks, ram)
    given_back = shared(banks, block(facts))
    assert in_ram + given_back == total(banks), "a bank that is no RAM"
    # Two more for each 2 MiB of hand-over; or none if they are slow memory.
    more = given_back // PAGE - FIRST_TABLES
    if given_back == 0 and slow(facts):
        more = 0
    room = total(block(facts)) // (2 * MiB)
    assert more % 2 == 0 <= more // 2 <= room, f"{given_back} given back"
    taken = total(ram) - in_ram
    taken = (taken - total(facts.aside())) // PAGE
    least, most = spent.tables(machine, facts, more)
    assert least <= taken <= most, f"{taken} tables, not {least} to {most}"


def conf_adds_up(machine, facts):
    conf = facts.one("conf")
    pages = total(facts.banks())
    assert conf["npage"] * PAGE == pages, f"{conf}, banks have {pages}"
    assert conf["kernel"] + conf["user"] == pages, f"{conf} of {pages}"
    assert conf["upages"] * PAGE == conf["user"], conf
    kernel = sum(b["klimit"] - b["kbase"] for b in facts.all("bank"))
    assert conf["kernel"] == kernel, f"{conf}, banks have {kernel}"
    # The report is in MiB: each of its numbers may be rounded either way.
    for said, exact in zip(
        facts.report(), (pages, conf["kernel"], conf["user"], conf["swap"])
    ):
        assert abs(said - exact / MiB) <= 1, f"{facts.report()} {conf}"


def pages_add_up(machine, facts):
    first, bytemap = facts.first("palloc"), facts.one("bytemap")
    want = spent.pages(facts)
    assert first["pages"] == want, f"{first}: {want} can be had"
    # Nobody has had one yet.
    assert want == first["free"] == bytemap["free"], f"{bytemap} {first}"
    assert bytemap["allocated"] == 0, bytemap
    frames = bytemap["free"] + bytemap["reserved"]
    assert frames == facts.one("conf")["npage"], bytemap
    # Whatever was found since: what is bad is listed.
    palloc = facts.last("palloc")
    assert 0 < palloc["free"] <= palloc["pages"] <= want, palloc
    assert palloc["pagestruct"] <= 32, palloc
    bad = palloc["quarantined"] * PAGE
    assert bad == total(missing(facts)) == facts.bad(), f"{palloc}: {bad}"


def locks_are_timed(machine, facts):
    """No stay is longer than all of them."""
    for lock in facts.all("palloc") + facts.all("pool"):
        assert lock["longest"] <= lock["held"], lock


def direct_map_is_the_ram(machine, facts):
    """All of it and the ACPI tables, and then the block's first tables; but
    for what an option leaves out."""
    said = facts.one("total")
    size = facts.one("paging")["size"]
    if not any(word.startswith("*directmap=") for word in machine.ini):
        more = size - said["ram"] - said["acpi"]
        assert 0 <= more <= total(block(facts)), f"{size} of {said}"


def tables_are_safe(machine, facts):
    paging = facts.one("paging")
    assert paging["wx"] == 0, paging
    assert paging["levels"] in (4, 5), paging


def mtrrs_are_judged(machine, facts):
    """Skipped where they are not believed; ok for a twentieth of the RAM."""
    results = [c["result"] for c in facts.all("check") if c["name"] == "mtrr"]
    lost = total(slow(facts))
    ram = lost + facts.one("total")["ram"] + facts.one("total")["acpi"]
    want = "ok" if 20 * lost <= ram else "failed"
    if doubts(facts):
        want = "skipped"
        assert len(doubts(facts)) == 1 and lost == 0, facts.all("odd")
    assert results == [want], f"check mtrr: {results}, {lost} of {ram} lost"


def asked_for(machine):
    """How many CPUs may run, by the options."""
    most = len(apicids_of(machine))
    for word in machine.ini:
        if word.startswith("*ncpu="):
            most = min(most, int(word.split("=")[1]))
        elif word == "*nomp=1":
            most = 1
    return most


def cpus_are_those_given(machine, facts):
    """Each that QEMU has is named, CPU 0 first; those asked for run, and the
    others are parked."""
    ids, up = apicids_of(machine), asked_for(machine)
    cpus = facts.all("cpu")
    assert cpus and cpus[0]["apicid"] == ids[0], f"{cpus}, not {ids[0]} first"
    said = sorted(c["apicid"] for c in cpus)
    assert said == ids, f"APIC ids {said}, QEMU has {ids}"
    numbers = [c["n"] for c in cpus]
    assert numbers == list(range(len(ids))), numbers
    want = ["up"] * up + ["skipped"] * (len(ids) - up)
    results = [c["result"] for c in cpus]
    assert results == want, f"{results}, not {want}"
    want = {"present": len(ids), "up": up, "parked": len(ids) - up}
    want["mode"] = "xapic"  # QEMU 7.2 without KVM has no other
    mwait = machine.cpu.startswith("max") and "-hypervisor" in machine.cpu
    want["wait"] = "mwait" if mwait else "hlt"
    assert facts.one("cpus") == want, f"{facts.one('cpus')}, not {want}"
    # The top of the tables that they start with, for which CR3 has 32 bits.
    want = PAGE * (up > 1)
    aside = [r for r in facts.aside() if shared([r], kept(facts)) == 0]
    assert total(aside) == want, f"{aside} set aside, not {want} bytes"
    assert all(r.end <= 4 * GiB for r in aside), aside


def kept(facts):
    """Runs that the log is kept in."""
    return [
        Range(k["base"], k["base"] + k["size"], "kept")
        for k in facts.all("kept")
    ]


def the_log_has_its_place(machine, facts):
    """Set aside, in RAM, apart, and each where firmware gave it to mem9."""
    loader = [r for r in facts.efi() if r.what == "LoaderData"]
    for r in kept(facts):
        assert r.size == KEPT, f"{r}: not {KEPT} bytes"
        assert shared([r], facts.aside()) == KEPT, f"{r} is not set aside"
        assert shared([r], loader) == KEPT, f"{r} is not mem9's"
    assert total(kept(facts)) == shared(kept(facts), kept(facts)), "one twice"


def the_first_process_ran(machine, facts):
    """The last step: it has said that it is there, and nothing is wrong."""
    want = {"name": "init", "result": "ok", "status": 0}
    assert facts.one("userinit") == want, facts.one("userinit")
    here = "the first process is here"
    assert facts.first("print") == {"pid": 1, "name": "init", "text": here}


def cpus_are_alike(machine, facts):
    """One time for all, as QEMU has it: they are apart by no more than the
    measurement may be wrong. And no register is another than CPU 0's."""
    for c in facts.all("cpu")[1:]:
        if c["result"] != "up":
            continue
        found = re.match(r"TSC ([+-]\d+) within (\d+)", c["detail"])
        assert found, c
        offset, width = map(int, found.groups())
        assert 0 < width and abs(offset) <= width - width // 2, c
        assert " and not " not in c["detail"], c


def nodes_are_those_given(machine, facts):
    """All RAM of the map is in the node that QEMU has it in, and all pages are
    in one; so are CPUs."""
    ram = [r for r in facts.memmap() if r.what == "MemRAM"]
    said = Counter()
    for n in facts.all("node"):
        said[n["n"]] += n["ram"]
        r = Range(n["base"], n["base"] + n["size"], "node")
        assert shared(ram, [r]) == n["ram"], n
    want = {i: shared(ram, r) for i, r in enumerate(nodes_of(machine))}
    assert said == want, f"{dict(said)} bytes by node, not {want}"
    assert sum(said.values()) == facts.one("total")["ram"]
    pages = sum(n["pages"] for n in facts.all("nodepages"))
    if machine.numa:
        assert pages == facts.first("palloc")["pages"], pages
    want = {}
    for i, (_, cpus) in enumerate(machine.numa or [("0M", None)]):
        first, *last = (cpus or "0").split("-")
        for cpu in range(int(first), int((last or [first])[0]) + 1):
            if cpus is not None or not machine.numa:
                want[apicids_of(machine)[cpu]] = i
    for c in facts.all("cpu"):
        assert c["node"] == want.get(c["apicid"], 0), c


def pages_are_local(machine, facts):
    """At least 99 of 100 that a CPU has, while its node has any."""
    for local in facts.all("local"):
        assert local["pages"] * 100 >= local["of"] * 99, local
    some = any(cpus is not None for _, cpus in machine.numa)
    if some and all(w != "*checks=none" for w in machine.ini):
        assert len(facts.all("local")) == 1


def stock_firmware_is_not_odd(machine, facts):
    """But U-Boot: in QEMU it leaves MTRRs by which all RAM is uncached."""
    assert facts.one("exit")["tries"] == 1, facts.one("exit")
    odd = facts.all("odd")
    if machine.firmware == UBOOT:
        assert len(doubts(facts)) == 1, odd
        odd = [o for o in odd if o not in doubts(facts)]
    assert odd == [], odd
