"""tests/fuzz/run believes no target that did not try what it was given: over
programs that say what libFuzzer would, or nothing, or die."""

import pathlib
import subprocess

import pytest

RUN = pathlib.Path(__file__).parents[1] / "fuzz/run"
UNITS = "echo stat::number_of_executed_units: {} >&2"
SEEDS = 3


def fuzz(folder, script):
    """run's exit code and last line, for a target of three seeds."""
    seeds = folder / "tests/fuzz/corpus" / "target"
    seeds.mkdir(parents=True)
    for i in range(SEEDS):
        (seeds / str(i)).write_text("x")
    target = folder / "target"
    target.write_text(f"#!/bin/sh\n{script}\n")
    target.chmod(0o755)
    done = subprocess.run(
        [RUN, "./target", "1"], cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout.splitlines()[-1]


# All seeds and the empty input, and as many again.
ENOUGH = 2 * (SEEDS + 1)


def test_enough_is_enough(tmp_path):
    assert fuzz(tmp_path, UNITS.format(ENOUGH)) == (
        0,
        f"fuzz: name=target seconds=1 tried={ENOUGH} result=ok",
    )


@pytest.mark.parametrize(
    "script, tried",
    [
        ("true", "seconds=1 tried=0 "),
        (UNITS.format(ENOUGH - 1), f"seconds=1 tried={ENOUGH - 1} "),
        (f"{UNITS.format(1000)}; exit 1", ""),
        (f"{UNITS.format(1000)}; kill -SEGV $$", ""),
    ],
)
def test_less_is_a_failure(tmp_path, script, tried):
    assert fuzz(tmp_path, script) == (
        1,
        f"fuzz: name=target {tried}result=failed",
    )
