"""The other CPUs: out of firmware's reach, each parked, or one of ours."""

import re
import time

import pytest

import laws
from facts import Facts
from faulty import image
from machine import PROMPT, QUICK, SECURE, UBOOT, Machine

STAY = ("*end=monitor",)
ALONE = (*STAY, "*nomp=1")
DONE = r"mem9: done [^\n]*\n"
MATRIX = pytest.mark.matrix
ON_UBOOT = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
ON_SECURE = {"firmware": SECURE, "machine": "q35,smm=on"}

# To all CPUs, as a broadcast; by the manual's bits, as in test_faults.py.
MCE = "mce -b 0 3 0xbe0000000000018a 0x7 0x12345678 0x8c"


# Of CR0, CR4 and EFER: paging, WP; PAE, MCE, PGE; SCE, LME, LMA, NXE.
CR0, CR4, EFER = 1 << 31 | 1 << 16 | 1, 1 << 5 | 1 << 6 | 1 << 7, 0xD01
STACKS, KZERO = 0xFFFFFF8000000000, 0xFFFFFFFF80000000
CPUSTRIDE = 2 << 20


def cpus(m):
    """What QEMU says of each CPU."""
    said = m.monitor("info registers -a")
    return re.split(r"(?m)^CPU#\d+\r?\n", said)[1:]


def hexadecimal(name, text):
    return int(re.search(rf"\b{name}=\s*([0-9a-f]+)", text)[1], 16)


def is_parked(cpu):
    """Halted in real mode, with all that it uses in one page below 1 MiB."""
    code = int(re.search(r"CS =([0-9a-f]{4}) ", cpu)[1], 16) * 16
    tables = [hexadecimal("GDT", cpu), hexadecimal("IDT", cpu)]
    stack = re.search(r"SS =[0-9a-f]{4} ([0-9a-f]{8})", cpu)[1]
    tables.append(int(stack, 16) + hexadecimal("ESP", cpu))
    return (
        code % 4096 == 0
        and code < 0xA0000
        and hexadecimal("EIP", cpu) < 512
        and all(code <= t < code + 4096 for t in tables)
        and hexadecimal("CR3", cpu) == 0
        and hexadecimal("CR0", cpu) & (1 << 31 | 1) == 0
        and hexadecimal("CR4", cpu) & 1 << 6 != 0
        and "HLT=1" in cpu
    )


def is_ours(cpu, first, n):
    """Halted with interrupts on, on its own stack, GDT and TSS, all else as
    CPU 0's."""
    for name in "CR0", "CR3", "CR4", "EFER", "IDT":
        assert hexadecimal(name, cpu) == hexadecimal(name, first), name
    for name in "GDT", "RSP":
        assert hexadecimal(name, cpu) != hexadecimal(name, first), name
    tss = [int(re.search(r"TR =\S+ (\S+)", c)[1], 16) for c in (cpu, first)]
    assert tss[0] != tss[1] and min(*tss, hexadecimal("GDT", cpu)) > 1 << 63
    for name, bits in ("CR0", CR0), ("CR4", CR4), ("EFER", EFER):
        assert hexadecimal(name, cpu) & bits == bits, name
    assert KZERO <= hexadecimal("RIP", cpu)
    assert (hexadecimal("RSP", cpu) - STACKS) // CPUSTRIDE == n
    assert hexadecimal("RFL", cpu) & 1 << 9


def others_are_parked(m, n):
    others = cpus(m)[1:]
    assert len(others) == n - 1
    for cpu in others:
        assert is_parked(cpu), cpu


def is_halted(m, cpu):
    return "HLT=1" in cpu


def is_in_mwait(m, cpu):
    """QEMU's goes round, and looks as if it had just ended."""
    said = m.monitor(f"x/3xb {hexadecimal('RIP', cpu) - 3:#x}")
    return said.split(":")[1].split()[:3] == ["0x0f", "0x01", "0xc9"]


def others_are_ours(m, n, waits=is_halted):
    """Once they have gone back to where they halt from what came last."""
    for _ in range(600):
        first, *others = cpus(m)
        if all(waits(m, cpu) for cpu in others):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("they do not wait for work")
    assert len(others) == n - 1
    for i, cpu in enumerate(others, 1):
        is_ours(cpu, first, i)


def others_are_in_mwait(m, n):
    others_are_ours(m, n, is_in_mwait)


def events(m, n, others):
    """Each comes to all CPUs: one reports it, the others stay."""
    for event, report in (MCE, "machine check"), ("nmi", "NMI"), (MCE, "mach"):
        m.expect(PROMPT)
        others(m, n)
        m.monitor(event)
        said = m.expect(r"mem9 stays up[^\n]*\n")
        assert f"{report}" in said, said
        assert len(re.findall(r"back trace:", said)) == 1, said
    m.expect(PROMPT)
    others(m, n)


def each_said(text, results):
    """A line for each CPU, by number, with what became of it."""
    lines = re.findall(r"mem9: cpu n=(\d+) apicid=(\d+) .*result=(\w+)", text)
    assert [int(n) for n, _, _ in lines] == list(range(len(results)))
    assert len({apicid for _, apicid, _ in lines}) == len(results)
    assert [result for _, _, result in lines] == results


def started(name, n, smp=None, **machine):
    with Machine(f"cpus-{name}", smp=smp or n, ini=STAY, **machine) as m:
        m.expect(DONE)
        laws.check(m, Facts(m.text()))
        events(m, n, others_are_ours)
        assert "did not come" not in m.text()


def parked(name, n, **machine):
    with Machine(f"cpus-{name}", smp=n, ini=ALONE, **machine) as m:
        m.expect(DONE)
        laws.check(m, Facts(m.text()))
        events(m, n, others_are_parked)
        assert "did not come" not in m.text()


