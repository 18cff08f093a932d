"""Images with one fault in their page tables: the check on the machine fails.

Each is built from a copy of the tree in build/qemu, where one line differs.
"""

import shutil
import subprocess

import pytest

from facts import Facts
from machine import LOGS, ROOT, Machine

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


def build(name, file, line, instead):
    """mem9.efi from a copy of the tree with its objects, so that only the
    one file is compiled anew."""
    tree = LOGS / f"wrong-{name}"
    shutil.rmtree(tree, ignore_errors=True)
    folders = "arch efi include kern mm tests tools build/pe"
    for folder in folders.split():
        shutil.copytree(ROOT / folder, tree / folder)
    for each in ("Makefile", "build/font.psf"):
        shutil.copy2(ROOT / each, tree / each)
    text = (tree / file).read_text()
    assert text.count(line) == 1, f"{text.count(line)} times in {file}: {line}"
    (tree / file).write_text(text.replace(line, instead))
    subprocess.run(
        ["make", "-s", "-C", tree, "build/mem9.efi"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return tree


def must_fail(name):
    file, line, instead, checks = WRONG[name]
    tree = build(name, file, line, instead)
    try:
        with Machine(
            f"wrong-{name}",
            files={"EFI/BOOT/BOOTX64.EFI": tree / "build/mem9.efi"},
        ) as m:
            m.run_to_end()
    finally:
        shutil.rmtree(tree)
    facts = Facts(m.text())
    failed = {c["name"] for c in facts.all("check") if c["result"] == "failed"}
    assert failed == checks, facts.all("check")
    assert facts.one("done")["failed"] == len(checks)
    assert m.shutdown_reason == "guest-shutdown"


def test_writable_alias_of_text_is_found():
    must_fail("text-has-a-writable-alias")


@pytest.mark.matrix
@pytest.mark.parametrize("name", list(WRONG)[1:])
def test_is_found(name):
    must_fail(name)
