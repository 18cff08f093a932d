"""gdb on a running mem9, by the commands that tools/mem9.gdb describes."""

import re
import subprocess

import pytest

from facts import Facts
from machine import PATIENCE, PROMPT, ROOT, UBOOT, Machine

STAY = ("*end=monitor", "*nokaslr=1")
OUTERMOST = ["monitor", "main", "standalone"]
SYMBOLS = "build/mem9.debug.efi"
FRAME = re.compile(r"^#\d+ .*?(\w+) \(.*\) at (\S+):(\d+)$", re.M)


def stub(work):
    """QEMU options for a gdb stub on a socket of its own."""
    return [
        *("-chardev", f"socket,path={work}/gdb,server=on,wait=off,id=gdb"),
        *("-gdb", "chardev:gdb"),
    ]


def gdb(work, *commands):
    """Run gdb as mem9.gdb does, but on our socket; what it printed."""
    script = (ROOT / "tools/mem9.gdb").read_text()
    assert script.count("target remote localhost:1234\n") == 1
    path = work / "mem9.gdb"
    path.write_text(
        script.replace("remote localhost:1234", f"remote {work}/gdb")
    )
    each = [word for c in commands for word in ("-ex", c)]
    done = subprocess.run(
        ["gdb", "-nx", "-q", "-batch", "-x", path, *each, SYMBOLS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )
    print(done.stdout, done.stderr)
    return done.stdout


def has_line(frames, function):
    """A frame of this function, at the source line that calls the next."""
    for (_, *_), (name, file, line) in zip(frames, frames[1:]):
        if name == function:
            text = (ROOT / file).read_text().splitlines()[int(line) - 1]
            return text.strip()
    raise AssertionError(f"{function} is not in {frames}")


def test_breakpoint_and_back_trace(tmp_path):
    """As `make debug' does it: stopped at reset, no slide."""
    with Machine(
        "gdb",
        ini=("*end=poweroff", "*nokaslr=1"),
        args=["-S", *stub(tmp_path)],
    ) as m:
        said = gdb(
            tmp_path, "hbreak pageinit", "continue", "backtrace", "list"
        )
        m.run_to_end()
    frames = FRAME.findall(said)
    assert frames[0][0] == "pageinit" and frames[0][1] == "mm/page/pageinit.c", said
    assert "pageinit" in has_line(frames, "main")
    assert re.search(r"^\d+\tpageinit\(void\)", said, re.M), "no source"
    assert Facts(m.text()).one("done")["failed"] == 0


@pytest.mark.matrix
@pytest.mark.parametrize("firmware", ["ovmf", UBOOT])
def test_attached_to_one_that_has_slid(tmp_path, firmware):
    """mem9 is at its prompt; where its image is, it has said."""
    kind = {"machine": "pc", "disk": "ide"} if firmware == UBOOT else {}
    with Machine(
        f"gdb-{firmware}",
        firmware=firmware,
        ini=("*end=monitor",),
        args=stub(tmp_path),
        **kind,
    ) as m:
        m.expect(PROMPT)
        image = Facts(m.text()).one("paging")["image"]
        said = gdb(tmp_path, f"image {image:#x}", "backtrace")
    names = [name for name, _, _ in FRAME.findall(said)]
    assert names[-3:] == OUTERMOST, said


@pytest.mark.matrix
def test_back_trace_through_a_trap(tmp_path):
    """Stopped where the fault is reported; the command waits for gdb."""
    with Machine("gdb-trap", ini=STAY, args=stub(tmp_path)) as m:
        m.expect(PROMPT)
        m.monitor("stop")
        m.serial.send("fault null\r")
        said = gdb(tmp_path, "hbreak faultreport", "continue", "backtrace")
        m.expect(r"stays up[^\n]*\n" + PROMPT)
        text = m.text()
    names = [name for name, _, _ in FRAME.findall(said)]
    # Some of the steps between them are made inline.
    assert names[0] == "faultreport" and "trap" in names[1:4], said
    # gdb takes main for the outermost.
    down = names[names.index("trap") + 1 :]
    called = ["readnull", "provoke", "cmdfault", "obey", "monitor", "main"]
    assert down == called, said
    assert [n for n, _ in mem9s_own(text)] == [*down, "standalone"]


@pytest.mark.matrix
def test_own_back_trace_through_large_frames():
    """Stack overflow: a stack full of frames of a kilobyte each."""
    with Machine("trace", ini=STAY) as m:
        m.expect(PROMPT)
        m.serial.send("fault stack\r")
        m.expect(r"stays up[^\n]*\n" + PROMPT)
        trace = mem9s_own(m.text())
    assert trace[0] == ("deeper", 1)
    assert trace[1][0] == "deeper" and 50 < trace[1][1] < 64
    names = [name for name, _ in trace[2:]]
    assert names == ["provoke", "cmdfault", "obey", *OUTERMOST]


def mem9s_own(text):
    """The last back trace in the log: (name, times) of each line."""
    tail = text.replace("\r", "").rsplit("back trace:\n", 1)[1]
    trace = []
    for line in tail.split("\n"):
        m = re.match(
            r"  0x[0-9a-f]+ (\w+)\+(?:0x[0-9a-f]+|0)(?: \((\d+) times\))?$",
            line,
        )
        if m is None:
            return trace
        trace.append((m[1], int(m[2] or 1)))
    raise AssertionError("the log ends inside a back trace")
