#!/usr/bin/python3
"""Run test suites one after another and count what passed and failed.

usage: tools/tally.py SUITE[,VARIABLE=VALUE...] ...

A suite is a make target. All it prints is shown as it comes and kept in
build/test/SUITE.log. Counts are taken from what test programs say at their
end: cmocka's and pytest's closing lines, and lines `... result=ok|failed' of
fuzzers and exhaustive runs. A suite that says nothing of the kind counts as
one test, passed if make says so; one that breaks without a failed test
counts as one failed.

The last line printed is the sum, `N passed, N failed'; it is also in
build/test/sum. Exit code 1 if anything failed.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

LOGS = pathlib.Path("build/test")
CMOCKA = re.compile(r"^\[  (PASSED|FAILED)  \] (\d+) test")
PYTEST = re.compile(r"^=*\s*((?:\d+ \w+,? ?)+)in [\d.]+s")
RESULT = re.compile(r"^\w+: .*\bresult=(ok|failed)\b")
MAKE = ["make", "--no-print-directory", f"-j{os.cpu_count()}"]


class Suite:
    def __init__(self, words):
        self.name, *self.variables = words.split(",")
        self.passed = self.failed = 0

    def run(self):
        print(f"\n==== {self.name} ====", flush=True)
        start = time.monotonic()
        code = self._make()
        self.seconds = time.monotonic() - start
        if code != 0 and self.failed == 0:
            self.failed = 1
        if self.passed + self.failed == 0:
            self.passed = 1

    def _make(self):
        make = subprocess.Popen(
            MAKE + [self.name, *self.variables],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with open(LOGS / f"{self.name}.log", "wb") as log:
            for line in make.stdout:
                sys.stdout.buffer.write(line)
                sys.stdout.flush()
                log.write(line)
                self._count(line.decode("utf-8", "replace"))
        return make.wait()

    def _count(self, line):
        if found := CMOCKA.match(line):
            self._add(found[1] == "PASSED", int(found[2]))
        elif found := PYTEST.match(line):
            for number, what in re.findall(r"(\d+) (\w+)", found[1]):
                if what in ("passed", "failed", "error", "errors"):
                    self._add(what == "passed", int(number))
        elif found := RESULT.match(line):
            self._add(found[1] == "ok", 1)

    def _add(self, good, number):
        if good:
            self.passed += number
        else:
            self.failed += number


def main(words):
    LOGS.mkdir(parents=True, exist_ok=True)
    suites = [Suite(word) for word in words]
    for suite in suites:
        suite.run()
    print(f"\n{'suite':14}{'passed':>8}{'failed':>8}{'seconds':>9}")
    for s in suites:
        print(f"{s.name:14}{s.passed:8}{s.failed:8}{s.seconds:9.0f}")
    passed = sum(s.passed for s in suites)
    failed = sum(s.failed for s in suites)
    total = f"{passed} passed, {failed} failed"
    (LOGS / "sum").write_text(total + "\n")
    print(f"{'':30}{sum(s.seconds for s in suites):9.0f}\n{total}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
