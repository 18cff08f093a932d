"""Faults nobody catches: a report, and the machine stays up."""

import re

import pytest

import tables
from faulty import image
from machine import PROMPT, UBOOT, Machine

STAY = ("*end=monitor",)

# What the monitor is told to provoke, and what the report must say.
FAULTS = {
    "divide": r"divide error \(vector 0\)",
    "opcode": r"invalid opcode \(vector 6\)",
    "address": r"general protection \(vector 13\)",
    "text": r"page fault \(vector 14\), error code 0x3",
    "null": r"page fault \(vector 14\), error code 0x0[\s\S]*null page",
    "nx": r"page fault \(vector 14\), error code 0x11",
    "stack": r"double fault \(vector 8\)[\s\S]*stack overflow",
    "nmi": r"NMI \(vector 2\)",
}

ACCESSED = r"^(?:read|write|execution) of 0x(\w+)"
REGISTERS = (
    "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip flags "
    "cr0 cr2 cr3 cr4"
).split()


def apic_mappings(m):
    """The types of memory that the local APIC's registers are mapped as."""
    entries = tables.info_tlb(
        m.monitor("info tlb"), tables.info_mem(m.monitor("info mem"))
    )
    return [e.type for e in entries if e.pa == 0xFEE00000]


def registers(said):
    """Those of a report: each is there, once."""
    found = re.findall(r"\b(r\w\w?|rip|cr\d|flags) +([0-9a-f]+)\b", said)
    names = [name for name, _ in found if name in REGISTERS]
    assert sorted(names) == sorted(REGISTERS), said
    return {name: int(value, 16) for name, value in found}


def test_each_fault_is_reported():
    """Also the second NMI; no check or fault leaves more mapped behind."""
    with Machine("faults", cpu="max", ini=STAY) as m:
        m.expect(PROMPT)
        assert apic_mappings(m) == ["UC"]  # the processes' timer
        m.serial.send("\r")
        for kind, report in [*FAULTS.items(), ("nmi", FAULTS["nmi"])]:
            m.expect(PROMPT)
            m.serial.send(f"fault {kind}\r")
            said = m.expect(r"mem9 stays up[^\n]*\n")
            assert re.search(report, said), f"{kind}: {said}"
            shown = registers(said)
            at = int(re.search(r"^at 0x(\w+)", said, re.M)[1], 16)
            assert shown["rip"] == at, f"{kind}: {said}"
            if "vector 14" in report:
                where = re.search(ACCESSED, said, re.M)
                assert shown["cr2"] == int(where[1], 16), f"{kind}: {said}"
        m.expect(PROMPT)
        assert apic_mappings(m) == ["UC"]


@pytest.mark.matrix
def test_a_fault_in_the_report_stops_there():
    """One line more, and the processor halts: no reset, no loop."""
    with Machine("fault-nested", ini=STAY) as m:
        m.expect(PROMPT)
        m.serial.send("fault nested\r")
        m.expect(r"while reporting another; switch the machine off\r\n")
        m.wait_halted()


@pytest.mark.matrix
def test_nmis_from_outside():
    """The second comes in as the first did, and the monitor answers."""
    with Machine("nmi", ini=STAY) as m:
        for _ in range(2):
            m.expect(PROMPT)
            m.monitor("nmi")
            said = m.expect(r"mem9 stays up[^\n]*\n")
            assert re.search(r"NMI \(vector 2\)", said), said
        m.expect(PROMPT)
        m.serial.send("conf\r")
        m.expect("M memory: ")
        m.expect(PROMPT)


# QEMU's `mce' CPU BANK STATUS MCG_STATUS ADDRESS MISC, by the manual's bits:
# valid, uncorrected, enabled, misc, address, context corrupt.
MCE_CACHE = "mce 0 3 0xbe0000000000018a 0x7 0x12345678 0x8c"
MCE_BUS = "mce 0 5 0xb200000000000f0f 0x4 0 0"


def machine_checks(m, *events):
    """Each is reported with its bank, which is empty afterwards."""
    for event, words in events:
        m.expect(PROMPT)
        m.monitor(event)
        said = m.expect(r"mem9 stays up[^\n]*\n")
        assert "machine check (vector 18)" in said, said
        assert said.count("bank ") == 1, said
        for word in words:
            assert word in said, f"no {word!r}: {said}"
    m.expect(PROMPT)
    m.serial.send("conf\r")
    m.expect("M memory: ")
    m.expect(PROMPT)


def test_machine_checks_from_outside():
    """Two, and then one in the first one's bank."""
    cache = (
        "can go on where it was, caused by the instruction there, in progress",
        "bank 3: status 0xbe0000000000018a: uncorrected, processor context",
        "error code 0x18a: cache, snoop, generic, level 2",
        "address 0x12345678 (physical, in units of 2^12 bytes)  misc 0x8c",
    )
    bus = (
        "status 0x4: cannot go on where it was, in progress",
        "bank 5: status 0xb200000000000f0f: uncorrected, processor context",
        "error code 0xf0f: bus, timed out, error, other, any level",
    )
    with Machine("mce", ini=STAY) as m:
        machine_checks(
            m, (MCE_CACHE, cache), (MCE_BUS, bus), (MCE_CACHE, cache)
        )
        assert "another error before" not in m.text()


@pytest.mark.matrix
def test_machine_checks_where_firmware_left_them_off():
    """U-Boot's CR4 has no MCE: such a machine resets at the first."""
    kind = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
    with Machine("mce-uboot", ini=STAY, **kind) as m:
        machine_checks(m, (MCE_CACHE, ["bank 3"]), (MCE_BUS, ["bank 5"]))


@pytest.mark.parametrize(
    "line",
    [
        "copyimage(b);",
        pytest.param("trapinit();\n\tdescinit();", marks=pytest.mark.matrix),
    ],
)
def test_a_panic_before_main_ends_as_the_options_say(line):
    """On firmware's tables, where nothing of main() is there; and on mem9's.
    U-Boot's own reset is gone by then: power off is ACPI's."""
    name = f"early-{line[:4]}"
    panic = f'{line}\n\tif (b->exittries > 0)\n\t\tpanic("too early");\n'
    kind = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
    with image(name, "arch/amd64/takeover.c", f"{line}\n", panic) as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine(name, files=files, **kind) as m:
            m.run_to_end()
    assert re.search(r"^panic: (takeover|standalone): too early", m.text(), re.M)
    assert m.shutdown_reason == "guest-shutdown"


@pytest.mark.matrix
@pytest.mark.parametrize("line", ["spaceenter(&final)", "kspace = final"])
def test_a_panic_as_tables_change_is_on_the_screen(line):
    """Without a serial port; the pixels are mapped in both spaces."""
    name = f"panic-{line[:5]}"
    panic = f'\t{line};\n\tpanic("between two spaces");\n'
    with image(name, "arch/dmap.c", f"\t{line};\n", panic) as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine(name, serial=False, ini=STAY, files=files) as m:
            m.wait_screen(
                lambda t: any("mmuinit: between two spaces" in s for s in t)
            )
