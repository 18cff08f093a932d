"""NMIs and machine checks while mem9 leaves firmware's tables for its own.

The machine is stopped by QEMU's gdb stub at each instruction between the load
of arch/amd64/interim.c's IDT and that of mem9's own. There an NMI is let in,
which must come back to that instruction with every register as it was; then a
machine check, which must say on the serial port where it came and stop; then
the registers are put back, and the boot goes on as if nothing had been.
"""

import re

import pytest

import laws
from facts import Facts
from gdbstub import Stub
from machine import PATIENCE, UBOOT, Machine
from symbols import KZERO, code, symbols
from test_gdb import stub

UBOOT_PC = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
ENTRY = 16  # bytes of code per vector
NMI = 2
MCE = "mce 0 3 0xbe0000000000018a 0x7 0x12345678 0x8c"

# Functions before CR3 changes, by their order, and after it. Where one is left
# out the compiler made it a part of another.
BEFORE = ["switchto", "interiminit", "takeover", "interimmap", "pmap", "mapblock"]
AFTER = ["standalone", "trapinit", "logresume", "descinit", "gateset"]


def after_lidt(instructions):
    at = [i for i, (_, text) in enumerate(instructions) if "lidt" in text]
    assert len(at) == 1, instructions
    return instructions[at[0] + 1 :]


def until_lidt(instructions):
    rest = after_lidt(instructions)
    return instructions[: len(instructions) - len(rest)]


class Switch:
    """A boot that waits to be stopped; base is where firmware loads mem9."""

    def __init__(self, m, work, base):
        self.m = m
        self.base = base
        self.stub = Stub(work / "gdb", PATIENCE)
        self.symbols = symbols()

    def here(self, address):
        """The address in the image that firmware loaded."""
        return address - KZERO + self.base

    def place(self, name):
        return self.here(self.symbols[name])

    def nmi(self, pc):
        was = self.stub.registers()
        self.m.monitor("nmi")
        handler = self.place("interimentries") + NMI * ENTRY
        assert self.stub.step() == handler
        self.stub.step()
        assert self.stub.step() == pc
        assert self.stub.registers() == was

    def machine_check(self, pc):
        was = self.stub.registers()
        halt = self.place("interimhalt")
        self.stub.hbreak(halt)
        self.m.monitor(MCE)
        assert self.stub.resume() == halt
        self.stub.unbreak(halt)
        self.stub.set_registers(was)
        self.m.expect(f"machine check 0x12 at 0x{pc:016x}, between [^\n]*\n")


def learn_base(name, work, **machine):
    """Boot up to mem9's first code at KZERO; the GDT is still the interim one.
    Where firmware loads mem9, and what QEMU knows of PCI."""
    with Machine(f"{name}-base", args=["-S", *stub(work)], **machine) as m:
        s = Switch(m, work, None)
        entry = s.symbols["standalone"]
        s.stub.hbreak(entry)
        assert s.stub.resume() == entry
        gdt = re.search(r"GDT= +([0-9a-f]+) ", m.monitor("info registers"))
        base = int(gdt[1], 16) - (s.symbols["interim"] - KZERO)
        return base, m.monitor("info pci")


def stops(s, before, after):
    """Addresses to stop at: the first, those between, the last."""
    functions = code()
    load = after_lidt(functions["interimload"])
    last = until_lidt(functions["descinit"])
    found = {s.here(a) for a, _ in load}
    for name in before:
        found |= {s.here(a) for a, _ in functions.get(name, [])}
    for name in after:
        own = last if name == "descinit" else functions.get(name, [])
        found |= {a for a, _ in own}
    return s.here(load[0][0]), found, last[-1][0]


def switch(s, before, after):
    """Both events at each of these functions' instructions; how many."""
    first, between, last = stops(s, before, after)
    between.add(last)
    s.stub.hbreak(first)
    pc = s.stub.resume()
    assert pc == first
    for address in between - {first}:
        s.stub.hbreak(address)
    met = 0
    while pc != last:
        s.nmi(pc)
        s.machine_check(pc)
        s.stub.unbreak(pc)
        between.remove(pc)
        met += 1
        pc = s.stub.resume()
    for address in between:
        s.stub.unbreak(address)
    s.stub.let_go()
    s.stub.close()
    return met


