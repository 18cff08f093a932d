"""tests/protocol/run fails when a model and its code say different things, and
when a fault in a model is not found."""

import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ["arch/amd64/callcpus.c", "arch/amd64/parking.S"]
SPIN = """#!/bin/sh
echo '#include <stdio.h>' > pan.c
echo 'int main(void) { puts("       12 states, stored"); return 0; }' >> pan.c
"""


def run(tree, *change):
    """What it says of the model call and its one mutant, in a tree changed so;
    a spin that finds nothing stands in for the real one."""
    for name in CODE:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    shutil.copytree(ROOT / "tests/protocol", tree / "tests/protocol")
    (tree / "tests/protocol/mutants").write_text("fault|call|s/HERE/THERE/\n")
    for name, was, becomes in change:
        text = (tree / name).read_text()
        assert was in text
        (tree / name).write_text(text.replace(was, becomes))
    (tree / "bin").mkdir()
    (tree / "bin/spin").write_text(SPIN)
    (tree / "bin/spin").chmod(0o755)
    return subprocess.run(
        [tree / "tests/protocol/run", "call"],
        env={"PATH": f"{tree}/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_a_fault_that_is_not_found_fails(tmp_path):
    seen = run(tmp_path)
    assert "model=call states=12 result=ok" in seen.stdout
    assert "mutant=fault model=call states=12 result=failed" in seen.stdout
    assert seen.returncode == 1


def test_a_fault_that_is_none_fails(tmp_path):
    seen = run(tmp_path, ("tests/protocol/mutants", "THERE", "HERE"))
    assert "    unchanged\n" in seen.stdout
    assert seen.returncode == 1


def test_a_step_that_the_code_lacks_fails(tmp_path):
    seen = run(tmp_path, (CODE[0], "/* call: late */", ""))
    assert "model=call states=12 result=failed" in seen.stdout
    assert f"    late: not in {' '.join(CODE)}\n" in seen.stdout


def test_a_step_that_the_model_lacks_fails(tmp_path):
    seen = run(tmp_path, (CODE[1], "/* call: park */", "/* call: stay */"))
    assert f"    stay: too much in {' '.join(CODE)}\n" in seen.stdout
    assert f"    park: not in {' '.join(CODE)}\n" in seen.stdout
