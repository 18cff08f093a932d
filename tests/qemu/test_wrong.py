"""Images with one fault in their page tables: the check on the machine fails.

Those of single checks are in test_checks.py.
"""

import pytest

import laws
from facts import Facts
from faulty import image
from machine import Machine

MAPIMAGE = "\treturn mapimage(space, b->imageva, b->image.pa);"
ELSEWHERE = "STACKS + GiB"


def also(va, pa):
    """One more page at va, beside the image: plain data."""
    return (
        f"\tif (pmap(space, {va}, ({pa}) | PTEKDATA, BY2PG) < 0)\n"
        f"\t\treturn -1;\n{MAPIMAGE}"
    )


# File, its line, what stands there instead, the checks that must fail.
WRONG = {
    "text-has-a-writable-alias": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "b->image.pa + BY2PG"),
        {"tables"},
    ),
    "text-is-writable": (
        "arch/block.c",
        "\t\tif (s.write)",
        "\t\tif (s.write || s.exec)",
        {"tables", "text-write"},
    ),
    "data-is-executable": (
        "arch/block.c",
        "\t\tif (!s.exec)",
        "\t\tif (!s.exec && !s.write)",
        {"tables", "data-run"},
    ),
    "page-0-is-mapped": (
        "arch/block.c",
        MAPIMAGE,
        also("0", "b->stacks.pa"),
        {"tables", "null-read"},
    ),
    "device-is-write-back": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "0xfee00000"),
        {"tables"},
    ),
    "RAM-is-uncached-elsewhere": (
        "arch/block.c",
        MAPIMAGE,
        also(ELSEWHERE, "b->stacks.pa | PTEUC"),
        {"tables"},
    ),
}


def must_fail(name):
    file, line, instead, checks = WRONG[name]
    with image(name, file, line, instead) as efi:
        with Machine(
            f"wrong-{name}", files={"EFI/BOOT/BOOTX64.EFI": efi}
        ) as m:
            m.run_to_end()
    laws.ended(m, Facts(m.text()), failed=checks)
    assert m.shutdown_reason == "guest-shutdown"


def test_writable_alias_of_text_is_found():
    must_fail("text-has-a-writable-alias")


@pytest.mark.matrix
@pytest.mark.parametrize("name", list(WRONG)[1:])
def test_is_found(name):
    must_fail(name)
