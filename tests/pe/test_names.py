"""The names for back traces, and the code they rely on.

mem9's own table is in section .names: include/symbol.h. Every C function must
begin by making its frame, or a back trace would miss its caller:
arch/amd64/backtrace.c.
"""

import pathlib
import re
import struct
import subprocess

import pefile
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE = ROOT / "build/mem9.efi"
DEBUG = ROOT / "build/mem9.debug.efi"
FRAME = bytes.fromhex("554889e5")  # push %rbp; mov %rsp, %rbp


@pytest.fixture(scope="module")
def pe():
    return pefile.PE(IMAGE)


def section(pe, name):
    found = [s for s in pe.sections if s.Name.rstrip(b"\0") == name]
    assert len(found) == 1, name
    return found[0]


@pytest.fixture(scope="module")
def names(pe):
    """The table in the shipped image: [(rva, name), ...] and its end."""
    data = section(pe, b".names").get_data()
    (n,) = struct.unpack_from("<I", data)
    entries = [struct.unpack_from("<II", data, 4 + 8 * i) for i in range(n)]
    strings = data[4 + 8 * n :]
    table = [
        (rva, strings[at : strings.index(b"\0", at)].decode())
        for rva, at in entries
    ]
    return table[:-1], table[-1][0]


@pytest.fixture(scope="module")
def symbols():
    """What the linker says is in .text: {rva: {name, ...}}."""
    said = subprocess.run(
        ["llvm-nm", "--defined-only", DEBUG],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for address, kind, name in re.findall(r"^(\w+) ([tT]) (\S+)$", said, re.M):
        found.setdefault(int(address, 16) & 0x7FFFFFFF, set()).add(name)
    return found


def test_table_is_sorted_and_ends_text(pe, names):
    table, end = names
    rvas = [rva for rva, _ in table]
    assert rvas == sorted(set(rvas))
    text = section(pe, b".text")
    assert rvas[0] == text.VirtualAddress
    assert end == text.VirtualAddress + text.Misc_VirtualSize


def test_table_has_every_function(names, symbols):
    table, _ = names
    assert {rva for rva, _ in table} == set(symbols)
    for rva, name in table:
        assert name in symbols[rva]


def test_table_moves_nothing(pe):
    """All that mem9 refers to lies before it: its size decides no address."""
    order = [s.Name.rstrip(b"\0") for s in pe.sections]
    assert order[order.index(b".names") :] == [b".names", b".sbat", b".reloc"]


def in_assembly():
    """Names that the .S files of arch/ define."""
    found = set()
    for file in (ROOT / "arch").rglob("*.S"):
        found |= set(re.findall(r"^(\w+):", file.read_text(), re.M))
    return found


def test_every_c_function_begins_with_its_frame(pe, names):
    text = section(pe, b".text")
    code = text.get_data()
    table, _ = names
    assert len(table) > 300
    for rva, name in table:
        start = rva - text.VirtualAddress
        if name not in in_assembly():
            assert code[start : start + 4] == FRAME, name


def test_large_frames_are_among_them(pe, names):
    """Frames over 128 bytes, where some targets displace the pointer."""
    text = section(pe, b".text")
    code = text.get_data()
    # sub $n, %rsp with a 32-bit n, early in a function.
    large = re.findall(
        rb"\x55\x48\x89\xe5(?:[\x50-\x57]|\x41[\x50-\x57])*\x48\x81\xec(....)",
        code,
        re.S,
    )
    assert len([n for n in large if struct.unpack("<I", n)[0] > 128]) > 10
    # lea disp(%rsp), %rbp
    assert b"\x48\x8d\x6c\x24" not in code
    assert b"\x48\x8d\xac\x24" not in code
