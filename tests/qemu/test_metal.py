"""What the CPU was given, as QEMU sees it: registers, tables of gates and
segments, memory types, firmware's address space. mem9 is not asked.

On the quickest machine there is; what firmware's space is like, with the
firmware that has an attributes table.
"""

import re

import pytest

import laws
import tables
from facts import PAGE, Facts
from gdbstub import Stub
from machine import COUNTED, PATIENCE, PROMPT, QUICK, Machine
from symbols import KZERO, code, instruction, symbols
from test_gdb import stub

STAY = ("*end=monitor", "*nokaslr=1", "*checks=none")


def test_boot():
    """All checks and laws, on 64 MiB; what was said under firmware is said
    again from the log once it is left; it ends as it is told to; and its
    clock, by which QEMU's virtual one is 1 GHz, is right."""
    ini = ("*end=poweroff", "nonesuch=1")
    with Machine("metal", ini=ini, **COUNTED) as m:
        m.run_to_end()
    facts = Facts(m.text())
    laws.check(
        m, facts, notes=[r"\mem9.ini:2: nonesuch=1: unknown option: ignored"]
    )
    assert m.shutdown_reason == "guest-shutdown"
    assert facts.text.count(': leaving "Das U-Boot"') == 2
    assert facts.text.count(":2: nonesuch=1: unknown option: ignored") == 2
    cycles = facts.one("cycles")
    assert 0.95e9 < cycles["hz"] < 1.1e9, cycles
    assert cycles["palloc"] / 1.1e3 < facts.one("done")["us"], cycles
    assert cycles["pageinit"] < cycles["palloc"] < 4 * cycles["pageinit"]
    pools = [pool["name"] for pool in facts.all("pool")]
    assert pools == ["Main", "Image", "Secrets"]


def test_boot_with_all_that_qemu_has():
    """SMAP and SMEP are on: the check of a user's page has to fault."""
    with Machine("metal-all", cpu="max", **COUNTED) as m:
        m.run_to_end()
    laws.check(m, Facts(m.text()))


def test_space_is_the_kernels_after_a_call():
    """Firmware was called by a check; nothing below is mapped afterwards."""
    with Machine("metal-after", ini=("*end=monitor",), **COUNTED) as m:
        stopped(m)
        mem = mapped(m)
    assert "name=services result=ok" in m.text()
    assert mem and all(span.va >= 1 << 63 for span in mem), mem


def test_a_cpu_without_nx():
    with Machine("metal-no-nx", cpu="qemu64,-nx", **COUNTED) as m:
        m.run_to_end()
    laws.check(m, Facts(m.text()))
    assert "result=skipped detail=\"no NX\"" in m.text()


@pytest.mark.matrix
@pytest.mark.parametrize("beyond", [0, 1])
def test_width_of_physical_addresses(beyond):
    """Memory ends where the CPU's addresses do; what is beyond is named."""
    end = 1 << 38
    more = end + beyond * PAGE
    e820 = f"*e820=1 100000 3e00000 1 {end - PAGE:x} {more:x}"
    with Machine(
        f"metal-width-{beyond}",
        cpu="qemu64,phys-bits=38",
        ini=("*end=poweroff", "*checks=none", e820),
        **COUNTED,
    ) as m:
        m.run_to_end()
    facts = Facts(m.text())
    assert facts.memmap()[-1] == (end - PAGE, end, "MemRAM")
    odd = [o for o in facts.all("odd") if o["kind"] == "width"]
    assert len(odd) == beyond, odd


# What the monitor is told to provoke, and what the report must say.
REPORTS = {
    "divide": r"fault: divide error \(vector 0\), error code 0x0\r\nat "
    r"0x\w+ \(image\) divide\+0x",
    "address": r"fault: general protection \(vector 13\), error code 0x0",
    "text": r"page fault \(vector 14\), error code 0x3\s+at 0x\w+ \(image\) "
    r"writetext\+0x\w+\s+write of 0x\w+ \(image\): not allowed\s+"
    r"walk of 0x\w+, image:[\s\S]*level 0: 0x\w+ present read-only global "
    r"WB 4K page",
    "null": r"page fault \(vector 14\), error code 0x0\s[\s\S]*read of 0x0 "
    r"\(null page\): nothing mapped\s+walk of 0x0+, null page:\s+"
    r"level 3: 0x0+ not present",
    "nx": r"page fault \(vector 14\), error code 0x11\s+at (0x\w+) \(image\)"
    r"\s+execution of \1 \(image\): not allowed[\s\S]*level 0: 0x\w+ "
    r"present write no-execute global WB 4K page",
    "stack": r"double fault \(vector 8\),[\s\S]*stack overflow: 0x\w+ is in "
    r"the guard below a stack[\s\S]*deeper\+0x\w+ \(\d+ times\)",
}


