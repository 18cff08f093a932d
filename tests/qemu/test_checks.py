"""For each check on the machine an image with one fault, on which that check
fails and no other.

A check that cannot fail is none: here each one does. What the fault is and
what it looks like to everything else is the machine's own affair: where two
checks see one, another was found.

At the end each is a line: which check, the file that was changed, the line that
was there, and what the check said of it.
"""

import pytest

import laws
import test_hostile
from facts import Facts
from faulty import image, put_in
from machine import ROOT, UBOOT, Machine, MiB
from test_mtrr import FREE, UC, variable

# The quickest machine there is: U-Boot is there in a second.
QUICK = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
DESC = "arch/amd64/desc.c"
GATE = "(uintptr_t)trapentries + v * ENTRYSIZE"
TRAP = "faultescape((Caught){ur->vector, ur->error, ur->pc, cr2});"


def gate(vector, other):
    """That vector's gate leads to the other's entry."""
    entry = f"(v == {vector} ? {other} : v)"
    return DESC, GATE, f"(uintptr_t)trapentries + {entry} * ENTRYSIZE"


def caught(error="ur->error", addr="cr2"):
    """A fault is reported with another error code, or another address."""
    return (
        "arch/amd64/trap.c",
        TRAP,
        f"faultescape((Caught){{ur->vector, {error}, ur->pc, {addr}}});",
    )


# By check: a file, its lines, what stands there instead; a machine if need be,
# or words for the loader that lies before mem9 starts.
FAULTS = {
    # What becomes RAM late is counted as lost.
    "memmap": (
        "mm/map/memmap.c",
        "runspaint(&mapalloc.runs, pa, pa + size, MemRAM) == 0;\n\n",
        "runspaint(&mapalloc.runs, pa, pa + size, MemRAM) == 0;\n"
        "\tlose(pa, pa + size);\n\n",
    ),
    # A mask is read two bits to the left: 16 MiB of slow RAM, a thirtieth of
    # it all, are taken for four times as much.
    "mtrr": (
        "arch/amd64/mtrr.c",
        "ROUNDDOWN(v->mask & width, BY2PG)",
        "ROUNDDOWN(v->mask & width, BY2PG) << 2 & width",
        {"words": {"mtrrnone": 1, **variable(UC, FREE, 16 * MiB)}},
    ),
    # The users' share is said to be a page larger than it is.
    "conf": ("mm/conf.c", "conf.upages -= n;", "conf.upages -= n - 1;"),
    # The direct map ends at 2 GiB, and knows it.
    "tables": (
        "arch/dmap.c",
        "paddr_t most = KMAP - kspace.direct;",
        "paddr_t most = 2 * GiB;",
        {"mem": "5G"},
    ),
    # A user's data segment begins at 1, which nobody looks at in long mode.
    "gdt": (
        DESC,
        "[UDATA / 8] = SEGMENT(0xf3, SEG32),",
        "[UDATA / 8] = SEGMENT(0xf3, SEG32) | 1 << 16,",
    ),
    # CR0.WP is off: the kernel may write what is read-only.
    "text-write": (
        "arch/amd64/cpuregs.c",
        "CR0NE | CR0WP | CR0PG",
        "CR0NE | CR0PG",
    ),
    # A fault at what is not mapped says that it is.
    "null-read": caught(
        error="ur->error | (ur->vector == TRAPPF ? PFPRESENT : 0u)"
    ),
    # A fetch is taken for a read.
    "data-run": caught(error="ur->error & ~(uint64_t)PFFETCH"),
    "user-read": (
        "arch/amd64/cpuregs.c",
        "r.cr4run |= CR4SMAP;",
        "r.cr4run |= 0;",
        {"cpu": "max"},
    ),
    "user-run": (
        "arch/amd64/cpuregs.c",
        "r.cr4run |= CR4SMEP;",
        "r.cr4run |= 0;",
        {"cpu": "max"},
    ),
    "divide": gate("TRAPDE", 1),
    "opcode": gate("TRAPUD", 5),
    "address": gate("TRAPGP", 12),
    # Where the stack ran over is lost.
    "stack-guard": caught(addr="ur->vector == TRAPDF ? 0 : cr2"),
    # What is sent is no NMI.
    "nmi": ("arch/amd64/include/apic.h", "IPINMI = 4 << 8,", "IPINMI = 0 << 8,"),
    # The window shows the page beside the one asked for.
    "kmap": (
        "arch/kmap.c",
        "mmuallowed(&kspace, pa | PTEKDATA);",
        "mmuallowed(\n\t\t    &kspace,"
        " (cankaddr(pa) ? pa ^ BY2PG : pa) | PTEKDATA);",
    ),
    # What was mapped stays so.
    "vmap": ("arch/vmap.c", "\tunmaprange((void *)va, whole / BY2PG);", ""),
    # What another CPU unmapped is not dropped.
    "cpus": (
        "arch/amd64/matecall.c",
        "\tputcr4(cr4 & ~CR4PGE);\n\tputcr3(getcr3());\n",
        "",
        {"smp": 4},
    ),
    # Programs may use the x87, and find there what others left.
    "proc-run": ("arch/amd64/user.c", "getcr0() | CR0TS", "getcr0()"),
    # The pages of a process's tables are not given back.
    "proc-memory": (
        "proc/procmem.c",
        "\tspacefree(&p->space);\n\ttablesgive(p);\n",
        "\tspacefree(&p->space);\n",
    ),
    # Some of the RAM keeps nothing.
    "ram": (
        "arch/amd64/ram.c",
        "return j == BY2PG / sizeof *w;",
        "return j == BY2PG / sizeof *w && pa / (64 * KiB) != 512;",
    ),
    # A page now and then is not given back.
    "pages": (
        "mm/page/page.c",
        "\t\tbool done = push(&me->page, pg);\n",
        "\t\tbool done = pagepa(pg) % (64 * MiB) == 0 || push(&me->page, pg);\n",
    ),
    # Frames that are nobody's are said to be in use.
    "bytemap": (
        "mm/page/bytemap.c",
        "if (!ischunk(ci))\n\t\tstate = FRAMERESERVED;",
        "if (!ischunk(ci))\n\t\tstate = FRAMEALLOCATED;",
    ),
    # Some blocks are freed and belong to nobody.
    "xalloc": (
        "mm/heap/xalloc.c",
        "\tif (!quickput(memblock(p)))\n",
        "\tif ((uintptr_t)p % BY2PG < BY2PG / 2 && !quickput(memblock(p)))\n",
    ),
    # No block has an odd size.
    "malloc": (
        "mm/heap/alloc.c",
        "malloc(size_t size)\n{\n\treturn clear(size, callerpc());",
        "malloc(size_t size)\n{\n"
        "\treturn size % 2 ? NULL : clear(size, callerpc());",
    ),
    # Firmware is called where nothing of its is.
    "services": (
        "efi/after/runtime.c",
        "fwcall(bootinfo->gettime, args, status)",
        "fwcall(BY2PG, args, status)",
    ),
}
# In `make test'; the others in test-all and by `make checkmutants'.
SOME = ("tables", "pages")


