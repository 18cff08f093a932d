"""The laws themselves: each must be broken by a boot that lies about it."""

import re

import pytest

import laws
from facts import Facts
from machine import Machine

pytestmark = pytest.mark.xdist_group("laws")  # one boot for all of them


@pytest.fixture(scope="module")
def good():
    """A boot that keeps every law: the machine and its log."""
    with Machine("laws", mem="256M", smp=3, report=True) as m:
        m.run_to_end()
    laws.check(m, Facts(m.text()))
    return m, m.text()


def drop(topic, which):
    """Without the which-th line of this topic."""

    def change(text):
        lines = text.split("\n")
        at = [i for i, s in enumerate(lines) if s.startswith(f"mem9: {topic} ")]
        del lines[at[which]]
        return "\n".join(lines)

    return change


def put(topic, key, value, which=0):
    """Another value for a key of the which-th line of this topic."""

    def change(text):
        lines = list(re.finditer(rf"^mem9: {topic} .*$", text, re.M))
        found = lines[which]
        changed = re.sub(rf"\b{key}=\S+", f"{key}={value}", found[0])
        assert changed != found[0]
        return text[: found.start()] + changed + text[found.end() :]

    return change


def less(topic, key, by=1, which=0):
    """So much less than is said; or more."""

    def change(text):
        was = Facts(text).all(topic)[which][key]
        return put(topic, key, was - by, which)(text)

    return change


def odd(kind, base, pages):
    """One more line of an oddity."""
    line = f"mem9: odd kind={kind} base={base:#x} pages={pages}\r\n"
    return lambda text: text.replace("mem9: exit", line + "mem9: exit")


