"""Every way into mem9: each loader once, with options by its own means.

They come as LoadOptions, which each loader fills as it likes. Where disks make
a difference: test_stick.py.
"""

import shutil

import pytest

import foreign
import laws
import varstore
from facts import PAGE, Facts
from machine import IMAGE, LOADER, PROMPT, UBOOT, Machine

pytestmark = pytest.mark.matrix

NSWAP = 1024
OPTIONS = f"*nswap={NSWAP} *end=poweroff"


def obeyed(m):
    """It ran to its end, and did what the loader was told to tell it."""
    m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts)
    assert facts.one("conf")["swap"] == NSWAP * PAGE
    assert m.shutdown_reason == "guest-shutdown"


def through(name, tmp_path, program, texts):
    """Firmware starts this program, which finds these texts."""
    files = {"EFI/BOOT/BOOTX64.EFI": foreign.file(*program)}
    for i, (path, text) in enumerate(texts.items()):
        files[path] = tmp_path / str(i)
        files[path].write_text(text)
    with Machine(f"ways-{name}", start=LOADER, ini=(), files=files) as m:
        obeyed(m)


def test_grub(tmp_path):
    cfg = f"""\
search --file --set=root /mem9.efi
chainloader /mem9.efi '{OPTIONS.replace(" ", "' '")}'
boot
"""
    through("grub", tmp_path, foreign.GRUB, {"EFI/debian/grub.cfg": cfg})


def test_systemd_boot(tmp_path):
    entry = f"title mem9\nefi /mem9.efi\noptions {OPTIONS}\n"
    texts = {
        "loader/loader.conf": "timeout 0\ndefault mem9.conf\n",
        "loader/entries/mem9.conf": entry,
    }
    through("systemd-boot", tmp_path, foreign.SYSTEMDBOOT, texts)


def test_refind(tmp_path):
    conf = f"""\
timeout -1
textonly
scanfor manual
default_selection mem9
menuentry mem9 {{
    loader /mem9.efi
    options "{OPTIONS}"
}}
"""
    through("refind", tmp_path, foreign.REFIND, {"EFI/BOOT/refind.conf": conf})


def test_the_shell():
    with Machine("ways-shell", start=LOADER, ini=()) as m:
        m.expect("Shell> ")
        m.serial.send(f"fs0:\\mem9.efi {OPTIONS}\r")
        obeyed(m)


def test_an_entry_of_the_boot_manager():
    """Its optional data is no line of a shell's: no name comes first."""
    options = OPTIONS.encode("utf-16-le") + bytes(2)
    variables = varstore.startsfirst("\\MEM9.EFI", options)
    with Machine(
        "ways-bootmanager", start=LOADER, ini=(), variables=variables
    ) as m:
        obeyed(m)


def test_uboot():
    """Its boot arguments, in place of a kernel's."""
    quick = {"firmware": UBOOT, "machine": "pc", "disk": "ide"}
    with Machine("ways-uboot", start=LOADER, ini=(), **quick) as m:
        m.expect("stop autoboot")
        m.serial.send("\r")
        m.expect("=> ")
        m.serial.send(
            f"setenv bootargs '{OPTIONS}'; ide reset; "
            "load ide 0:1 1000000 mem9.efi; bootefi 1000000\r"
        )
        obeyed(m)


def test_the_network(tmp_path):
    """No volume, so no mem9.ini and no report; and a menu, as nobody asked
    for anything."""
    shutil.copy(IMAGE, tmp_path / "mem9.efi")
    net = f"user,id=net,tftp={tmp_path},bootfile=mem9.efi"
    card = "virtio-net-pci,netdev=net,romfile="
    with Machine(
        "ways-pxe", disk="none", args=["-netdev", net, "-device", card]
    ) as m:
        m.expect(PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
    laws.check(m, Facts(m.text()))
    assert m.shutdown_reason == "guest-shutdown"
