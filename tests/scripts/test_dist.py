"""A release is the same bytes, whoever makes it of the same files, and says
itself whether it is whole."""

import os
import pathlib
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).parents[2]
FILES = {"mem9.efi": b"MZ" + bytes(range(256)), "mem9.ini": b"# x\n", "A": b""}


def dist(folder, date, mode, mask, zone, names=FILES):
    """A release of files with that date and mode."""
    folder.mkdir()
    words = []
    for name in names:
        file = folder / f"its-{name}"
        file.write_bytes(FILES[name])
        file.chmod(mode)
        os.utime(file, (date, date))
        words.append(f"{name}={file}")
    out = folder / "mem9-0.0.tar.gz"
    subprocess.run(
        [ROOT / "tools/dist.sh", out, *words],
        check=True,
        env={**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8"},
        preexec_fn=lambda: os.umask(mask),
    )
    return out


def test_two_are_the_same_bytes(tmp_path):
    one = dist(tmp_path / "a", 10**9, 0o700, 0o077, "UTC")
    other = dist(
        tmp_path / "b", 15 * 10**8, 0o664, 0o002, "Asia/Tokyo", sorted(FILES)
    )
    assert one.read_bytes() == other.read_bytes()
    assert sorted(p.name for p in one.parent.iterdir()) == sorted(
        ["mem9-0.0.tar.gz", *(f"its-{name}" for name in FILES)]
    )


def test_it_holds_the_files_and_their_sums(tmp_path):
    with tarfile.open(dist(tmp_path / "a", 0, 0o600, 0o077, "UTC")) as tar:
        tar.extractall(tmp_path)
    whole = tmp_path / "mem9-0.0"
    assert {p.name for p in whole.iterdir()} == {*FILES, "SHA256SUMS"}
    for name, text in FILES.items():
        assert (whole / name).read_bytes() == text
        assert (whole / name).stat().st_mode & 0o777 == 0o644
    check = ["sha256sum", "-c", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=whole).returncode == 0
    (whole / "mem9.ini").write_text("# y\n")
    assert subprocess.run(check, cwd=whole).returncode == 1


def inside(disc, name, folder):
    """A file of the volume that firmware starts from a disc."""
    volume = folder / "efi.img"
    subprocess.run(
        ["xorriso", "-osirrox", "on", "-indev", disc]
        + ["-extract", "/EFI.IMG", volume],
        check=True,
        capture_output=True,
    )
    command = ["mtype", "-i", volume, f"::/{name}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_it_is_of_the_image_that_was_asked_for(tmp_path):
    """As `make dist' makes it: a signed one, say, alone and on each volume."""
    image = tmp_path / "x.efi"
    image.write_bytes(b"MZ of another image")
    archive = tmp_path / "mem9-x.tar.gz"
    name = os.path.relpath(archive, ROOT / "build")
    subprocess.run(
        ["make", "-s", "-C", ROOT, "dist", f"EFI_IMAGE={image}"]
        + [f"ARCHIVE={name}"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path)
    whole = tmp_path / "mem9-x"
    assert {p.name for p in whole.iterdir()} == {
        *("mem9.efi", "mem9.iso", "mem9-usb.img", "mem9.man", "mem9.ini"),
        *("README.md", "LICENSE", "SHA256SUMS"),
    }
    assert (whole / "mem9.efi").read_bytes() == image.read_bytes()
    stick = ["mtype", "-i", f"{whole}/mem9-usb.img@@1M"]
    for name in ("EFI/BOOT/BOOTX64.EFI", "MEM9.EFI"):
        read = [*stick, f"::/{name}"]
        out = subprocess.run(read, check=True, capture_output=True).stdout
        assert out == image.read_bytes(), name
        assert inside(whole / "mem9.iso", name, tmp_path) == out, name
