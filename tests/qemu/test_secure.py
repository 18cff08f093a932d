"""Secure Boot: firmware starts mem9 if it is signed, and only then; so does
shim, by a key that its user has enrolled."""

import base64
import pathlib
import subprocess
import uuid

import pytest

import foreign
import laws
import varstore
from facts import Facts
from machine import IMAGE, LOADER, MICROSOFT, ROOT, SNAKEOIL, Machine

pytestmark = pytest.mark.matrix

# Debian's key for such tests, which OVMF_VARS_4M.snakeoil.fd has enrolled.
KEY = "/usr/share/ovmf/PkKek-1-snakeoil.key"
CERT = "/usr/share/ovmf/PkKek-1-snakeoil.pem"
OWNER = uuid.UUID("6d656d39-0000-4000-8000-000000000002")


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


def signed(folder, key, cert):
    """mem9.efi, as `make sign' signs it."""
    image = folder / "signed.efi"
    subprocess.run(
        ["make", "-s", "-C", ROOT, "sign", f"KEY={key}", f"CERT={cert}"]
        + [f"SIGNED={image}", f"SBSIGN={foreign.file(*foreign.SBSIGN)}"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return image


def own(folder):
    """A key of one's own, and its certificate: docs/secureboot.md."""
    key, cert = folder / "own.key", folder / "own.pem"
    openssl(
        *("req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes"),
        *("-subj", "/CN=mine", "-days", "3650"),
        *("-keyout", key, "-out", cert),
    )
    return key, cert


def enrolled(cert):
    """The variable that MokManager leaves of a certificate."""
    lines = pathlib.Path(cert).read_text().strip().splitlines()
    der = base64.b64decode("".join(lines[1:-1]))
    attributes = varstore.NONVOLATILE | varstore.BOOTSERVICE
    data = varstore.certificates(OWNER, der)
    return ("MokList", varstore.SHIM, attributes, data)


def started(name, image, firmware=SNAKEOIL, **machine):
    files = {"EFI/BOOT/BOOTX64.EFI": image, **machine.pop("files", {})}
    return Machine(
        f"secure-{name}", firmware=firmware, start=LOADER, files=files, **machine
    )


def runs(m):
    m.run_to_end()
    laws.check(m, Facts(m.text()))
    assert m.shutdown_reason == "guest-shutdown"


def test_not_signed_it_is_refused():
    with started("unsigned", IMAGE) as m:
        m.expect("failed to (load|start) Boot[^\r]*: Access Denied")
        assert "mem9: " not in m.text()


def test_signed_it_runs(tmp_path):
    key = tmp_path / "key"
    openssl("rsa", "-in", KEY, "-passin", "pass:snakeoil", "-out", key)
    with started("signed", signed(tmp_path, key, CERT)) as m:
        runs(m)


def by_shim(name, image, *variables):
    """By Debian's shim, as Microsoft has signed it."""
    return started(
        name,
        foreign.file(*foreign.SHIM),
        firmware=MICROSOFT,
        files={"EFI/BOOT/GRUBX64.EFI": image},
        variables=variables,
    )


def test_shim_starts_what_its_user_trusts(tmp_path):
    key, cert = own(tmp_path)
    image = signed(tmp_path, key, cert)
    with by_shim("shim", image, enrolled(cert)) as m:
        runs(m)


def named(folder, key, cert, name):
    """Signed by hand, with that name for section .sbat."""
    image, own_name = IMAGE.read_bytes(), b".sbat\0\0\0"
    assert image.count(own_name) == 1
    bare, out = folder / "bare.efi", folder / "signed.efi"
    bare.write_bytes(image.replace(own_name, name))
    subprocess.run(
        [foreign.file(*foreign.SBSIGN), "--key", key, "--cert", cert]
        + ["--output", out, bare],
        check=True,
        capture_output=True,
    )
    return out


def test_shim_wants_to_know_the_generation(tmp_path):
    """Signed, but without section .sbat: refused; and for nothing else."""
    key, cert = own(tmp_path)
    image = named(tmp_path, key, cert, b".sbat\0\0\0")
    with by_shim("sbat", image, enrolled(cert)) as m:
        runs(m)
    image = named(tmp_path, key, cert, b".other\0\0")
    with by_shim("no-sbat", image, enrolled(cert)) as m:
        m.expect("(?i)sbat[^\r]*|security violation")
        assert "mem9: " not in m.text()
