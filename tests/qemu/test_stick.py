"""build/mem9-usb.img, which users write to a stick."""

import os
import subprocess

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
    laws.check(m, Facts(m.text()))


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
    for name in ("EFI/BOOT/MEM9.INI", "README.TXT", "LICENSE.TXT"):
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
