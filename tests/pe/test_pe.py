"""build/mem9.efi as firmware, shim and boards read it.

Firmware since 2025 refuses an image with a section both writable and
executable, or without NX_COMPAT; some loaders want each section on pages of
its own; and without .reloc mem9 could not move itself to KZERO.
"""

import pathlib
import struct
import subprocess

import pefile
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE = ROOT / "build/mem9.efi"
PAGE = 4096
KZERO = 0xFFFFFFFF80000000

EXECUTE = 0x20000000
WRITE = 0x80000000
DISCARDABLE = 0x02000000
AMD64 = 0x8664
EFI_APPLICATION = 10
HIGH_ENTROPY_VA = 0x0020
DYNAMIC_BASE = 0x0040
NX_COMPAT = 0x0100
DIR64 = 10


@pytest.fixture(scope="module")
def pe():
    return pefile.PE(IMAGE)


def name(section):
    return section.Name.rstrip(b"\0").decode()


def test_is_an_efi_application_for_x86_64(pe):
    assert pe.FILE_HEADER.Machine == AMD64
    assert pe.OPTIONAL_HEADER.Magic == 0x20B
    assert pe.OPTIONAL_HEADER.Subsystem == EFI_APPLICATION


def test_is_linked_at_kzero(pe):
    assert pe.OPTIONAL_HEADER.ImageBase == KZERO


def test_may_be_loaded_anywhere_and_with_no_execute(pe):
    flags = pe.OPTIONAL_HEADER.DllCharacteristics
    assert flags & NX_COMPAT
    assert flags & DYNAMIC_BASE
    assert flags & HIGH_ENTROPY_VA
    assert not pe.FILE_HEADER.Characteristics & 1, "relocations stripped"


def test_no_section_is_writable_and_executable(pe):
    for section in pe.sections:
        both = section.Characteristics & (WRITE | EXECUTE)
        assert both != WRITE | EXECUTE, name(section)


def test_sections_have_pages_of_their_own(pe):
    assert pe.OPTIONAL_HEADER.SectionAlignment == PAGE
    end = PAGE  # the headers
    for section in pe.sections:
        assert section.VirtualAddress % PAGE == 0, name(section)
        assert section.VirtualAddress >= end, name(section)
        assert section.Misc_VirtualSize > 0, name(section)
        end = section.VirtualAddress + section.Misc_VirtualSize
    assert pe.OPTIONAL_HEADER.SizeOfImage == -(-end // PAGE) * PAGE


def test_every_section_is_kept(pe):
    """Some loaders, shim for one, leave out what may be discarded."""
    for section in pe.sections:
        assert not section.Characteristics & DISCARDABLE, name(section)


def test_sections_lie_within_the_file(pe):
    alignment = pe.OPTIONAL_HEADER.FileAlignment
    for section in pe.sections:
        end = section.PointerToRawData + section.SizeOfRawData
        assert end <= IMAGE.stat().st_size, name(section)
        assert section.PointerToRawData % alignment == 0, name(section)


def test_entry_is_code(pe):
    entry = pe.OPTIONAL_HEADER.AddressOfEntryPoint
    home = pe.get_section_by_rva(entry)
    assert home is not None and home.Characteristics & EXECUTE


def test_reloc_is_there_and_points_into_the_image(pe):
    base = pe.OPTIONAL_HEADER.DATA_DIRECTORY[5]
    assert base.Size > 0
    assert name(pe.get_section_by_rva(base.VirtualAddress)) == ".reloc"
    pe.parse_data_directories()
    moved = [
        entry
        for block in pe.DIRECTORY_ENTRY_BASERELOC
        for entry in block.entries
        if entry.type == DIR64
    ]
    assert moved
    for entry in moved:
        home = pe.get_section_by_rva(entry.rva)
        assert home is not None, f"{entry.rva:#x}"
        assert not home.Characteristics & EXECUTE, f"{entry.rva:#x} in text"
        value = struct.unpack("<Q", pe.get_data(entry.rva, 8))[0]
        assert KZERO <= value <= KZERO + pe.OPTIONAL_HEADER.SizeOfImage


def test_says_what_shim_asks(pe, tmp_path):
    """SBAT 1, by the section's own size, and by the tool that reviewers use."""
    (section,) = [s for s in pe.sections if name(s) == ".sbat"]
    assert not section.Characteristics & (WRITE | EXECUTE)
    size = section.Misc_VirtualSize
    data = section.get_data()
    assert size <= section.SizeOfRawData
    assert data[size:] == bytes(section.SizeOfRawData - size)
    subprocess.run(
        ["objcopy", "-O", "binary", "-j", ".sbat", IMAGE, tmp_path / "sbat"],
        check=True,
    )
    assert (tmp_path / "sbat").read_bytes() == data[:size]
    text = data[:size].decode("ascii")
    assert text.endswith("\n") and "\r" not in text
    first, mine = [line.split(",") for line in text.splitlines()]
    assert first[:2] == ["sbat", "1"] and len(first) == 6
    assert mine[:2] == ["mem9", "1"] and len(mine) == 6 and all(mine)
    version = (ROOT / "Makefile").read_text().split("\nVERSION = ")[1]
    assert mine[4] == version.split()[0]


def test_imports_nothing(pe):
    assert pe.OPTIONAL_HEADER.DATA_DIRECTORY[1].Size == 0


def test_carries_no_date_and_no_wrong_checksum(pe):
    """A date would differ between two builds; a checksum is 0 or right."""
    assert pe.FILE_HEADER.TimeDateStamp == 0
    said = pe.OPTIONAL_HEADER.CheckSum
    assert said in (0, pe.generate_checksum())


def test_two_builds_give_the_same_bytes(tmp_path):
    """The tree copied elsewhere and built there, with another clock."""
    copy = tmp_path / "tree"
    subprocess.run(
        ["cp", "-r", "--no-preserve=timestamps", ROOT, copy], check=True
    )
    subprocess.run(["rm", "-rf", copy / "build"], check=True)
    made = subprocess.run(
        ["make", "-C", copy, "build/mem9.efi"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "TZ": "Asia/Tokyo", "LANG": "C"},
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert (copy / "build/mem9.efi").read_bytes() == IMAGE.read_bytes()
