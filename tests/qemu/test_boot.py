"""Boot mem9 on one machine after another; after each, every law must hold."""

import itertools

import pytest

import laws
from facts import Facts
from machine import REMOVABLE, SHELL, UBOOT, Machine, sized


def boot(name, **machine):
    """Boot to power off; the machine and what it said."""
    with Machine(name, **machine) as m:
        if machine.get("start") == SHELL:
            m.hurry_shell()
        m.run_to_end()
    return m, Facts(m.text())


def check(name, **machine):
    m, facts = boot(name, **machine)
    laws.check(m, facts)
    # U-Boot's firmware has only a reset to offer; on a pc its ACPI tables do.
    way = "reset" if (m.firmware, m.machine) == (UBOOT, "q35") else "shutdown"
    assert m.shutdown_reason == f"guest-{way}"
    return m, facts


ONE_OF_EACH = {
    "removable-512M": {},
    "shell-512M": {"start": SHELL},
    "cpu-max": {"cpu": "max"},
    "uboot": {"firmware": UBOOT, "machine": "pc", "disk": "ide"},
}


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_boot(name):
    check(name, **ONE_OF_EACH[name])


# ---- test-all ----

UBOOT_PC = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
UBOOT_Q35 = {"firmware": UBOOT, "machine": "q35", "disk": "ide"}
WAYS = {
    "removable": {"start": REMOVABLE},
    "shell": {"start": SHELL},
}
MACHINES = ("q35", "pc")
SIZES = ("128M", "512M", "5G", "64G")
CPUS = ("qemu64", "max")
CARDS = ("std", "none")


def products():
    """OVMF: way x machine x size x CPU x card. The way into mem9 and the
    card touch nothing that the size or the CPU decides, so those two go
    through all pairs, and the other three through all triples."""
    for machine, mem, cpu in itertools.product(MACHINES, SIZES, CPUS):
        yield {"machine": machine, "mem": mem, "cpu": cpu}
    for way, machine, card in itertools.product(WAYS, MACHINES, CARDS):
        yield {"machine": machine, "vga": card, **WAYS[way]}
    for way, mem, card in itertools.product(WAYS, ("128M", "64G"), CARDS):
        yield {"mem": mem, "vga": card, **WAYS[way]}
    for way, cpu, card in itertools.product(WAYS, CPUS, CARDS):
        yield {"cpu": cpu, "vga": card, **WAYS[way]}
    # U-Boot has one way in. It was built for at most 4 GiB below 4 GiB.
    for mem, cpu, card in itertools.product(SIZES, CPUS, CARDS):
        yield {**UBOOT_PC, "mem": mem, "cpu": cpu, "vga": card}
    yield UBOOT_Q35


ODD_MACHINES = {
    "64M": {"mem": "64M"},
    "96M": {"mem": "96M"},
    "256M": {"mem": "256M"},
    "4G": {"mem": "4G"},
    "600G": {"mem": "600G"},
    "4T": {"mem": "4T", "cpu": "max,phys-bits=46"},
    "1100G": {"mem": "1100G", "cpu": "max,phys-bits=46"},
    "phys-bits-36": {"cpu": "qemu64,phys-bits=36", "mem": "5G"},
    "no-nx": {"cpu": "qemu64,-nx"},
    "no-1g-pages": {"cpu": "max,-pdpe1gb", "mem": "5G"},
    "la57": {"cpu": "max,la57=on"},
    "no-i8042": {"machine": "q35,i8042=off"},
    "no-hpet": {"machine": "q35,hpet=off"},
    "no-pit": {"machine": "q35,pit=off"},
    "smp-4": {"smp": 4},
    "virtio-gpu": {"vga": "none", "args": ["-device", "virtio-gpu-pci"]},
    "cirrus": {"vga": "cirrus"},
    "two-cards": {"args": ["-device", "bochs-display"]},
    "screen-4k": sized(3840, 2160),
    "uboot-64M": {**UBOOT_PC, "mem": "64M"},
    "uboot-4G": {**UBOOT_PC, "mem": "4G"},
}


def name_of(scenario):
    values = [v for v in scenario.values() if isinstance(v, str)]
    return "-".join(["all", *values]).replace(",", "_").replace("=", "_")


def distinct(scenarios):
    return {name_of(s): s for s in scenarios}


PRODUCTS = distinct(products())


@pytest.mark.matrix
@pytest.mark.parametrize("name", PRODUCTS)
def test_product(name):
    check(name, **PRODUCTS[name])


@pytest.mark.matrix
@pytest.mark.parametrize("name", ODD_MACHINES)
def test_odd_machine(name):
    check(name, **ODD_MACHINES[name])