def boot(name, efi, words=None, **machine):
    """That image on the quickest machine, or after such lies."""
    if words is not None:
        return test_hostile.boot(name, words, target=efi, **machine)
    files = {"EFI/BOOT/BOOTX64.EFI": efi}
    with Machine(name, files=files, **{**QUICK, **machine}) as m:
        m.run_to_end()
    return m, Facts(m.text())


def fails_alone(check, say):
    file, line, instead, *machine = FAULTS[check]
    with image(f"check-{check}", file, line, instead) as efi:
        m, facts = boot(f"wrong-check-{check}", efi, **(machine or [{}])[0])
    laws.ended(m, facts, failed={check})
    said = laws.check_of(facts, check).get("detail", "")
    was = line.strip().split("\n")[-1].strip()
    say(f'checkmutant: check={check} file={file} line="{was}" said="{said}"')


@pytest.fixture
def say(record_property):
    """For a line at the end of it all: conftest.py prints them."""
    return lambda line: record_property("say", line)


@pytest.mark.matrix
def test_fault_of_one_cpu_is_found():
    """One of the others may write what is read-only."""
    old = "\tspaceenter(&kspace);\n"
    new = old + "\tif (m->n == 2)\n\t\tputcr0(getcr0() & ~CR0WP);\n"
    with image("check-cpu", "arch/amd64/mach.c", old, new) as efi:
        m, facts = boot("wrong-check-cpu", efi, smp=4)
    laws.ended(m, facts, failed={"text-write"})
    said = laws.check_of(facts, "text-write")["detail"]
    assert said == "on CPU 2: nothing happened"


def test_every_check_has_its_fault():
    assert set(FAULTS) == set(laws.CHECKS)
    for file, line, instead, *_ in FAULTS.values():
        put_in(ROOT, file, line, instead)


@pytest.mark.parametrize("check", SOME)
def test_fault_is_found(check, say):
    fails_alone(check, say)


@pytest.mark.matrix
@pytest.mark.parametrize("check", [c for c in FAULTS if c not in SOME])
def test_every_fault_is_found(check, say):
    fails_alone(check, say)
