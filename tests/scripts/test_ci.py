""".ci/run is red when anything is: over tools/tally.py, with suites made for
it that fail, crash, hang, say nothing, or never come so far."""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
MAKEFILE = """
SUITES = {suites}
test:
	@{before}
	@tools/tally.py -s 2 $(SUITES)
fine:
	@echo 'fuzz: name=a result=ok'
fails:
	@echo 'fuzz: name=a result=failed'
crashes:
	@printf '[  PASSED  ] 3 test(s).\\n'; kill -SEGV $$$$
hangs:
	@echo 'fuzz: name=a result=ok'; sleep 60
mute:
	@true
nothing:
	@echo 'no tests ran in 0.01s'; exit 5
killer:
	@read -r _ _ _ tally _ </proc/$$PPID/stat; kill -KILL $$tally
"""


def ci(folder, suites, before="true"):
    """Its exit code and its last line."""
    for file in ".ci/run", "tools/tally.py":
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    text = MAKEFILE.format(suites=suites, before=before)
    (folder / "Makefile").write_text(text)
    done = subprocess.run(
        [folder / ".ci/run"], capture_output=True, text=True, cwd="/"
    )
    return done.returncode, done.stdout.splitlines()[-1]


def test_green_is_green(tmp_path):
    assert ci(tmp_path, "fine fine") == (0, "2 passed, 0 failed")


@pytest.mark.parametrize(
    "suite, last",
    [
        ("fails", "2 passed, 1 failed"),
        ("crashes", "5 passed, 1 failed"),
        ("hangs", "3 passed, 1 failed"),
        ("mute", "2 passed, 1 failed"),
        ("nosuch", "2 passed, 1 failed"),
        ("nothing", "2 passed, 1 failed"),
        ("killer", "0 passed, 1 failed"),
    ],
)
def test_red_stays_red(tmp_path, suite, last):
    """In the middle: what comes after it is green again, if it is tried."""
    code, said = ci(tmp_path, f"fine {suite} fine")
    assert code != 0 and said == last


def test_what_never_began_is_red(tmp_path):
    """Also when an earlier run's sum is there still."""
    assert ci(tmp_path, "fine")[0] == 0
    code, said = ci(tmp_path, "fine", before="false")
    assert code != 0 and said == "0 passed, 1 failed"
