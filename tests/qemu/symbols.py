"""Where the image's functions are, and what their instructions are.

By its symbols, as if loaded at KZERO: with *nokaslr=1 it is.
"""

import functools
import re
import subprocess

from machine import ROOT

SYMBOLS = ROOT / "build/mem9.debug.efi"
KZERO = 0xFFFFFFFF80000000


def tool(*command):
    return subprocess.run(
        [*command, SYMBOLS], check=True, capture_output=True, text=True
    ).stdout


@functools.cache
def symbols():
    """{name: address}."""
    lines = [line.split() for line in tool("llvm-nm").split("\n")]
    return {w[2]: int(w[0], 16) for w in lines if len(w) == 3}


@functools.cache
def code():
    """{function: [(address, instruction), ...]}."""
    found, name = {}, None
    for line in tool("llvm-objdump", "-d", "--no-show-raw-insn").split("\n"):
        if m := re.match(r"[0-9a-f]{16} <(\S+)>:", line):
            name = m[1]
            found[name] = []
        elif m := re.match(r" *([0-9a-f]+): +\t?(\S.*)", line):
            found[name].append((int(m[1], 16), m[2]))
    return found


def instruction(functions, name, word):
    """The address of the function's only instruction with this word."""
    at = [a for a, text in functions[name] if re.search(rf"\b{word}\b", text)]
    assert len(at) == 1, f"{name}: {functions[name]}"
    return at[0]
