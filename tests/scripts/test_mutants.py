"""tests/mutants/run tells the truth about mutants whose fate is known: what
changes no behaviour survives, also right after one that does, and before and
after those that never end or cannot be compiled."""

import importlib.machinery
import importlib.util
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
NOTHING = "1s/$/ /"
FAULT = "s/align == 0/align != 0/"
ENDLESS = "/^memreserve(/,/^}/s/^{/{ for (volatile int i = 0;; i = 1) ;/"
FATES = [
    ("nothing", "mm/map/umb.c", NOTHING, "umb", "survived"),
    ("fault", "mm/map/umb.c", FAULT, "conf umb", "killed by=umb"),
    ("nothing-after-fault", "mm/map/umb.c", NOTHING, "umb", "survived"),
    ("fault-elsewhere", "mm/map/umb.c", FAULT, "conf", "survived"),
    ("nothing-in-header", "mm/map/number.h", NOTHING, "conf umb", "survived"),
    ("no-c", "mm/map/umb.c", "$s/$/ )/", "umb", "broken"),
    ("no-sed", "mm/map/umb.c", "s/", "umb", "broken"),
    ("no-such-words", "mm/map/umb.c", "s/no such words//", "umb", "unchanged"),
    ("endless", "mm/map/umb.c", ENDLESS, "umb", "timeout by=umb"),
    ("nothing-at-last", "mm/map/umb.c", NOTHING, "umb", "survived"),
]


TALLY = "tools/tally.py", "s/return 1 if/return 0 if/"
PYTEST = "test_tally.py::test_failed_tests_fail"
REASONS = [
    ("reason", "mm/map/umb.c", FAULT, "umb : FAILED", "killed by=umb"),
    ("another", "mm/map/umb.c", FAULT, "umb : no such", "otherwise by=umb"),
    ("pytest", *TALLY, PYTEST, f"killed by={PYTEST}"),
    ("pytest-passes", *TALLY, PYTEST.replace("failed_", "passed_")
     .replace("fail", "are_summed"), "survived"),
]


def run(path, text, *options):
    path.write_text(text)
    command = [ROOT / "tests/mutants/run", "-j", "1", *options, path]
    return subprocess.run(command, capture_output=True, text=True)


def lines(fates):
    return "".join("|".join(fate[:-1]) + "\n" for fate in fates)


def verdicts(fates):
    return [f"mutant: name={f[0]} verdict={f[-1]}" for f in fates]


def test_each_mutant_has_its_fate(tmp_path):
    done = run(tmp_path / "list", lines(FATES), "-t", "6")
    said = done.stdout.splitlines()
    assert said[: len(FATES)] == verdicts(FATES)
    assert said[-1] == (
        "mutants: killed=1 timeout=1 survived=5 otherwise=0 unchanged=1"
        " broken=2 result=failed"
    )
    # The table: how many of which kind, and by what.
    umb = said.index("  mm/map/umb.c                 9  nothing 5, operator 2,"
                     " put in 2")
    assert said[umb + 1].split() == ["by", "umb"]
    assert done.returncode == 1


def test_the_reason_counts_and_any_of_pytests_may_give_it(tmp_path):
    done = run(tmp_path / "list", lines(REASONS))
    assert done.stdout.splitlines()[: len(REASONS)] == verdicts(REASONS)


def test_a_sample_is_the_commits(tmp_path):
    """The same one each time, of as many as are asked for."""
    names = [
        [line for line in run(tmp_path / "list", lines(FATES[:1] * 3
         + FATES[2:5] + FATES[-1:]), "-s", "2").stdout.splitlines()
         if line.startswith("mutant: ")]
        for _ in range(2)
    ]
    assert names[0] == names[1] and len(names[0]) == 2


def test_what_a_sample_leaves_out_must_change_something(tmp_path):
    cannot = [f for f in FATES if f[0] in ("no-sed", "no-such-words")]
    done = run(tmp_path / "list", lines(FATES), "-s", "0")
    assert done.stdout.splitlines()[: len(cannot)] == verdicts(cannot)
    assert done.returncode == 1


def runner():
    """tests/mutants/run as a module: its name has no .py at its end."""
    loader = importlib.machinery.SourceFileLoader(
        "runner", str(ROOT / "tests/mutants/run"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("runner", loader))
    loader.exec_module(module)
    return module


def test_a_copy_has_what_the_image_is_made_of(tmp_path, monkeypatch):
    """Also where nothing is built: make knows how to come by all of it."""
    module = runner()
    monkeypatch.setattr(module, "WORK", tmp_path)
    tree = module.Tree(0)
    monkeypatch.setattr(module, "OBJECTS", ())
    tree.copy(ROOT, build=False)
    assert tree.make(["test_pe.py::"], "-n"), tree.said()


@pytest.mark.parametrize(
    "test, said",
    [
        ("NAME", "0 files have test NAME"),
        ("test_tally.py::test_nonesuch", "yet test_tally.py::test_nonesuch"),
    ],
)
def test_a_test_that_is_not_there_is_an_error(tmp_path, test, said):
    done = run(tmp_path / "list", f"fault|mm/map/umb.c|{FAULT}|{test}\n")
    assert done.returncode == 1
    assert said in done.stderr
