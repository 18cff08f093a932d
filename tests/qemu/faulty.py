"""An image with one fault, from a copy of the tree where some lines differ.

The copy has the tree's objects, so that only one file is compiled anew.
"""

import contextlib
import shutil
import subprocess

from machine import LOGS, ROOT

FOLDERS = "arch efi include kern mm proc tests tools user build/pe"
FILES = ("Makefile", "build/font.psf")


def put_in(tree, file, line, instead):
    """That file of the tree as text, with what stands there once changed."""
    text = (tree / file).read_text()
    n = text.count(line)
    assert n == 1, f"{n} times in {file}: {line}"
    return text.replace(line, instead)


@contextlib.contextmanager
def image(name, file, line, instead):
    """mem9.efi, as long as it is wanted."""
    tree = LOGS / f"wrong-{name}"
    shutil.rmtree(tree, ignore_errors=True)
    try:
        for folder in FOLDERS.split():
            shutil.copytree(ROOT / folder, tree / folder)
        for each in FILES:
            shutil.copy2(ROOT / each, tree / each)
        (tree / file).write_text(put_in(tree, file, line, instead))
        subprocess.run(
            ["make", "-s", "-C", tree, "build/mem9.efi"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield tree / "build/mem9.efi"
    finally:
        shutil.rmtree(tree, ignore_errors=True)
