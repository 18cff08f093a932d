"""The report of a stick: read back from its image, as people would.

What was there until mem9 left firmware is in it after a power off; the rest
comes with the start after a reset, which then waits at its menu.
"""

import re
import subprocess

import pytest

import laws
from facts import Facts
from machine import OVMF, PROMPT, QUICK, SECURE, UBOOT, Machine

MIB = 2**20
FILE = "MEM9.TXT"
FIRST = "mem9: report version="
MENU = "arrows and Enter, or a letter"
KINDS = {
    UBOOT: QUICK,
    OVMF: {"firmware": OVMF, "disk": "ide", "mem": "128M"},
    SECURE: {"firmware": SECURE, "disk": "ide", "mem": "256M"},
}


def booted(name, kind, ini=("*menu=0",), **more):
    return Machine(name, report=True, reboot=True, ini=ini, **KINDS[kind], **more)


def report(m, name=FILE):
    """The file's lines; each ends as everybody's do."""
    text = m.file(name).decode("ascii")
    assert text.count("\n") == text.count("\r\n") > 0
    return text


def whole(m, text):
    """A report that has come home: what was known before, and a boot that
    keeps every law."""
    assert text.startswith(FIRST)
    assert re.search(r"\r\nmem9: home id=0x[0-9a-f]+\r\n$", text)
    before, rest = text.split("\r\nmem9: savedlog ")
    assert "mem9: machine installed=" in before
    assert " lost=0\r\n" in rest
    facts = Facts(rest[rest.index("mem9: start") :])
    laws.check(m, facts)
    assert facts.one("done")["failed"] == 0


@pytest.mark.parametrize(
    "kind",
    [UBOOT] + [pytest.param(k, marks=pytest.mark.matrix) for k in (OVMF, SECURE)],
)
def test_after_a_reset_it_is_complete(kind):
    """By itself on a stick, which then waits instead of booting again."""
    with booted(f"report-{kind}", kind, ini=("*end=reset",)) as m:
        m.expect(MENU)
        text = report(m)
    whole(m, text)
