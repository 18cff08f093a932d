"""Programs that are not ours, from Debian's packages (tests/fetch)."""

import subprocess

import pytest

from machine import ROOT

FOREIGN = ROOT / "build/foreign"

GRUB = "grub-efi-amd64-bin", "usr/lib/grub/x86_64-efi/monolithic/grubx64.efi"
LSEFIMMAP = "grub-efi-amd64-bin", "usr/lib/grub/x86_64-efi/lsefimmap.mod"
LINUX = "linux-image-cloud-amd64", "boot/vmlinuz-*"
MEMTEST = "memtest86+", "boot/memtest86+x64.efi"
SYSTEMDBOOT = "systemd-boot-efi", "usr/lib/systemd/boot/efi/systemd-bootx64.efi"
REFIND = "refind", "usr/share/refind/refind/refind_x64.efi"
SHIM = "shim-signed", "usr/lib/shim/shimx64.efi.signed"
SBSIGN = "sbsigntool", "usr/bin/sbsign"


def file(package, pattern):
    """A package's file; whoever asks is skipped where it cannot be had."""
    got = subprocess.run(
        [ROOT / "tests/fetch", package], capture_output=True, text=True
    )
    if got.returncode != 0:
        pytest.skip(got.stderr.strip() or got.stdout.strip())
    (found,) = (FOREIGN / package).glob(pattern)
    return found
