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
