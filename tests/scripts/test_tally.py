"""tools/tally.py counts as it should: suites of a makefile made for it."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
SUITES = r"""
cmocka:
	@printf '[  PASSED  ] 3 test(s).\n'
	@printf '[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] a_cpu\n'
broken:
	@printf '[  FAILED  ] 2 test(s), listed below:\n'; false
pytest:
	@printf 'SKIPPED [1] here.py:3: no KVM\n== 4 passed, 1 skipped in 3.10s ==\n'
lines:
	@printf 'fuzz: name=a result=ok\nbench: a=1 met=no\nfuzz: b result=failed\n'
slow:
	@echo 'bench: name=a value=1.00 unit=us goal=1.00 met=yes'
	@echo 'bench: name=b value=9.00 unit=ns goal=1.00 met=no'
fat:
	@echo 'bench: name=c value=9.00 unit=bytes goal=1.00 met=no'
left:
	@echo 'qemu: no machine is here result=skipped'
skips:
	@printf 'SKIPPED [1] here.py:3: no KVM\n== 1 skipped in 0.10s ==\n'
none:
	@echo '24 deselected in 0.02s'; exit 5
uncollected:
	@echo '1 error in 0.02s'; exit 2
mute:
	@echo 'nothing that counts'
crash:
	@printf '[  PASSED  ] 3 test(s).\n'; kill -SEGV $$$$
hang:
	@printf 'fuzz: name=a result=ok\n'; sleep 60
last:
	@printf 'fuzz: name=a result=ok'
"""
NAMED = "skipped: ", "failed: ", "not met: "


def tally(folder, *words):
    """Its exit code, its last line and all that it says by name."""
    (folder / "Makefile").write_text(SUITES)
    done = subprocess.run(
        [ROOT / "tools/tally.py", "-s", "2", *words],
        cwd=folder, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert (folder / "build/test/sum").read_text() == lines[-1] + "\n"
    named = [l for l in lines if l.startswith(NAMED)]
    return done.returncode, lines[-1], named


def test_passed_tests_are_summed(tmp_path):
    assert tally(tmp_path, "last", "last") == (0, "2 passed, 0 failed", [])


def test_skipped_tests_are_counted_and_named(tmp_path):
    assert tally(tmp_path, "cmocka", "pytest", "left") == (
        0,
        "7 passed, 0 failed, 3 skipped",
        [
            "skipped: cmocka: a_cpu",
            "skipped: pytest: here.py:3: no KVM",
            "skipped: left: qemu: no machine is here result=skipped",
        ],
    )


def test_a_suite_that_only_skips_has_passed_nothing(tmp_path):
    assert tally(tmp_path, "skips") == (
        0,
        "0 passed, 0 failed, 1 skipped",
        ["skipped: skips: here.py:3: no KVM"],
    )


def test_a_suite_in_which_no_test_is_found_fails(tmp_path):
    code, last, _ = tally(tmp_path, "none", "uncollected")
    assert (code, last) == (1, "0 passed, 2 failed")


def test_failed_tests_fail(tmp_path):
    assert tally(tmp_path, "broken") == (1, "0 passed, 2 failed", [])
    assert tally(tmp_path, "lines") == (
        1,
        "1 passed, 2 failed",
        [
            "failed: lines: bench: a=1 met=no",
            "failed: lines: fuzz: b result=failed",
        ],
    )


def test_a_goal_of_time_that_is_not_met_is_said_and_fails_nothing(tmp_path):
    line = "bench: name=b value=9.00 unit=ns goal=1.00 met=no"
    assert tally(tmp_path, "slow") == (
        0,
        "1 passed, 0 failed, 1 not met",
        [f"not met: slow: {line}"],
    )


def test_a_goal_of_anything_else_that_is_not_met_fails(tmp_path):
    assert tally(tmp_path, "fat") == (
        1,
        "0 passed, 1 failed",
        [
            "failed: fat: bench: name=c value=9.00 unit=bytes goal=1.00"
            " met=no"
        ],
    )


def test_a_suite_that_says_nothing_fails(tmp_path):
    assert tally(tmp_path, "mute", "last") == (
        1,
        "1 passed, 1 failed",
        ["failed: mute: make's exit code is 0, with no test counted"],
    )


def test_a_suite_that_crashes_fails(tmp_path):
    code, last, named = tally(tmp_path, "crash", "nosuch")
    assert (code, last) == (1, "3 passed, 2 failed")
    assert len(named) == 2


def test_a_suite_that_hangs_is_stopped_and_fails(tmp_path):
    assert tally(tmp_path, "hang", "last") == (
        1,
        "2 passed, 1 failed",
        ["failed: hang: said nothing for 2 seconds, and was stopped"],
    )
