"""The CPUs that mem9 does not run on: out of firmware's reach, and safe."""

import re

import pytest

from faulty import image
from machine import PROMPT, SECURE, UBOOT, Machine

STAY = ("*end=monitor",)
MATRIX = pytest.mark.matrix
ON_UBOOT = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
ON_SECURE = {"firmware": SECURE, "machine": "q35,smm=on"}

# To all CPUs, as a broadcast; by the manual's bits, as in test_faults.py.
MCE = "mce -b 0 3 0xbe0000000000018a 0x7 0x12345678 0x8c"


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


def others_are_parked(m, n):
    others = cpus(m)[1:]
    assert len(others) == n - 1
    for cpu in others:
        assert is_parked(cpu), cpu


def events(m, n):
    """Each comes to all CPUs: one reports it, the others stay."""
    for event, report in (MCE, "machine check"), ("nmi", "NMI"), (MCE, "mach"):
        m.expect(PROMPT)
        others_are_parked(m, n)
        m.monitor(event)
        said = m.expect(r"mem9 stays up[^\n]*\n")
        assert f"{report}" in said, said
        assert len(re.findall(r"back trace:", said)) == 1, said
    m.expect(PROMPT)
    others_are_parked(m, n)


def parked(name, n, **machine):
    with Machine(f"cpus-{name}", smp=n, ini=STAY, **machine) as m:
        m.expect(f"mem9: cpus present={n} up=1 parked={n - 1} mode=xapic\r\n")
        m.expect(r"failed=0 ")
        events(m, n)
        assert "did not come" not in m.text()


def test_the_others_wait_in_a_page_of_ours():
    parked("4", 4)


@MATRIX
@pytest.mark.parametrize("n", [2, 3, 64, 255])
def test_however_many_there_are(n):
    parked(f"many-{n}", n)


@MATRIX
def test_with_ids_that_leave_gaps_out():
    """Three cores of two threads in two sockets: ids 0 to 5 and 8 to 13."""
    kind = {"cpu": "max", "args": ("-smp", "12,sockets=2,cores=3,threads=2")}
    parked("gaps", 12, **kind)


@MATRIX
def test_that_firmware_never_started():
    """U-Boot leaves them waiting for a startup IPI."""
    parked("uboot", 4, **ON_UBOOT)


@MATRIX
def test_with_system_management():
    """SMIs go to all CPUs, which come back to where they were."""
    parked("secure", 4, **ON_SECURE)


@MATRIX
def test_one_that_does_not_come_is_named():
    """After ten seconds; the others are parked, and the machine goes on."""
    line = "\tc->told = true;\n"
    with image("nobody", "efi/madt.c", line, line + "\tadd(c, 77, 1);\n") as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-nobody", smp=2, ini=STAY, files=files) as m:
            m.expect(r"CPU with APIC id 77 did not come[^\n]*\r\n")
            m.expect("mem9: cpus present=3 up=1 parked=1 mode=xapic\r\n")
            m.expect(r"failed=0 ")
            events(m, 2)


@MATRIX
def test_firmware_without_a_page_to_give():
    """One that is left when firmware has ended does as well."""
    line = "\tif (pa == 0) { "
    with image("nopage", "efi/lowpage.c", line, "\tif (true) { ") as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine("cpus-nopage", smp=4, ini=STAY, files=files) as m:
            m.expect("mem9: cpus present=4 up=1 parked=3 mode=xapic\r\n")
            m.expect(r"failed=0 ")
            events(m, 4)
