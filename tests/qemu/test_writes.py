"""What mem9 writes to before it stands on its own page tables: its image, its
block, and the stack it was called on.

Some firmware keeps its stack, page tables and IDT in memory that its map calls
free, and maps the rest read-only. So all of RAM is compared: as it is when boot
services have ended and nobody but mem9 runs, and at mem9's first instruction at
KZERO. What else may differ is what the CPU marks in firmware's page tables: the
bits Accessed and Dirty.

U-Boot reads its disk by IDE: no device writes to memory on its own meanwhile.
"""

import struct

import pytest

from facts import PAGE
from machine import IMAGE, OVMF, UBOOT, Machine, MiB
from test_gdb import stub
from test_switch import KZERO, Switch, learn_base

MEM = 128 * MiB
STACK = 16 * 1024  # bytes that mem9 may use of firmware's
HOME = 40  # the return address, and four arguments that a callee may keep
MARKS = 0x60  # Accessed, Dirty
KINDS = {
    OVMF: {"disk": "ide"},
    UBOOT: {"firmware": UBOOT, "machine": "pc", "disk": "ide"},
}


def image_size():
    raw = IMAGE.read_bytes()
    header = struct.unpack_from("<I", raw, 0x3C)[0]
    return struct.unpack_from("<I", raw, header + 0x50)[0]


def words(raw, at):
    return struct.unpack_from(f"<{PAGE // 8}Q", raw, at)


def changed(before, after):
    """Addresses of words that differ in more than the CPU's marks."""
    for at in range(0, MEM, PAGE):
        if before[at : at + PAGE] == after[at : at + PAGE]:
            continue
        pairs = zip(words(before, at), words(after, at))
        for i, (was, now) in enumerate(pairs):
            if (was ^ now) & ~MARKS:
                yield at + 8 * i


class Watched(Switch):
    """All of RAM, where the machine is stopped."""

    def ram(self, work):
        path = work / "ram"
        self.m.monitor(f'pmemsave 0 {MEM:#x} "{path}"')
        raw = path.read_bytes()
        assert len(raw) == MEM
        return raw

    def to(self, address):
        self.stub.hbreak(address)
        assert self.stub.resume() == address
        self.stub.unbreak(address)
        return self.stub.registers()

    def block(self, bootinfo):
        """Its first two members."""
        raw = bytes.fromhex(self.stub.ask(f"m{bootinfo:x},10"))
        return struct.unpack("<QQ", raw)


@pytest.mark.parametrize(
    "firmware", [UBOOT, pytest.param(OVMF, marks=pytest.mark.matrix)]
)
def test_only_what_is_its_own(tmp_path, firmware):
    machine = {**KINDS[firmware], "mem": f"{MEM // MiB}M"}
    machine["ini"] = ("*end=poweroff", "*nokaslr=1")
    name = f"writes-{firmware}"
    base, _ = learn_base(name, tmp_path, **machine)
    with Machine(name, args=["-S", *stub(tmp_path)], **machine) as m:
        s = Watched(m, tmp_path, base)
        r = s.to(s.place("takeover"))
        pa, size = s.block(r["rcx"])
        own = [
            (base, base + image_size()),
            (pa, pa + size),
            (r["rsp"] - STACK, r["rsp"] + HOME),
        ]
        before = s.ram(tmp_path)
        s.to(s.symbols["standalone"])
        after = s.ram(tmp_path)
    found = list(changed(before, after))
    assert any(pa <= a < pa + size for a in found), "the block is as it was"
    others = [a for a in found if not any(b <= a < e for b, e in own)]
    assert not others, [hex(a) for a in others[:16]]
