"""The monitor, the screen and the ways to end, on machines that stay up."""

import re

import pytest

import laws
from facts import PAGE, Facts
from machine import CURSOR, PROMPT, UBOOT, Machine, MiB, press, sized
from screen import UNKNOWN, Picture

STAY = ("*end=monitor",)


def at_prompt(lines):
    return any(line.startswith(PROMPT.strip()) for line in lines)


def ask(m, command):
    """Give the monitor a command; what it answered, up to the next prompt."""
    m.serial.send(command + "\r")
    m.expect(re.escape(command))
    return m.expect("\n" + PROMPT).strip()


# What each must be answered.
COMMANDS = {
    "help": r"^poweroff +switch it off\r?$",
    "summary": r"^This machine's memory [\s\S]*^  programs: pages [\s\S]*^Checks",
    "summary -v": r"^mem9: conf [\s\S]*^mem9: pool [\s\S]*^mem9: done checks=",
    "options -v": r"^mem9: option name=\*end value=\"monitor\"\r?$[\s\S]*"
    r"^mem9: option name=console detail=",
    "bench -v": r"^mem9: bench name=newpage result=ok ps=\d+\r?$[\s\S]*"
    r"^mem9: bench name=xalloc-64 result=ok ps=\d+\r?$",
    "picture -v": r"^mem9: picture base=0x0 size=0x\w+ owner=.reserved.\r?$"
    r"[\s\S]*^mem9: picture .* owner=.pages. looked=\d+ free=\d+ used=",
    "map -v": r"^mem9: memmap type=MemRAM base=0x[\s\S]*^mem9: total ram=",
    "conf -v": r"^mem9: bank n=0 base=[\s\S]*^mem9: conf npage=[\s\S]*M memory: ",
    # The checks have used both locks, and there is a clock.
    "xsummary -v": r"holes[\s\S]*^Main[\s\S]*"
    r"^mem9: pool name=Main size=\d+ used=\d+ longest=[1-9]",
    "palloc -v": r"^mem9: palloc pages=.* longest=[1-9][\s\S]*"
    r"^mem9: bytemap free=",
    "map": r"^from-to +size [\s\S]*  RAM, handed out\r?\n[\s\S]*^in all:",
    "conf": r"^bank +from-to [\s\S]*M memory: ",
    "xsummary": r"^xalloc: .* free, in \d+ holes\r?\npool [\s\S]*^Secrets ",
    "palloc": r"^ +[\d,]+ .*  of them free\r?$",
    "efi": r"^ +0x[0-9a-f]+-0x\w+ .*  ConventionalMemory +0x\w+, RAM",
    "find 0": r"^0x0, physical\r?\n  firmware  0x0-",
    "find -v 0": r"^mem9: find at=0x0 pa=0x0\r?\nmem9: found who=firmware ",
    "walk -v 0": r"^mem9: walk va=0x0 in=.null page.\r?\n"
    r"mem9: pte va=0x0 level=3 [\s\S]*^mem9: walked va=0x0 result=nothing",
    "pages -v": r"^mem9: mapped va=0x[\s\S]*^mem9: pagetables level=3 n=1\r?$",
    "e820": r"^BIOS-e820: \[mem 0x0{16}-0x\w{16}\] usable\r?$",
    "e820 -v": r"^\*e820=[12] ",
    "options": r"^\*end=monitor\r?\n\*checks=\w+",
    "bench": r"^newpage, putpage +\d+\.\d ns[\s\S]*^xalloc, xfree .* ns",
    "ps -v": r"^mem9: procs left=0 ran=\d+ ended=\d+ cpus=\d moves=",
    "segs -v": r"^mem9: procs left=0 ran=\d+ ended=",
    "run": r"^run: nothing was stopped; a program is one of init tree ",
    "run tere": r"^run: tere: no program of that name, or is it tree\?",
    "cpus -v": r"^mem9: cpuat n=0 at=busy",
    "dump 0": r"^dump: 0x0 is no RAM; -f reads it all the same",
    "ramscan": r"ramscan: .* of free memory tried in .* s, 0 bad pages",
    "pages": r"^[0-9a-f]{16}-[0-9a-f]{16} [\s\S]*^tables of level 3: 1\r?$",
    "run tree 2": r"^mem9: run status=0 processes=7 ended=0",
    "ps": r"^no process is left of the last run, which had \d+",
    "run nobody": r"^run: nobody: no program of that name",
    "forbidden -v": r"^mem9: forbidden rows=\d+ failed=0\r?$",
    "forbidden": r" tried, 0 not as it should be\r?$",
    "fuzz 20": r"^mem9: userfuzz seeds=20 first=1 exit=\d+ killed=\d+ late=\d+ "
    r"wrong=0 lost=0 ",
    "nonesuch": r"^nonesuch: unknown; help lists the commands",
    "map2": r"^map2: unknown, or is it map\? help lists the commands",
    "ma": r"^ma: unknown, or is it map\?",
    "walk": r"^walk needs ADDRESS",
    "fault": r"^fault needs KIND",
    "fault nonesuch": r"^fault: one of text null nx divide opcode address "
    r"stack nmi nested",
    "fault n": r"^fault: one of text",
    "walk 12x4": r"^walk: 12x4 is no hexadecimal address",
    "walk 10000000000000000": r"is no hexadecimal address",
    "walk 0xAb0": r"^walk of 0x0000000000000ab0, null page:",
}


