"""tests/mutants/run tells the truth about mutants whose fate is known: what
changes no behaviour survives, also right after one that does, and before and
after those that never end or cannot be compiled."""

import pathlib
import subprocess

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


def run(path, text):
    path.write_text(text)
    command = [ROOT / "tests/mutants/run", "-j", "1", path]
    return subprocess.run(command, capture_output=True, text=True)


def test_each_mutant_has_its_fate(tmp_path):
    lines = ["|".join(fate[:-1]) + "\n" for fate in FATES]
    done = run(tmp_path / "list", "".join(lines))
    assert done.stdout.splitlines() == [
        *(f"mutant: name={f[0]} verdict={f[-1]}" for f in FATES),
        "mutants: killed=1 timeout=1 survived=5 unchanged=1 broken=2"
        " result=failed",
    ]
    assert done.returncode == 1


def test_a_test_that_is_not_there_is_an_error(tmp_path):
    done = run(tmp_path / "list", f"fault|mm/map/umb.c|{FAULT}|NAME\n")
    assert done.returncode == 1
    assert "there is no tests/unit/NAME.c" in done.stderr
