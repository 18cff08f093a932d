"""tools/run.sh, behind `make run`: on a terminal, and without one."""

import os
import pty
import re
import select
import subprocess
import time

import pytest

from machine import HOSTILE, PATIENCE, ROOT

RUN = str(ROOT / "tools/run.sh")


def run(log, *args, **environment):
    environment["LOG"] = str(log)
    return subprocess.run(
        [RUN, *args],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
        env={**os.environ, **environment},
    )


def test_without_a_terminal_it_ends_by_itself(tmp_path):
    ended = run(tmp_path / "log", MEM="256M")
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr
    assert re.search(r"^mem9: done .*failed=0\b", ended.stdout, re.M)
    ram = re.search(r"^mem9: total ram=(\d+) ", ended.stdout, re.M)
    assert 200 < int(ram[1]) / 2**20 < 256


@pytest.mark.matrix
def test_a_boot_that_says_nothing_is_a_failure(tmp_path):
    """Here a program that finds nothing to start and returns."""
    ended = run(tmp_path / "log", str(HOSTILE), TIMEOUT="10")
    assert ended.returncode == 1
    assert "failed=0" in ended.stderr


def read_until(terminal, pattern):
    """What the terminal shows, up to the pattern."""
    shown = b""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not re.search(pattern, shown):
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 1 << 16)
            except OSError:
                break
    assert re.search(pattern, shown), shown[-2000:]
    return shown


def test_on_a_terminal_it_ends_in_the_monitor():
    """How to leave is said first, and is true."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(RUN, [RUN])
    shown = read_until(terminal, b"\nmem9> ")
    assert b"Ctrl-A, then X" in shown.split(b"\n")[0]
    os.write(terminal, b"\x01x")
    read_until(terminal, b"QEMU: Terminated")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
