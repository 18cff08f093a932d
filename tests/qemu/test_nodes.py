"""Nodes: of QEMU's making, even and uneven, without CPUs, without RAM."""

import pytest

import laws
from facts import Facts
from machine import Machine

pytestmark = pytest.mark.matrix

LITTLE = ("*kernelpercent=10", "*end=poweroff")


def nodes(name, numa, mem, **machine):
    with Machine(f"nodes-{name}", numa=numa, mem=mem, **machine) as m:
        m.run_to_end()
    facts = Facts(m.text())
    laws.check(m, facts)
    return facts


def test_two():
    facts = nodes("two", [("256M", "0-1"), ("256M", "2-3")], "512M", smp=4,
                  ini=LITTLE)
    assert [n["distance"] for n in facts.all("nodepages")] == ["10 20", "20 10"]


def test_four_and_how_far_they_are_apart():
    numa = [("512M", str(i)) for i in range(4)]
    dist = [(0, 1, 15), (0, 2, 25), (0, 3, 31), (1, 2, 16), (1, 3, 26),
            (2, 3, 17)]
    facts = nodes("four", numa, "2G", smp=4, ini=LITTLE, dist=dist)
    said = [n["distance"] for n in facts.all("nodepages")]
    assert said[0] == "10 15 25 31" and said[3] == "31 26 17 10"


def test_uneven_and_above_4_gib():
    numa = [("1G", "0"), ("3328M", "1-2"), ("768M", "3")]
    nodes("uneven", numa, "5G", smp=4, ini=LITTLE)


def test_one_without_cpus():
    facts = nodes("nocpus", [("256M", "0-1"), ("256M", None)], "512M", smp=2,
                  ini=LITTLE)
    assert [n["cpus"] for n in facts.all("nodepages")] == [2, 0]


def test_one_without_ram():
    facts = nodes("noram", [("512M", "0"), ("0M", "1-2")], "512M", smp=3,
                  ini=LITTLE)
    assert [n["pages"] > 0 for n in facts.all("nodepages")] == [True, False]
    assert facts.all("node")[-1]["size"] == 0


def test_memory_that_could_come_costs_nothing():
    """Half a terabyte of it, in SRAT; the pages are those without."""
    numa = [("256M", "0"), ("256M", "1")]
    some = nodes("plain", numa, "512M", smp=2, ini=LITTLE)
    args = ["-m", "512M,slots=2,maxmem=512G"]
    more = nodes("hotplug", numa, "512M", smp=2, ini=LITTLE, args=args)
    assert some.one("conf")["npage"] - more.one("conf")["npage"] < 64
    assert more.all("node")[-1]["ram"] <= 256 << 20