LIES = {
    "a check failed": (put("check", "result", "failed"), "ended"),
    "a check was skipped": (put("check", "result", "skipped"), "ended"),
    "a check that is none": (put("check", "name", "other"), "ended"),
    "RAM was not tried": (
        lambda t: re.sub(r"\d+ of (\d+ MiB tried)", r"0 of \1", t),
        "ram_was_tried",
    ),
    "less RAM than there is": (
        lambda t: re.sub(r"\d+ MiB tried", "8 MiB tried", t),
        "ram_was_tried",
    ),
    "RAM is missing from the direct map": (
        put("paging", "size", "0x8000000"),
        "direct_map_is_the_ram",
    ),
    "a check is missing": (drop("check", 0), "ended"),
    "no end": (drop("done", 0), "ended"),
    "a panic": (lambda t: "panic: here\n" + t, "ended"),
    "a line is cut": (
        lambda t: t.replace("mem9: conf npage", "mem9: conf n page"),
        "lines_are_whole",
    ),
    "no carriage return": (
        lambda t: t.replace(" lost=0\r", " lost=0"),
        "lines_are_whole",
    ),
    "firmware's RAM is missing": (
        drop("efi", 3),
        "firmware_describes_all_ram",
    ),
    "memmap misses a range": (
        drop("memmap", 4),
        "memmap_is_sorted_and_covers_4g",
    ),
    "something was lost": (
        put("total", "lost", 1),
        "memmap_is_sorted_and_covers_4g",
    ),
    "the total is wrong": (
        put("total", "reserved", 4096),
        "memmap_is_sorted_and_covers_4g",
    ),
    "reserved became RAM": (
        put("memmap", "type", "MemRAM", -1),
        "memmap_follows_the_firmware",
    ),
    "RAM became reserved": (
        put("memmap", "type", "MemReserved", 2),
        "every_byte_is_accounted_for",
    ),
    "a bank is no RAM": (put("bank", "base", "0x0"), "banks_are_the_ram"),
    "a bank is missing": (drop("bank", 2), "banks_are_the_ram"),
    "a page of RAM is in no bank": (
        less("bank", "npage", which=-1),
        "banks_are_the_ram",
    ),
    "a page more was set aside for tables": (
        less("paging", "tables"),
        "banks_are_the_ram",
    ),
    "one page less can be had": (less("palloc", "pages"), "pages_add_up"),
    "a page is gone before anybody had one": (
        less("palloc", "free"),
        "pages_add_up",
    ),
    "a page is the user's and the kernel's": (
        less("bank", "klimit", by=4096),
        "conf_adds_up",
    ),
    "some note": (
        lambda t: t.replace("mem9: exit", "mem9: it: ignored\r\nmem9: exit"),
        "lines_are_whole",
    ),
    "the split does not add up": (put("conf", "user", 4096), "conf_adds_up"),
    "the report is wrong": (
        lambda t: re.sub(r"(\d+)M user", "1M user", t),
        "conf_adds_up",
    ),
    "a page is missing": (put("bytemap", "free", 1), "pages_add_up"),
    "a lock was held for less than its longest": (
        put("pool", "longest", 1 << 60),
        "locks_are_timed",
    ),
    "a bad page": (put("palloc", "quarantined", 1), "pages_add_up"),
    "Page has grown": (put("palloc", "pagestruct", 40), "pages_add_up"),
    "writable code": (put("paging", "wx", 1), "tables_are_safe"),
    "a refusal": (put("exit", "tries", 2), "stock_firmware_is_not_odd"),
    "slow RAM in use": (
        odd("mtrr", 0x400000, 16),
        "memmap_follows_the_firmware",
    ),
    "slow RAM counted twice": (
        odd("mtrr", 0x400000, 16),
        "every_byte_is_accounted_for",
    ),
    "much slow RAM is no fault": (
        odd("mtrr", 0x2000000, 8192),
        "mtrrs_are_judged",
    ),
    "MTRRs not believed but checked": (odd("mtrr", 0, 9), "mtrrs_are_judged"),
    "MTRRs not looked at": (
        lambda t: t.replace("check name=mtrr", "check name=else"),
        "mtrrs_are_judged",
    ),
    "MTRRs odd": (odd("mtrr", 0, 9), "stock_firmware_is_not_odd"),
    "a CPU is missing": (drop("cpu", 2), "cpus_are_those_given"),
    "a CPU of another id": (
        put("cpu", "apicid", 77, 1),
        "cpus_are_those_given",
    ),
    "a CPU is not up": (
        put("cpu", "result", "dead", 2),
        "cpus_are_those_given",
    ),
    "a CPU not asked for": (
        put("cpu", "result", "skipped", 2),
        "cpus_are_those_given",
    ),
    "a CPU numbered twice": (put("cpu", "n", 1, 2), "cpus_are_those_given"),
    "nothing is set aside for CPUs to start": (
        lambda t: t.replace(" allocated=1", ""),
        "cpus_are_those_given",
    ),
    "the log is kept where another is": (
        put("kept", "base", 0x200000),
        "the_log_has_its_place",
    ),
    "the log has less room": (put("kept", "size", 4096), "the_log_has_its_place"),
    "a run is not set aside": (
        lambda t: re.sub(r"( size=0x40000) allocated=1", r"\1", t),
        "the_log_has_its_place",
    ),
    "fewer CPUs are up": (put("cpus", "up", 2), "cpus_are_those_given"),
    "a CPU is parked": (put("cpus", "parked", 1), "cpus_are_those_given"),
    "a CPU's time was not measured": (
        lambda t: re.sub(r"TSC \S+ within \d+", "TSC not measured", t),
        "cpus_are_alike",
    ),
    "a CPU has another time": (
        lambda t: re.sub(r"TSC \S+ within \d+", "TSC -51 within 100", t),
        "cpus_are_alike",
    ),
    "a CPU has another CR4": (
        lambda t: re.sub(r"( within \d+)", r"\1, CR4 0x1 and not 0x2", t),
        "cpus_are_alike",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_lie_is_found(good, lie):
    machine, text = good
    change, law = LIES[lie]
    with pytest.raises(AssertionError) as broken:
        laws.check(machine, Facts(change(text)))
    assert f"{law}: " in str(broken.value)