def test_reports_of_faults():
    """Once each and then the first once more: the report leaves no trace."""
    with Machine("metal-reports", ini=STAY, **COUNTED) as m:
        for kind in [*REPORTS, "divide"]:
            m.expect(PROMPT)
            m.serial.send(f"fault {kind}\r")
            said = m.expect(r"mem9 stays up[^\n]*\n")
            assert re.search(REPORTS[kind], said), f"{kind}: {said}"
            assert said.count("fault: ") == 1, said


# ---- registers, descriptors, gates ----

PE, MP, ET, NE, WP, PG = (1 << n for n in (0, 1, 4, 5, 16, 31))
PAE, MCE, PGE, OSFXSR, OSXMMEXCPT = (1 << n for n in (5, 6, 7, 9, 10))
UMIP, SMEP, SMAP = (1 << n for n in (11, 20, 21))
SCE, LME, LMA, NXE = (1 << n for n in (0, 8, 10, 11))
IF = 1 << 9
CR4 = PAE | MCE | PGE | OSFXSR | OSXMMEXCPT
ISTS = {8: "DF", 2: "NMI", 18: "MC"}
WITH_ERROR = (8, 10, 11, 12, 13, 14, 17, 21, 29, 30)
GATE, ENTRY = 16, 16
STACKS = 0xFFFFFF8000000000


def number(text, name):
    """A register of `info registers'."""
    return int(re.search(rf"\b{name} *= *([0-9a-f]+)", text)[1], 16)


def table(text, name):
    """Where a descriptor table is, and its limit."""
    found = re.search(rf"{name}= +([0-9a-f]+) ([0-9a-f]+)", text)
    return int(found[1], 16), int(found[2], 16)


def words(m, address, n):
    """n words of memory of 8 bytes, by the page tables of now."""
    said = m.monitor(f"x /{n}gx {address:#x}")
    return [int(w, 16) for w in re.findall(r"0x([0-9a-f]{16})", said)]


def mapped(m):
    return tables.info_mem(m.monitor("info mem"))


def stopped(m):
    """In the monitor, and halted, so that QEMU has time to answer."""
    m.expect(PROMPT)
    m.monitor("stop")


def registers(cpu):
    with Machine(f"registers-{cpu}", cpu=cpu, ini=STAY, **COUNTED) as m:
        stopped(m)
        return m.monitor("info registers")


def has_cr(text, more):
    assert number(text, "CR0") == PE | MP | ET | NE | WP | PG
    assert number(text, "CR4") == CR4 | more
    assert number(text, "EFER") == SCE | LME | LMA | NXE


