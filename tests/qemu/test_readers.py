"""mem9's account of a machine beside those of programs that are not ours.

The UEFI shell, GRUB and Linux each read firmware's map in their own way, and
Linux makes RAM of it, CPUs and nodes. Firmware starts each of them in turn, on
one machine; then mem9 takes another one just like it.
"""

import subprocess

import pytest

import foreign
import laws
import readers
from facts import Facts, shared, total
from machine import IMAGE, MiB, ROOT, SECURE, SHELL, Machine

pytestmark = pytest.mark.matrix

SCRIPT = """\
@echo -off
fs0:
memmap -sfo >a memmap.txt
mem9.efi -v map >a map.txt
grub.efi
linux.efi efi=debug console=ttyS0,115200 earlycon=uart8250,io,0x3f8,115200
"""
GRUBCFG = """\
serial --unit=0 --speed=115200
terminal_output serial
insmod lsefimmap
lsefimmap
echo lsefimmap was all
exit
"""
MACHINES = {
    "512M": {},
    "1337M": {"mem": "1337M"},
    "5G": {"mem": "5G"},
    "pc": {"machine": "pc", "disk": "ide"},
    "secure": {"firmware": SECURE, "smp": 2},
    "nodes": {
        "mem": "2G",
        "cpu": "max",
        "smp": 4,
        "numa": [("768M", "0-1"), ("1280M", "2-3")],
    },
}


def others(name, tmp_path, machine):
    """What the shell, mem9 in it, GRUB and Linux say."""
    script, grubcfg = tmp_path / "startup.nsh", tmp_path / "grub.cfg"
    script.write_text(SCRIPT)
    grubcfg.write_text(GRUBCFG)
    files = {
        "STARTUP.NSH": script,
        "MEM9.EFI": IMAGE,
        "GRUB.EFI": foreign.file(*foreign.GRUB),
        "EFI/debian/grub.cfg": grubcfg,
        "EFI/debian/x86_64-efi/lsefimmap.mod": foreign.file(*foreign.LSEFIMMAP),
        "LINUX.EFI": foreign.file(*foreign.LINUX),
    }
    with Machine(f"readers-{name}", start=SHELL, files=files, **machine) as m:
        m.hurry_shell()
        grub = m.expect("lsefimmap was all")
        linux = m.expect(r"Memory: \d+K/\d+K available")
        return {
            "shell": m.file("memmap.txt").decode(),
            "mem9": m.file("map.txt").decode(),
            "grub": grub,
            "linux": linux,
        }


def taken(name, machine):
    """What mem9 says that it has, once firmware is gone."""
    with Machine(f"readers-mem9-{name}", start=SHELL, **machine) as m:
        m.hurry_shell()
        m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts)
    return m, facts


def replay_finds_no_change(tmp_path, was, now):
    """In Linux's own log to mem9's, by the tool for those who hibernate."""
    (tmp_path / "was").write_text(was)
    (tmp_path / "now").write_text(now)
    found = subprocess.run(
        [ROOT / "build/replay", "-d", tmp_path / "was", tmp_path / "now"],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def lowest(nodes):
    """Where each node begins; below 1 MiB mem9 takes none."""
    bases = {}
    for n, base in nodes:
        base = max(base, MiB)
        bases[n] = min(base, bases.get(n, base))
    return bases


@pytest.mark.parametrize("name", MACHINES)
def test_others_see_the_same_machine(name, tmp_path, record_property):
    said = others(name, tmp_path, MACHINES[name])
    m, facts = taken(name, MACHINES[name])
    mine = facts.efi()
    theirs = {
        "shell": readers.shell(said["shell"]),
        "mem9 map": Facts(said["mem9"]).efi(),
        "grub": readers.grub(said["grub"]),
        "linux": readers.linux(said["linux"]),
    }
    for who, ranges in theirs.items():
        assert readers.still(ranges) == readers.still(mine), who
        assert readers.moving(ranges) == readers.moving(mine), who
    replay_finds_no_change(tmp_path, said["linux"], m.text())
    usable = [r for r in readers.usable(said["linux"]) if r.base >= MiB]
    ram = [r for r in facts.memmap() if r.what == "MemRAM"]
    block = total(laws.block(facts))
    assert total(ram) >= total(usable) - block
    assert shared(ram, usable) == total(ram)
    assert readers.linuxcpus(said["linux"]) == facts.one("cpus")["present"]
    theirs = lowest(readers.linuxnodes(said["linux"]).items())
    assert theirs == lowest((n["n"], n["base"]) for n in facts.all("node"))
    still = sum(total(r) for r in readers.still(mine).values())
    record_property(
        "say",
        f"readers {name}: still {still}, moving {readers.moving(mine)} to all"
        f" five; Linux's RAM above 1 MiB {total(usable)}, mem9's {total(ram)},"
        f" its block {block}",
    )
