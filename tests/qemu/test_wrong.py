"""Images with one fault in their page tables: the check on the machine fails.

Those of single checks are in test_checks.py. What the check counts is named,
so that one count cannot stand for another that does not count.
"""

import re

import pytest

import laws
from facts import Facts
from faulty import image
from machine import COUNTED, Machine

MAPIMAGE = "\treturn mapimage(space, b->imageva, b->image.pa);"
ELSEWHERE = "STACKS + 64 * GiB"  # above every CPU's


def also(va, pa):
    """One more page at va, beside the image: plain data."""
    return (
        f"\tif (pmap(space, {va}, ({pa}) | PTEKDATA, BY2PG) < 0)\n"
        f"\t\treturn -1;\n{MAPIMAGE}"
    )


# That page is the users' too, by the tables of every level.
USERS = (
    "\tfor (int l = 0; l < 4; l++)\n"
    f"\t\t*mmuwalk(space, {ELSEWHERE}, l, LOOKUP) |= PTEUSER;\n"
)

# File, its line, what stands there instead, the checks that must fail, and
# what of the tables is wrong: as many pages as that, or some.
WRONG = {
    "text-has-a-writable-alias": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "b->image.pa + BY2PG"),
        {"tables"},
        "wx 1",
    ),
    "text-is-writable": (
        "arch/block.c",
        "\t\tif (s.write)",
        "\t\tif (s.write || s.exec)",
        {"tables", "text-write"},
        "wx N",
    ),
    "data-is-executable": (
        "arch/block.c",
        "\t\tif (!s.exec)",
        "\t\tif (!s.exec && !s.write)",
        {"tables", "data-run"},
        "wx N exec N",
    ),
    "page-0-is-mapped": (
        "arch/block.c",
        MAPIMAGE,
        also("0", "b->stacks.pa"),
        {"tables", "null-read"},
        "null 1 low 1",
    ),
    "device-is-write-back": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "0xfee00000"),
        {"tables"},
        "type 1",
    ),
    "RAM-is-uncached-elsewhere": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "b->stacks.pa | PTEUC"),
        {"tables"},
        "type 1",
    ),
    "a-guard-is-mapped": (
        "arch/block.c",
        MAPIMAGE,
        also("STACKS + 128 * KiB", "b->stacks.pa"),
        {"tables"},
        "guard 1",
    ),
    "a-page-is-the-users": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "b->stacks.pa").replace(MAPIMAGE, USERS + MAPIMAGE),
        {"tables"},
        "user 1",
    ),
}


COUNT = re.compile(r"(wx|exec|guard|user|null|low|direct|type) (\d+)")


def must_fail(name):
    file, line, instead, checks, wrong = WRONG[name]
    with image(name, file, line, instead) as efi:
        files = {"EFI/BOOT/BOOTX64.EFI": efi}
        with Machine(f"wrong-{name}", files=files, **COUNTED) as m:
            m.run_to_end()
    facts = Facts(m.text())
    laws.ended(m, facts, failed=checks)
    assert m.shutdown_reason == "guest-shutdown"
    detail = laws.check_of(facts, "tables")["detail"]
    counts = {k: n for k, n in COUNT.findall(detail) if n != "0"}
    want = dict(re.findall(r"(\w+) (\w+)", wrong))
    some = {k: "N" if want.get(k) == "N" else n for k, n in counts.items()}
    assert some == want, detail


def test_writable_alias_of_text_is_found():
    must_fail("text-has-a-writable-alias")


@pytest.mark.matrix
@pytest.mark.parametrize("name", list(WRONG)[1:])
def test_is_found(name):
    must_fail(name)