def test_the_others_are_ours():
    started("4", 4)


@MATRIX
def test_the_others_wait_in_a_page_of_ours():
    parked("alone", 4)


@MATRIX
@pytest.mark.parametrize("n", [2, 3, 64, 255])
def test_however_many_there_are(n):
    started(f"many-{n}", n)


@MATRIX
def test_with_ids_that_leave_gaps_out():
    """Two sockets of three cores of two threads: ids 0 to 5 and 8 to 13."""
    started("gaps", 12, smp="12,sockets=2,cores=3,threads=2", cpu="max")


@MATRIX
def test_where_no_hypervisor_takes_mwait_away():
    """Not as on QEMU, whose MWAIT spins: as on a machine of its own."""
    cpu = "max,-hypervisor"
    with Machine("cpus-mwait", cpu=cpu, smp=2, ini=STAY) as m:
        m.expect(DONE)
        laws.check(m, Facts(m.text()))
        events(m, 2, others_are_in_mwait)


@MATRIX
def test_that_firmware_never_started():
    """U-Boot leaves them waiting for a startup IPI."""
    started("uboot", 4, **ON_UBOOT)


@MATRIX
def test_with_system_management():
    """SMIs go to all CPUs, which come back to where they were."""
    started("secure", 4, **ON_SECURE)


@MATRIX
@pytest.mark.parametrize("n", range(10))
def test_two_hundred_times(n):
    """All come, each time, and work together: twenty of the boots."""
    for i in range(20):
        with Machine(f"cpus-times-{n}-{i}", smp=4, **QUICK) as m:
            m.run_to_end()
        facts = Facts(m.text())
        assert facts.one("cpus")["up"] == 4, m.text()
        assert laws.check_of(facts, "cpus")["result"] == "ok", m.text()
        assert facts.one("done")["failed"] == 0, m.text()


@MATRIX
def test_no_more_than_asked_for():
    """The rest stays parked."""
    ini = (*STAY, "*ncpu=2")
    with Machine("cpus-ncpu", smp=4, ini=ini, **ON_UBOOT) as m:
        m.expect(PROMPT)
        laws.check(m, Facts(m.text()))
        first, ours, *others = cpus(m)
        is_ours(ours, first, 1)
        assert len(others) == 2 and all(map(is_parked, others))


@MATRIX
def test_one_that_faults_on_its_way_is_named():
    """The rest runs."""
    old = "\tapicon();\n"
    new = old + '\tif (m->n == 2)\n\t\t__asm__ volatile("ud2");\n'
    with image("ud2", "arch/amd64/mach.c", old, new) as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-ud2", smp=4, ini=STAY, files=files) as m:
            m.expect("mem9: cpus present=4 up=3 parked=0 mode=xapic wait=hlt\r\n")
            m.expect(r"failed=0 ")
            each_said(m.text(), ["up", "up", "dead", "up"])
            assert re.search(r'n=2 .* detail="vector 6 error', m.text())


@MATRIX
def test_one_that_is_unlike_is_left_out():
    """It is there, and halts: nobody gives it work, or waits for it."""
    old = "\treturn samemtrrs(&m->regs, &regs0);\n"
    new = "\treturn m->n != 2 && samemtrrs(&m->regs, &regs0);\n"
    with image("unlike", "arch/amd64/mach.c", old, new) as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-unlike", smp=4, ini=STAY, files=files) as m:
            m.expect("mem9: cpus present=4 up=3 parked=0 mode=xapic wait=hlt\r\n")
            m.expect('name=cpus result=ok detail="3 at once"')
            m.expect(PROMPT)
            each_said(m.text(), ["up", "up", "dead", "up"])
            assert re.search(r'n=2 .* detail="its MTRRs are others', m.text())
            m.serial.send("cpus\r")
            m.expect("CPU 2: gone\r\n")
            m.serial.send("on 2 map\r")
            m.expect("on: CPU 2 is not up")


@MATRIX
def test_one_that_does_not_come_is_named():
    """After ten seconds; the others run, and the machine goes on."""
    old = "\tc->told = true;\n"
    with image("nobody", "efi/tables/madt.c", old, old + "\tadd(c, 77, 1);\n") as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-nobody", smp=2, ini=STAY, files=files) as m:
            m.expect(r"CPU with APIC id 77 did not come[^\n]*\r\n")
            m.expect("mem9: cpus present=3 up=2 parked=0 mode=xapic wait=hlt\r\n")
            m.expect(r"failed=0 ")
            each_said(m.text(), ["up", "up", "dead"])
            events(m, 2, others_are_ours)


@MATRIX
def test_no_room_for_their_stacks():
    """One runs, the others wait in their page."""
    old = "\tpaddr_t pa = takeblock(blocklayout(plan, 0, parts));\n"
    with image("noroom", "efi/leave.c", old, "\tpaddr_t pa = NOADDR;\n") as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-noroom", smp=3, ini=STAY, files=files) as m:
            m.expect("mem9: cpus present=3 up=1 parked=2 mode=xapic wait=hlt\r\n")
            m.expect(PROMPT)
            each_said(m.text(), ["up", "skipped", "skipped"])
            assert m.text().count('detail="no memory for stacks"') == 2
            others_are_parked(m, 3)


@MATRIX
def test_firmware_without_a_page_to_give():
    """One that is left when firmware has ended does as well."""
    line = "\tif (pa == 0) { "
    with image("nopage", "efi/lowpage.c", line, "\tif (true) { ") as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-nopage", smp=4, ini=STAY, files=files) as m:
            m.expect(DONE)
            laws.cpus_are_those_given(m, Facts(m.text()))
            events(m, 4, others_are_ours)