def check(name, work, before, after, least, **machine):
    machine["ini"] = ("*end=poweroff", "*nokaslr=1")
    base, _ = learn_base(name, work, **machine)
    with Machine(name, args=["-S", *stub(work)], **machine) as m:
        met = switch(Switch(m, work, base), before, after)
        m.run_to_end()
    assert met >= least
    assert f"{met} NMIs came while firmware was left" in m.text()
    laws.ended(m, Facts(m.text()))


def test_at_each_instruction_of_the_switch(tmp_path):
    check("switch", tmp_path, ["switchto"], [], 25)


@pytest.mark.matrix
@pytest.mark.parametrize("firmware", ["ovmf", UBOOT])
def test_at_each_instruction_around_it(tmp_path, firmware):
    """Where page tables are made, too, and up to mem9's own IDT."""
    kind = UBOOT_PC if firmware == UBOOT else {}
    check(f"switch-{firmware}", tmp_path, BEFORE, AFTER, 400, **kind)


# ---- a serial port in memory ----

SPARE = 8 << 20  # bytes into the card's memory: nobody draws there
LSR, LSRIDLE = 5, 0x60


class Remembered:
    """Registers of a 16550, 32 bits each, in memory that keeps what is written:
    mem9 finds a port there, and what is said is read at each store."""

    def __init__(self, s, address):
        self.s = s
        self.address = address
        s.stub.hbreak(s.place("efi_main"))
        s.stub.resume()
        s.stub.write(address + 4 * LSR, LSRIDLE.to_bytes(4, "little"))
        s.stub.unbreak(s.place("efi_main"))
        stores = [a for a, t in code()["interimout"] if "%eax, (%rdx)" in t]
        assert len(stores) == 1
        self.store = s.here(stores[0])

    def heard(self):
        """All that is said until the machine halts."""
        stub, said = self.s.stub, b""
        halt = self.s.place("interimhalt")
        stub.hbreak(halt)
        while self.stored() != halt:
            r = stub.registers()
            assert r["rdx"] == self.address
            said += bytes([r["rax"]])
        stub.unbreak(halt)
        return said.decode()

    def stored(self):
        """Go on to the next store, or where the machine halts."""
        stub = self.s.stub
        if stub.registers()["rip"] == self.store:
            stub.step()
        stub.hbreak(self.store)
        at = stub.resume()
        stub.unbreak(self.store)
        return at


def card(text):
    """Where the memory of the VGA card is, by QEMU's `info pci'."""
    vga = text[text.index("VGA controller") :]
    return int(re.search(r"BAR0: .* at (0x[0-9a-f]+)", vga)[1], 16)


@pytest.mark.matrix
def test_a_machine_check_is_said_by_a_port_in_memory(tmp_path):
    """Under firmware's tables and under the first of mem9's own."""
    fixed = ("*end=poweroff", "*nokaslr=1")
    base, pci = learn_base("switch-mmio", tmp_path, ini=fixed, **UBOOT_PC)
    port = card(pci) + SPARE
    ini = (*fixed, f"console=mmio32,{port:#x}")
    with Machine(
        "switch-mmio", args=["-S", *stub(tmp_path)], ini=ini, **UBOOT_PC
    ) as m:
        s = Switch(m, tmp_path, base)
        uart = Remembered(s, port)
        places = [a for a, _ in code()["switchto"]]
        for pc in s.here(places[0]), s.here(places[-1]):
            s.stub.hbreak(pc)
            assert s.stub.resume() == pc
            was = s.stub.registers()
            m.monitor(MCE)
            assert uart.heard() == (
                f"\r\nmachine check 0x12 at 0x{pc:016x}, between"
                " firmware's page tables and mem9's: stopped\r\n"
            )
            s.stub.set_registers(was)
            s.stub.unbreak(pc)