def look_at_the_picture(m):
    """Whole rows, with RAM in use and free: once, as no terminal answers; or
    live, if one does: the cursor moves, and what is under it is named."""
    m.serial.send("picture\r")
    drawn = m.expect("\n" + PROMPT)
    rows = re.findall(r"^0x[0-9a-f]{12} ([-.#+xkaRu]{64})\r$", drawn, re.M)
    assert len(rows) == 14, drawn
    assert set("Rka.") <= set("".join(rows)), drawn
    m.serial.send("picture\r")
    m.expect(re.escape("\x1b[6n"))
    m.serial.send("\x1b[24;80R")
    m.expect(r"\r0x0-0x[0-9a-f]+, [^\r\n]*: reserved, firmware's \w+")
    m.expect("q: enough")
    m.serial.send("\x1b[B\x1b[C")
    m.expect(r"\r0x[0-9a-f]+-0x[0-9a-f]+, [\d.]+ .B: \w+")
    m.expect(r"\r0x[0-9a-f]+-0x[0-9a-f]+, [\d.]+ .B: \w+")
    m.serial.send("q")
    m.expect("\n" + PROMPT)


def test_monitor_answers_each_command():
    with Machine("monitor", ini=STAY) as m:
        m.expect(PROMPT)
        # An unknown word is named, and the monitor is still there.
        for line in "help", "summary", "map -v", "nonesuch", "find 0", "walk":
            said = ask(m, line)
            assert re.search(COMMANDS[line], said, re.M), f"{line}: {said}"
        image = Facts(m.text()).one("paging")["image"]
        said = ask(m, f"walk {image:x}")
        assert re.match(rf"walk of {image:#x}, image:\r\n", said), said
        page = r"level 0: 0x\w+ present read-only no-execute"
        assert re.search(page, said), said
        look_at_the_picture(m)
        # All that was said again, what was typed too, to this very command.
        m.serial.send("log\r")
        m.expect("log\r\n")
        assert "mem9: start" in m.expect("mem9: done")
        m.expect("mem9> log\r\n" + PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
    assert m.shutdown_reason == "guest-shutdown"
    laws.check(m, Facts(m.text()))


@pytest.mark.matrix
@pytest.mark.parametrize(
    "firmware", [pytest.param("ovmf", marks=pytest.mark.matrix), UBOOT]
)
def test_reset_resets(firmware):
    kind = {"machine": "pc", "disk": "ide"} if firmware == UBOOT else {}
    with Machine(
        f"reset-{firmware}", firmware=firmware, ini=("*end=reset",), **kind
    ) as m:
        m.run_to_end()
    laws.ended(m, Facts(m.text()))
    assert m.shutdown_reason == "guest-reset"


@pytest.mark.matrix
def test_halt_halts():
    with Machine("halt", ini=("*end=halt",)) as m:
        m.expect(r"mem9: done [^\n]*\nhalted\r\n")
        m.wait_halted()
    assert m.text().endswith("halted\r\n")


ROW = re.compile(r"^.{4} *([\d,]+) KB +[\d.]+ [KMG]B +<?[\d.]+ %  (.*)$")
GREEN = bytes([0x2E, 0x9E, 0x44])  # arch/screen.c: INKGREEN


def shares(lines):
    """What the rows say of the machine's memory: bytes of each share."""
    found = [ROW.match(line) for line in lines]
    return {
        row[2]: int(row[1].replace(",", "")) * 1024 for row in found if row
    }


def tallest(picture, x):
    """The most pixels one below the other that are green."""
    best = run = 0
    for y in range(picture.height):
        row = picture.row(y)
        run = run + 1 if row[3 * x : 3 * x + 3] == GREEN else 0
        best = max(best, run)
    return best


@pytest.mark.parametrize(
    "width, height",
    [
        (800, 600),
        pytest.param(640, 480, marks=pytest.mark.matrix),
        pytest.param(1280, 800, marks=pytest.mark.matrix),
        pytest.param(3840, 2160, marks=pytest.mark.matrix),
    ],
)
def test_people_read_the_screen(width, height):
    """Where the memory is, in rows that add up to what is installed; the
    allocators; the checks; PASS, a tenth of the screen high. No line for
    programs, and all of it is still there in the end."""
    with Machine(
        f"screen-{width}", ini=STAY, **sized(width, height)
    ) as m:
        m.expect(PROMPT)
        lines = m.wait_screen(at_prompt)
        picture = Picture(m.screendump(m.work / "screen.ppm"))
    facts = Facts(m.text())
    assert (picture.width, picture.height) == (width, height)
    assert not any(line.startswith("mem9: ") for line in lines)
    assert not any(UNKNOWN in line for line in lines), "\n".join(lines)
    rows = shares(lines)
    assert rows.pop("installed, none of it lost") == sum(rows.values()) == m.mem
    assert rows["a kernel can use"] == facts.one("conf")["npage"] * PAGE
    below = rows["below 1 MB, left alone"]
    assert below + rows["not in the map: video, ROM, firmware"] == MiB
    marks = [line for line in lines if line.startswith("  [ ok ]  ")]
    assert len(marks) == (7 if height > 480 else 1)  # in brief
    text = "\n".join(lines)
    skipped = facts.one("done")["skipped"]
    passed = facts.one("done")["checks"] - skipped
    assert f"{passed} checks passed, {skipped} skipped" in text
    assert "PASS: nothing failed" in text
    assert "  programs: pages " in text
    glyph = 8 * (3 if width == 3840 else 1)
    assert tallest(picture, 2 * glyph) >= height // 10


def test_screen_tells_what_serial_tells():
    """If it is asked to: the last lines on the screen are the last of the
    log, to the letter; what is taken back while it is typed is gone."""
    with Machine("screen", ini=(*STAY, "*verbose=1")) as m:
        m.expect(PROMPT)
        lines = m.wait_screen(lambda t: PROMPT + CURSOR in t)
        said = m.text().replace("\r", "").split("\n")
        m.serial.send("help\b\x7fxy\b")
        m.wait_screen(lambda t: f"mem9> hex{CURSOR}" in t)
    assert not any(UNKNOWN in line for line in lines), "\n".join(lines)
    columns = 160  # OVMF's 1280 pixels
    wrapped = [
        line[i : i + columns].rstrip()
        for line in said
        for i in range(0, max(len(line), 1), columns)
    ]
    last = max(i for i, line in enumerate(lines) if line)
    assert lines[last] == PROMPT + CURSOR
    lines[last] = PROMPT.rstrip()
    assert last > 20, "\n".join(lines)
    shown = lines[: last + 1]
    assert shown == wrapped[-len(shown) :]


def cursors(m):
    """Rows and columns of text whose cell is white but for its letter."""
    picture = Picture(m.screendump(m.work / "cursor.ppm"))
    return [
        (y // 16, x // 8)
        for y in range(0, picture.height - 15, 16)
        for x in range(0, picture.width, 8)
        if picture.row(y)[3 * x : 3 * x + 3] == b"\xff\xff\xff"
    ]


def picture_on_the_screen(m):
    """In place, with the cursor drawn over the letter that is named."""

    def named(name):
        return lambda lines: any(
            re.match(rf"0x[0-9a-f]+-0x\w+, [\d.]+ .B: {name}", x)
            for x in lines
        )

    press(m, "p i c t u r e ret")
    lines = m.wait_screen(named("reserved, firmware's "))
    top = next(i for i, x in enumerate(lines) if x.startswith("0x0000"))
    assert cursors(m) == [(top, 15)]
    for row in range(8):
        press(m, "down")
        at = [(top + row + 1, 15)]
        m.wait_until(lambda: cursors(m) == at, f"no cursor at {at}")
    m.wait_screen(named("pages"))
    press(m, "right")
    m.wait_until(lambda: cursors(m) == [(top + 8, 16)], "it does not move")
    press(m, "esc")
    lines = m.wait_screen(lambda t: [x for x in t if x][-1] == PROMPT + CURSOR)
    assert sum(x.startswith("0x0000") for x in lines) == 14


@pytest.mark.matrix
def test_no_serial_port():
    """Nothing to talk to but the screen: it says that all is well, and the
    keyboard is heard, with Shift, Ctrl, arrows and completion."""
    with Machine("no-serial", serial=False, ini=STAY) as m:
        lines = m.wait_screen(at_prompt)
        assert any("PASS: nothing failed" in line for line in lines)
        assert not any("serial line" in line for line in lines[-10:])
        press(m, "h l left e end p p backspace spc shift-x ctrl-w w a tab ret")
        m.wait_screen(lambda t: "walk ADDRESS: " in "\n".join(t))
        press(m, "up home ctrl-k n o shift-minus 1 ret")
        m.wait_screen(lambda t: any(x.startswith("no_1: unknown") for x in t))
        picture_on_the_screen(m)


@pytest.mark.matrix
def test_without_a_keyboard_the_screen_goes_on():
    """Page after page, without a prompt; one appears when a key does come, by
    the serial line."""
    machine = {"machine": "q35,i8042=off", **sized(640, 480)}
    with Machine("no-keyboard", ini=STAY, **machine) as m:
        m.expect(PROMPT)
        assert re.search(r"^mem9: keyboard result=none", m.text(), re.M)
        for page in 1, 2:
            foot = rf"Page {page} of \d, turned by itself\. No keyboard\."
            lines = m.wait_screen(
                lambda t: any(re.match(foot, line) for line in t)
            )
            assert not at_prompt(lines), "\n".join(lines)
        m.serial.send("help\r")
        m.expect("poweroff .*switch it off")
        m.wait_screen(at_prompt)
