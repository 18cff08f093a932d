#!/usr/bin/python3
"""Run test suites one after another and count what passed and failed.

usage: tools/tally.py [-s SECONDS] SUITE[,VARIABLE=VALUE...] ...

A suite is a make target. All it prints is shown as it comes and kept in
build/test/SUITE.log. Counts are taken from what test programs say at their
end: cmocka's and pytest's closing lines, and lines `... result=ok|failed' or
`... met=yes|no' of all others; `... result=skipped' is for what was left out.
A goal of time (unit=ns, us, s) that is not met may be another program's doing:
it is named and counted apart, and fails nothing. Any other goal does.

A suite counts as one failed, besides, if make says that it failed and no test
of it did, if it says nothing that can be counted, and if it is stopped, as it
was silent for so many SECONDS (600).

What was skipped or not met, and why a suite failed, is named at the end. The
last line is the sum, `N passed, N failed', with `, N skipped' and `, N not met'
if any were; it is also in build/test/sum. Exit code 1 if anything failed.
"""

import getopt
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

LOGS = pathlib.Path("build/test")
CMOCKA = re.compile(r"\[  (PASSED|FAILED|SKIPPED) +\] (\d+) test")
CMOCKASKIP = re.compile(r"\[  SKIPPED \] (\w+)$")
PYTEST = re.compile(r"=*\s*((?:\d+ \w+,? ?)+)in [\d.]+s")
PYTESTSKIP = re.compile(r"SKIPPED \[\d+\] (.+)")
RESULT = re.compile(r"\w+: .*\b(?:result|met)=(ok|yes|failed|no|skipped)\b")
TIMED = re.compile(r".* unit=(?:ns|us|s) .*\bmet=no")
KINDS = "passed", "failed", "skipped", "not met"
KIND = {
    "ok": "passed", "yes": "passed", "no": "failed", "xfailed": "skipped",
    "xpassed": "failed", "error": "failed", "errors": "failed",
}
MAKE = ["make", "--no-print-directory", f"-j{os.cpu_count()}"]


class Suite:
    def __init__(self, words):
        self.name, *self.variables = words.split(",")
        self.count = dict.fromkeys(KINDS, 0)
        self.notes = []

    def run(self, silence):
        print(f"\n==== {self.name} ====", flush=True)
        start = time.monotonic()
        code = self._make(silence)
        self.seconds = time.monotonic() - start
        if code is None:
            self._failed(f"said nothing for {silence} seconds, and was stopped")
        elif not any(self.count.values()):
            self._failed(f"make's exit code is {code}, with no test counted")
        elif code != 0 and not self.count["failed"]:
            self._failed(f"make's exit code is {code}")

    def _failed(self, why):
        self.count["failed"] += 1
        self._note("failed", why)

    def _make(self, silence):
        """make's exit code, or None if it had to be stopped."""
        make = subprocess.Popen(
            MAKE + [self.name, *self.variables],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            with open(LOGS / f"{self.name}.log", "wb") as log:
                if not self._read(make.stdout, log, silence):
                    return None
            return make.wait()
        finally:
            if make.poll() is None:
                os.killpg(make.pid, signal.SIGKILL)
                make.wait()

    def _read(self, out, log, silence):
        """Copy and count all there is; False if nothing came for too long."""
        rest = b""
        while select.select([out], [], [], silence)[0]:
            some = os.read(out.fileno(), 1 << 16)
            sys.stdout.buffer.write(some)
            sys.stdout.flush()
            log.write(some)
            *lines, rest = (rest + some).split(b"\n")
            for line in lines if some else [rest]:
                self._count(line.decode("utf-8", "replace"))
            if not some:
                return True
        return False

    def _count(self, line):
        if found := CMOCKA.match(line):
            self._add(found[1].lower(), int(found[2]))
        elif found := CMOCKASKIP.match(line) or PYTESTSKIP.match(line):
            self._note("skipped", found[1])
        elif found := PYTEST.match(line):
            for number, what in re.findall(r"(\d+) (\w+)", found[1]):
                self._add(what, int(number))
        elif found := RESULT.match(line):
            self._result(found[1], line)

    def _result(self, what, line):
        what = "not met" if TIMED.match(line) else KIND.get(what, what)
        self._add(what, 1)
        if what != "passed":
            self._note(what, line)

    def _add(self, what, number):
        what = KIND.get(what, what)
        if what in self.count:
            self.count[what] += number

    def _note(self, kind, what):
        note = f"{kind}: {self.name}: {what}"
        if note not in self.notes:
            self.notes.append(note)


def summary(suites):
    """A table, what is to be said by name, and the sum."""
    print("\n" + f"{'suite':14}" + "".join(f"{k:>8}" for k in KINDS) + "  seconds")
    for s in suites:
        counts = "".join(f"{s.count[k]:8}" for k in KINDS)
        print(f"{s.name:14}{counts}{s.seconds:9.0f}")
    print(f"{'':46}{sum(s.seconds for s in suites):9.0f}")
    for note in (note for s in suites for note in s.notes):
        print(note)
    total = {k: sum(s.count[k] for s in suites) for k in KINDS}
    line = ", ".join(
        f"{total[k]} {k}" for k in KINDS if total[k] or k in KINDS[:2]
    )
    (LOGS / "sum").write_text(line + "\n")
    print(line, flush=True)
    return total["failed"]


def main(words, silence):
    LOGS.mkdir(parents=True, exist_ok=True)
    suites = [Suite(word) for word in words]
    for suite in suites:
        suite.run(silence)
    return 1 if summary(suites) else 0


if __name__ == "__main__":
    options, words = getopt.getopt(sys.argv[1:], "s:")
    if not words:
        sys.exit(__doc__)
    sys.exit(main(words, int(dict(options).get("-s", 600))))
