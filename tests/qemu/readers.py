"""Firmware's memory map as others read it: each account becomes a list of
Range, its type by mem9's name; and what of it is compared.

    GRUB    conv-mem 0000000000000000-000000000009ffff 000000a0     640KiB WB ...
    shell   MemoryMap,"Available","0","9FFFF","A0","F"
    Linux   efi: mem00: [Conventional|   | ... |UC] range=[0x0...0-0x...fff] (0MB)
"""

import csv
import re

from facts import PAGE, Range

GRUBROW = re.compile(
    r"^(\S+) +([0-9a-f]{16})-([0-9a-f]{16}) ([0-9a-f]+) +\S+ *([A-Z ]*?)\s*$",
    re.M,
)
GRUBNAMES = {
    "reserved": "ReservedMemoryType",
    "ldr-code": "LoaderCode",
    "ldr-data": "LoaderData",
    "BS-code": "BootServicesCode",
    "BS-data": "BootServicesData",
    "RT-code": "RuntimeServicesCode",
    "RT-data": "RuntimeServicesData",
    "conv-mem": "ConventionalMemory",
    "unusable": "UnusableMemory",
    "ACPI-rec": "ACPIReclaimMemory",
    "ACPI-nvs": "ACPIMemoryNVS",
    "MMIO": "MemoryMappedIO",
    "IO-ports": "MemoryMappedIOPortSpace",
    "PAL-code": "PalCode",
    "persist": "PersistentMemory",
}
SHELLNAMES = {
    "Reserved": "ReservedMemoryType",
    "LoaderCode": "LoaderCode",
    "LoaderData": "LoaderData",
    "BootServiceCode": "BootServicesCode",
    "BootServiceData": "BootServicesData",
    "RuntimeCode": "RuntimeServicesCode",
    "RuntimeData": "RuntimeServicesData",
    "Available": "ConventionalMemory",
    "Unusable": "UnusableMemory",
    "ACPIReclaimMemory": "ACPIReclaimMemory",
    "ACPIMemoryNVS": "ACPIMemoryNVS",
    "MemoryMappedIO": "MemoryMappedIO",
    "MemoryMappedIOPortSpace": "MemoryMappedIOPortSpace",
    "PalCode": "PalCode",
    "Persistent": "PersistentMemory",
}
LINUXROW = re.compile(
    r"efi: mem\d+: \[([^|]*)\|[^]]*\] range=\[0x([0-9a-f]+)-0x([0-9a-f]+)\]"
)
LINUXNAMES = {
    "Reserved": "ReservedMemoryType",
    "Loader Code": "LoaderCode",
    "Loader Data": "LoaderData",
    "Boot Code": "BootServicesCode",
    "Boot Data": "BootServicesData",
    "Runtime Code": "RuntimeServicesCode",
    "Runtime Data": "RuntimeServicesData",
    "Conventional": "ConventionalMemory",
    "Unusable": "UnusableMemory",
    "ACPI Reclaim": "ACPIReclaimMemory",
    "ACPI Mem NVS": "ACPIMemoryNVS",
    "MMIO": "MemoryMappedIO",
    "MMIO Port": "MemoryMappedIOPortSpace",
    "PAL Code": "PalCode",
    "Persistent": "PersistentMemory",
}
E820ROW = re.compile(
    r"BIOS-e820: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (.*?)\s*$", re.M
)
LINUXCPUS = re.compile(r"smpboot: Allowing (\d+) CPUs, 0 hotplug")
LINUXNODE = re.compile(r"Initmem setup node (\d+) \[mem 0x([0-9a-f]+)-0x")

# What starting one program or another changes: of those only the sum is the
# same to all.
MOVING = {
    "BootServicesCode",
    "BootServicesData",
    "LoaderCode",
    "LoaderData",
    "ConventionalMemory",
}


def _rows(rows, names):
    ranges = []
    for name, base, last, *pages in rows:
        base, end = int(base, 16), int(last, 16) + 1
        assert not pages or int(pages[0], 16) * PAGE == end - base, (name, base)
        ranges.append(Range(base, end, names[name.strip()]))
    return ranges


def grub(text):
    """What lsefimmap prints."""
    rows = GRUBROW.findall(text.replace("\r", ""))
    return _rows([row[:4] for row in rows], GRUBNAMES)


def shell(text):
    """What memmap -sfo prints."""
    rows = list(csv.reader(text.splitlines()))
    return _rows([r[1:5] for r in rows if r[0] == "MemoryMap"], SHELLNAMES)


def linux(text):
    """What efi=debug has in dmesg."""
    return _rows(LINUXROW.findall(text), LINUXNAMES)


def usable(text):
    """What that Linux makes of it, where it is RAM to use."""
    return [
        Range(int(base, 16), int(last, 16) + 1, "usable")
        for base, last, what in E820ROW.findall(text)
        if what == "usable"
    ]


def linuxcpus(text):
    (n,) = LINUXCPUS.findall(text)
    return int(n)


def linuxnodes(text):
    return {int(n): int(base, 16) for n, base in LINUXNODE.findall(text)}


def still(ranges):
    """Of each type that nobody moves the ranges, joined, and in order."""
    kinds = {}
    for r in sorted(ranges):
        mine = kinds.setdefault(r.what, [])
        if r.what in MOVING:
            continue
        if mine and mine[-1].end == r.base:
            mine[-1] = mine[-1]._replace(end=r.end)
        else:
            mine.append(r)
    return {what: mine for what, mine in kinds.items() if mine}


def moving(ranges):
    """Bytes of all others."""
    return sum(r.size for r in ranges if r.what in MOVING)