def segments_are_flat(m, text):
    base, limit = table(text, "GDT")
    assert base == symbols()["gdt"]
    gdt = words(m, base, (limit + 1) // 8)
    tr = int(re.search(r"TR *=([0-9a-f]{4})", text)[1], 16) // 8
    assert gdt[0] == 0
    for word in gdt[1:tr] + gdt[tr + 2 :]:
        if word != 0:
            assert word & 0xFFFF == 0xFFFF and word >> 48 & 0xF == 0xF
            assert word >> 16 & 0xFFFFFF == 0 and word >> 56 == 0, hex(word)
            assert word >> 47 & 1 and word >> 44 & 1, hex(word)
    low, high = gdt[tr : tr + 2]
    assert low >> 40 & 0xFF == 0x8B, "no busy TSS"
    assert low & 0xFFFF == 103
    where = low >> 16 & 0xFFFFFF | low >> 56 << 24 | high << 32
    assert where == symbols()["tss"]
    return where


def stacks_are_apart(m, tss):
    """The TSS's seven: three are the tops of stacks that end in a guard."""
    spans = mapped(m)
    tops = [top for top in ists(m, tss) if top != 0]
    assert len(set(tops)) == len(ISTS), tops
    for top in tops:
        span = [s for s in spans if s.va < top <= s.end]
        assert len(span) == 1 and span[0].end == top, hex(top)
        assert span[0].what == (False, True)
        assert span[0].end - span[0].va >= 16 * 1024
        below = span[0].va
        assert not any(s.va < below and s.end > below - 65536 for s in spans)


def pages_are_the_stacks_own(m):
    """No two of their pages are the same memory."""
    entries = tables.info_tlb(m.monitor("info tlb"), mapped(m))
    own = [e for e in entries if STACKS <= e.va < KZERO]
    assert len(own) > 32 and all(e.size == "4K" for e in own), own
    assert len({e.pa for e in own}) == len(own)


def ists(m, tss):
    """IST1 to IST7, 36 bytes from the start of a TSS."""
    raw = b"".join(w.to_bytes(8, "little") for w in words(m, tss, 13))
    return [
        int.from_bytes(raw[at : at + 8], "little") for at in range(36, 92, 8)
    ]


def gates_lead_to_their_entries(m, text, tss):
    base, limit = table(text, "IDT")
    assert limit == 256 * GATE - 1
    gates = words(m, base, 512)
    cs = int(re.search(r"CS *=([0-9a-f]{4})", text)[1], 16)
    used = {}
    for vector in range(256):
        low, high = gates[2 * vector : 2 * vector + 2]
        offset = low & 0xFFFF | low >> 48 << 16 | (high & 0xFFFFFFFF) << 32
        assert offset == symbols()["trapentries"] + ENTRY * vector, vector
        assert low >> 16 & 0xFFFF == cs
        assert low >> 40 & 0xFF == 0x8E, f"gate {vector}: {low:#x}"
        if ist := low >> 32 & 7:
            used[vector] = ists(m, tss)[ist - 1]
    # A program's single step into the kernel, before it has a stack there.
    assert used.pop(1) == used[8], used
    assert set(used) == set(ISTS), used
    assert len(set(used.values())) == len(ISTS) and all(used.values())


def test_registers_segments_gates():
    """With all that mem9 switches on where there is it."""
    with Machine("metal-max", cpu="max", ini=STAY, **COUNTED) as m:
        stopped(m)
        assert Facts(m.text()).one("cpus")["wait"] == "hlt"  # QEMU offers more
        text = m.monitor("info registers")
        has_cr(text, UMIP | SMEP | SMAP)
        assert int(re.search(r"LDT=([0-9a-f]{4})", text)[1], 16) == 0
        for data in "DS", "ES", "SS", "FS", "GS":
            said = re.search(rf"{data} *=([0-9a-f]{{4}}) (\S+) (\S+)", text)
            assert int(said[1], 16) in (0, 16), said[0]
            assert int(said[2], 16) == 0, said[0]
        assert number(text, "RFL") & IF == 0
        tss = segments_are_flat(m, text)
        stacks_are_apart(m, tss)
        pages_are_the_stacks_own(m)
        gates_lead_to_their_entries(m, text, tss)


@pytest.mark.matrix
def test_registers_of_a_cpu_without_more():
    has_cr(registers("qemu64"), 0)


@pytest.mark.parametrize("entries, n", [("trapentries", 256), ("interimentries", 32)])
def test_each_entry_makes_the_same_frame(entries, n):
    """An error code and the vector: those vectors that have no code get 0."""
    start = symbols()[entries]
    pushed = {}
    for function in code().values():
        for address, text in function:
            vector = (address - start) // ENTRY
            if 0 <= vector < n and text.startswith("push"):
                pushed.setdefault(vector, []).append(text.split("$")[1])
    if entries == "interimentries":
        assert pushed.pop(2, None) is None  # an NMI has its own
    for vector, values in pushed.items():
        want = [vector] if vector in WITH_ERROR else [0, vector]
        assert [int(v.split()[0], 0) & 0xFF for v in values] == want, vector
    assert len(pushed) == n - (entries == "interimentries")


# ---- with QEMU's gdb stub ----

MSRPAT = 0x277
UC, WC, WB, UC_MINUS = 0, 1, 6, 7
# By PWT and PCD, with the PAT bit and without.
PAT = [WB, WC, UC_MINUS, UC] * 2
GENERAL = (
    "rax rbx rcx rdx rsi rdi rbp r8 r9 r10 r11 r12 r13 r14 r15".split()
)


def test_memory_types_and_a_report(tmp_path):
    """The PAT as it is written; and registers that a fault's report shows,
    each with a value of its own."""
    functions = code()
    wrmsr = instruction(functions, "patinit", "wrmsr")
    ud2 = instruction(functions, "badopcode", "ud2")
    with Machine(
        "metal-gdb", ini=STAY, **QUICK, args=["-S", *stub(tmp_path)]
    ) as m:
        s = Stub(tmp_path / "gdb", PATIENCE)
        s.hbreak(wrmsr)
        assert s.resume() == wrmsr
        now = s.registers()
        assert now["rcx"] == MSRPAT
        value = now["rdx"] << 32 | now["rax"] & 0xFFFFFFFF
        assert [value >> 8 * i & 0xFF for i in range(8)] == PAT
        s.unbreak(wrmsr)
        s.hbreak(ud2)
        m.serial.send("fault opcode\r")
        assert s.resume() == ud2
        values = s.registers()
        for i, name in enumerate(GENERAL):
            values[name] = 0x0123456789ABCD00 * (i + 1) % 2**64 | i
        s.set_registers(values)
        s.unbreak(ud2)
        s.let_go()
        said = m.expect(r"mem9 stays up[^\n]*\n")
    found = dict(re.findall(r"\b(r\w\w?|rip) +([0-9a-f]{16})\b", said))
    for name in [*GENERAL, "rsp", "rip"]:
        assert int(found[name], 16) == values[name], f"{name}: {said}"
    assert f"flags {values['eflags']:x}" in said
    assert "invalid opcode (vector 6), error code 0x0" in said


def test_firmwares_space_has_the_least_rights(tmp_path):
    """All of its runtime memory is there at its own address, nothing else
    below, and none of it to write and run; above it is the kernel's own. The
    stack is not the one that mem9 stands on."""
    ini = ("*end=reset", *STAY[1:])
    with Machine(
        "metal-runtime", ini=ini, args=["-S", *stub(tmp_path)]
    ) as m:
        s = Stub(tmp_path / "gdb", PATIENCE)
        s.hbreak(symbols()["reset"])
        s.hbreak(symbols()["callfirmware"])
        assert s.resume() == symbols()["reset"]
        kernel = [x for x in mapped(m) if x.va >= 1 << 63]
        s.unbreak(symbols()["reset"])
        assert s.resume() == symbols()["callfirmware"]
        s.unbreak(symbols()["callfirmware"])
        mem = mapped(m)
        stack = s.registers()["r8"]
        call = instruction(code(), "callfirmware", "callq")
        s.hbreak(call)
        assert s.resume() == call
        assert stack - 128 < s.registers()["rsp"] < stack
        entries = tables.info_tlb(m.monitor("info tlb"), mem)
        s.let_go()
        m.run_to_end()
    assert m.shutdown_reason == "guest-reset"
    assert [x for x in mem if x.va >= 1 << 63] == kernel
    below = [e for e in entries if e.va < 1 << 63]
    assert all(e.va == e.pa and not e.user and not e.glob for e in below)
    assert not [e for e in below if e.write and not e.noexec]
    facts = Facts(m.text())
    want = []
    for d in facts.all("efi"):
        runtime = d["type"].startswith("RuntimeServices")
        if runtime or d["attr"] & laws.EFI_RUNTIME:
            end = d["base"] + d["pages"] * PAGE
            want.append(tables.Span(d["base"], end, ()))
    assert tables.join(sorted(want)) == tables.join(
        [tables.Span(e.va, e.end, ()) for e in below]
    )
    code_pages = [e for e in below if not e.noexec]
    services = [d for d in facts.all("efi") if d["type"] == "RuntimeServicesCode"]
    assert code_pages and not [
        e
        for e in code_pages
        if not any(
            d["base"] <= e.va < d["base"] + d["pages"] * PAGE for d in services
        )
    ]
