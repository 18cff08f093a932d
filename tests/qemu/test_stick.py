"""build/mem9-usb.img, which users write to a stick."""

import os
import shutil
import subprocess

import pytest

import laws
from facts import Facts
from machine import (
    CD,
    PROMPT,
    ROOT,
    SEABIOS,
    SECURE,
    STICK,
    UBOOT,
    Machine,
)

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


def unnamed(path, what):
    """A copy of the stick with one way of naming its partition left."""
    image = bytearray(STICK.read_bytes())
    if what == "gpt":
        image[462:478] = bytes(16)
    else:
        image[462:478], image[446:462] = bytes(16), image[462:478]
        for gpt in (slice(512, MIB), slice(len(image) - MIB, None)):
            image[gpt] = bytes(len(image[gpt]))
    path.write_bytes(image)
    return path


UBOOT_PC = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
PLACES = {
    "usb-2": {"disk": "usb2"},
    "ahci": {"disk": "ide"},
    "ide": {"disk": "ide", "machine": "pc"},
    "nvme": {"disk": "nvme"},
    "virtio": {"disk": "virtio"},
    "secure": {"firmware": SECURE},
    "uboot": UBOOT_PC,
    "uboot-virtio": {**UBOOT_PC, "disk": "virtio"},
}


def to_the_monitor(name, stick, **machine):
    with Machine(name, stick=stick, **machine) as m:
        m.expect(PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
    laws.check(m, Facts(m.text()))
    return m


@pytest.mark.matrix
@pytest.mark.parametrize("place", PLACES)
def test_stick_is_found_wherever_it_is(place):
    to_the_monitor(f"stick-{place}", STICK, **PLACES[place])


@pytest.mark.matrix
@pytest.mark.parametrize("table", ["gpt", "mbr"])
@pytest.mark.parametrize("firmware", [{}, UBOOT_PC], ids=["ovmf", "uboot"])
def test_either_table_will_do(tmp_path, table, firmware):
    stick = unnamed(tmp_path / "stick", table)
    kind = "uboot" if firmware else "ovmf"
    to_the_monitor(f"stick-{table}-{kind}", stick, **firmware)


def formatted(path, bits, cluster):
    """The stick with its files on a FAT of another kind, made by others."""
    start, size = MIB, STICK.stat().st_size - 2 * MIB
    shutil.copy(STICK, path)
    subprocess.run(
        ["/usr/sbin/mkfs.vfat", "-F", str(bits), "-s", str(cluster)]
        + ["--offset", str(start // 512), path, str(size // 1024)],
        check=True,
        capture_output=True,
    )
    volume = f"{path}@@1M"
    subprocess.run(["mmd", "-i", volume, "::/EFI", "::/EFI/BOOT"], check=True)
    for name in ("EFI/BOOT/BOOTX64.EFI", "MEM9.INI"):
        subprocess.run(
            ["mcopy", "-i", volume, "-", f"::/{name}"],
            input=mtools("mtype", f"::/{name}"),
            check=True,
        )
    return path


@pytest.mark.matrix
@pytest.mark.parametrize("firmware", [{}, UBOOT_PC], ids=["ovmf", "uboot"])
@pytest.mark.parametrize("bits, cluster", [(12, 32), (16, 8)])
def test_a_smaller_fat_will_do(tmp_path, bits, cluster, firmware):
    stick = formatted(tmp_path / "stick", bits, cluster)
    name = f"stick-fat{bits}-{'uboot' if firmware else 'ovmf'}"
    with Machine(name, stick=stick, **firmware) as m:
        m.expect(PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
        report = m.file("MEM9.TXT").decode("ascii")
    laws.check(m, Facts(m.text()))
    assert report.startswith("mem9: report version=")


def test_cd_boots_and_is_not_written_to():
    m = to_the_monitor("cd", CD, disk="cd")
    said = 'file="\\MEM9.TXT" result=failed detail="the volume is write-prot'
    assert m.text().count(said) == 1


def test_people_see_the_files_of_the_cd(tmp_path):
    subprocess.run(
        ["xorriso", "-osirrox", "on", "-indev", CD, "-extract", "/", tmp_path],
        check=True,
        capture_output=True,
    )
    for name in ("MEM9.EFI", "MEM9.INI", "README.TXT", "LICENSE.TXT"):
        assert (tmp_path / name).read_bytes() == mtools("mtype", f"::/{name}")


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


def place(entry):
    """Of an MBR's entry: the first sector, and how many."""
    return [int.from_bytes(entry[i : i + 4], "little") for i in (8, 12)]


def sgdisk(*args):
    return subprocess.run(
        ["/usr/sbin/sgdisk", *args, STICK],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_partition_is_what_firmware_wants():
    mbr = STICK.read_bytes()[:512]
    before, entry = mbr[446:462], mbr[462:478]
    start, sectors = place(entry)
    assert mbr[510:] == b"\x55\xaa"
    # Not active, from sector 1: else firmware takes the GPT for none.
    assert (before[0], before[4], *place(before)) == (0, 0xEE, 1, start - 1)
    assert entry[4] == 0xEF  # not 0x0C: some boards do not list that
    assert start * 512 == MIB
    assert (start + sectors) * 512 == STICK.stat().st_size - MIB
    assert sectors * 512 % 4096 == 0
    assert mbr[478:510] == bytes(32), "more than one partition"
    told = sgdisk("-v") + sgdisk("-i", "1")
    assert "No problems found" in told
    assert "GUID code: C12A7328-F81F-11D2-BA4B-00A0C93EC93B" in told
    assert f"First sector: {start} " in told
    assert f"Partition size: {sectors} sectors" in told


def test_file_system_is_true_fat32_and_clean(tmp_path):
    volume = tmp_path / "volume"
    volume.write_bytes(STICK.read_bytes()[MIB:-MIB])
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


@pytest.mark.parametrize("name", ["stick", "cd.iso"])
def test_same_files_give_the_same_bytes(tmp_path, name):
    files = [f"A/B/C.EFI={ROOT}/build/mem9.efi", f"L.TXT={ROOT}/LICENSE"]
    images = []
    for zone in ("Asia/Tokyo", "America/New_York"):
        image = tmp_path / name
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
