"""What mem9 audit says of the firmware that there is here.

The verdicts are pinned: firmware that changes is seen. Each was held against
QEMU's monitor (info mem, info tlb, info registers) by hand.
"""

import pytest

from facts import Facts
from machine import SECURE, Machine
from test_boot import UBOOT_PC

# Stock OVMF maps what the CPU can address, all of it writable and executable,
# but for the code of images that came from its own volume.
OVMF_FAILS = set(
    "null-page write-execute free-memory mmio-execute outside-map images "
    "ro-sections stack-execute stack-guard heap-execute allocations "
    "attribute-protocol".split()
)
# What there is none of: nodes, and AMD's registers under a hypervisor.
SRAT = {"srat", "srat-memory", "srat-cpus"}
ALIKE = set(
    "mtrr-fixed-alike mtrr-variable-alike mtrr-default-alike "
    "pat-alike".split()
)
OVMF_SKIPS = SRAT | ALIKE | {"mtrr-dram-off"}
# With system management its flash is nobody's at runtime, and so no MMIO.
SECURE_FAILS = OVMF_FAILS - {"mmio-execute"} | {"map-sorted"}
SECURE_SKIPS = OVMF_SKIPS | {"mmio-execute"}
# U-Boot protects nothing; its MTRRs are as QEMU has them, and ACPI's tables lie
# where it has put them, in memory of its own.
UBOOT_FAILS = OVMF_FAILS - {"mmio-execute"} | set(
    "write-protect no-execute table-present mtrr-ram acpi-memory facs".split()
)
TABLE = (
    "version stride size empty aligned types runtime protects sorted overlap "
    "crosses within complete"
).split()
UBOOT_SKIPS = OVMF_SKIPS | {"mmio-execute", "ecam-reserved", "installed"} | {
    "table-" + name for name in TABLE
}


def verdicts(text, fails, skips):
    """Each check has a line; these failed, those were skipped, no other."""
    facts = Facts(text)
    lines = facts.all("audit")
    by = {"ok": set(), "failed": set(), "skipped": set()}
    for line in lines:
        by[line["result"]].add(line["name"])
        assert line["result"] == "ok" or line["detail"]
    assert by["failed"] == set(fails)
    assert by["skipped"] == set(skips)
    assert facts.all("audited") == [{
        "checks": len(lines),
        "failed": len(fails),
        "skipped": len(skips),
    }]
    assert len(lines) == len({line["name"] for line in lines}) > 60
    return {line["name"]: line.get("detail", "") for line in lines}


def audit_in_the_shell(read):
    """Of files that the commands below have left."""
    code, *rest = read("auditcode.txt").split()
    assert code == "0x1" and not rest
    return read("audit.txt")


COMMANDS = (
    "mem9.efi audit -v >a audit.txt",
    "echo %lasterror% >a auditcode.txt",
)


@pytest.mark.matrix
def test_ovmf_with_system_management(tmp_path):
    from test_shell import shell

    read = shell(tmp_path, "audit-secure", *COMMANDS, firmware=SECURE)
    verdicts(audit_in_the_shell(read), SECURE_FAILS, SECURE_SKIPS)


@pytest.mark.matrix
def test_ram_above_4_gib(tmp_path):
    """edk2's map ends with what it has found out last."""
    from test_shell import shell

    read = shell(tmp_path, "audit-5g", *COMMANDS, mem="5G")
    verdicts(audit_in_the_shell(read), OVMF_FAILS | {"map-sorted"},
             OVMF_SKIPS)


@pytest.mark.matrix
def test_more_cpus_and_nodes(tmp_path):
    """All are asked, and each is of a node that has RAM.

    Firmware wakes them by INIT, which in QEMU clears MTRRs: mem9 finds the same
    when it starts them.
    """
    from test_shell import shell

    nodes = (("256M", "0-1"), ("256M", "2-3"))
    read = shell(tmp_path, "audit-smp", *COMMANDS, smp=4, numa=nodes)
    text = audit_in_the_shell(read)
    unlike = ALIKE - {"pat-alike"}
    said = verdicts(text, OVMF_FAILS | unlike, OVMF_SKIPS - SRAT - ALIKE)
    assert {said[name] for name in unlike} == {"3 of 3 other CPUs differ"}
    assert said["pat-alike"] == "as on 3 other CPUs"
    assert said["madt"] == "4 CPUs"


@pytest.mark.matrix
def test_uboot():
    with Machine("audit-uboot", **UBOOT_PC) as m:
        m.expect("any key to stop")
        m.serial.send(" ")
        for command in (
            "ide reset",
            "load ide 0:1 0x2000000 EFI/BOOT/BOOTX64.EFI",
            "setenv bootargs audit -v",
            "bootefi 0x2000000",
        ):
            m.expect("=> ")
            m.serial.send(command + "\r")
        m.expect(r"mem9: audited checks=\d+ ")
        m.expect("=> ")
    verdicts(m.text(), UBOOT_FAILS, UBOOT_SKIPS)
