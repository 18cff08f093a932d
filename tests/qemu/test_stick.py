"""build/mem9-usb.img, which users write to a stick."""

import os
import shutil
import subprocess

import pytest

import laws
from facts import Facts
from machine import PROMPT, ROOT, SEABIOS, STICK, Machine

MIB = 2**20


def mtools(tool, *args):
    return subprocess.run(
        [tool, "-i", f"{STICK}@@1M", *args],
        check=True,
        capture_output=True,
        env={**os.environ, "TZ": "UTC"},
    ).stdout


def test_stick_boots_to_the_monitor():
    with Machine("stick", stick=STICK) as m:
        m.expect(PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
        report = m.file("MEM9.TXT").decode("ascii")
    laws.check(m, Facts(m.text()))
    # What was known until mem9 left; there is no more to come.
    assert report.startswith("mem9: report version=")
    assert "mem9: efi type=" in report and "mem9: done" not in report


def stick_with(path, **files):
    """A copy of the stick with these texts in place of its files."""
    shutil.copy(STICK, path)
    for name, text in files.items():
        subprocess.run(
            ["mcopy", "-o", "-i", f"{path}@@1M", "-", f"::/{name}"],
            input=text.encode(),
            check=True,
        )
    return path


@pytest.mark.parametrize("start", ["itself", "shell"])
def test_the_file_that_people_edit_is_read(tmp_path, start):
    """The one at the root, by both ways of starting."""
    files = {"MEM9.INI": "*end=poweroff\r\n*maxmem=100M\r\nnonesuch=1\r\n"}
    stick = stick_with(tmp_path / "stick", **files)
    if start == "shell":
        # No program where firmware looks for one: it starts its shell.
        subprocess.run(
            ["mdel", "-i", f"{stick}@@1M", "::/EFI/BOOT/BOOTX64.EFI"],
            check=True,
        )
    with Machine(f"stick-ini-{start}", stick=stick) as m:
        if start == "shell":
            m.hurry_shell()
            m.expect("Shell> ")
            m.serial.send("fs0:\\mem9.efi\r")
        m.run_to_end()
    assert "mem9: \\mem9.ini:3: nonesuch=1: " in m.text()
    assert Facts(m.text()).banks()[-1].end <= 100 * MIB


def test_the_file_beside_the_program_wins(tmp_path):
    """Both are read; what only one has is taken from that one."""
    stick = stick_with(
        tmp_path / "stick",
        **{
            "MEM9.INI": "*end=halt\n*maxmem=100M\n",
            "EFI/BOOT/MEM9.INI": "*end=poweroff",
        },
    )
    with Machine("stick-ini-both", stick=stick) as m:
        m.run_to_end()
    assert Facts(m.text()).banks()[-1].end <= 100 * MIB


def test_partition_is_what_firmware_wants():
    mbr = STICK.read_bytes()[:512]
    entry = mbr[446:462]
    start = int.from_bytes(entry[8:12], "little")
    sectors = int.from_bytes(entry[12:16], "little")
    assert mbr[510:] == b"\x55\xaa"
    assert entry[4] == 0xEF  # not 0x0C: some boards do not list that
    assert start * 512 == MIB
    assert (start + sectors) * 512 == STICK.stat().st_size
    assert sectors * 512 % 4096 == 0
    assert mbr[462:510] == bytes(48), "more than one partition"
    assert STICK.read_bytes()[512:1024] == bytes(512), "a GPT"


def test_file_system_is_true_fat32_and_clean(tmp_path):
    volume = tmp_path / "volume"
    volume.write_bytes(STICK.read_bytes()[MIB:])
    fsck = subprocess.run(
        ["/usr/sbin/fsck.vfat", "-n", "-v", volume],
        capture_output=True,
        text=True,
    )
    assert fsck.returncode == 0, fsck.stdout
    clusters = [s for s in fsck.stdout.split("\n") if "data clusters" in s]
    assert int(clusters[0].split()[0]) >= 65525, clusters
    assert "2048 hidden sectors" in fsck.stdout


def test_files():
    image = (ROOT / "build/mem9.efi").read_bytes()
    assert mtools("mtype", "::/EFI/BOOT/BOOTX64.EFI") == image
    assert mtools("mtype", "::/MEM9.EFI") == image
    for name in ("MEM9.INI", "MEM9.MAN", "README.TXT", "LICENSE.TXT"):
        text = mtools("mtype", f"::/{name}")
        assert text and text.count(b"\n") == text.count(b"\r\n"), name


def test_same_files_give_the_same_bytes(tmp_path):
    files = [f"A/B/C.EFI={ROOT}/build/mem9.efi", f"L.TXT={ROOT}/LICENSE"]
    images = []
    for zone in ("Asia/Tokyo", "America/New_York"):
        image = tmp_path / "image"
        subprocess.run(
            [ROOT / "tools/image.sh", image, *files],
            check=True,
            env={**os.environ, "TZ": zone},
        )
        images.append(image.read_bytes())
    assert images[0] == images[1]


def test_a_pc_without_uefi_says_what_is_missing(tmp_path):
    """SeaBIOS runs the boot code; its own option sends text to the port."""
    port = tmp_path / "port"
    port.write_bytes((0x3F8).to_bytes(2, "little"))
    with Machine(
        "bios",
        stick=STICK,
        firmware=SEABIOS,
        args=["-fw_cfg", f"name=etc/sercon-port,file={port}"],
    ) as m:
        m.expect("this stick needs UEFI")
