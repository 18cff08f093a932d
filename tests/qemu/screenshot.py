"""Boot mem9 to its monitor and take a picture of the screen.

usage: screenshot.py OUT.png [WIDTHxHEIGHT] [COMMAND ...]

The commands are for the monitor.
"""

import re
import sys

from machine import PROMPT, Machine, sized
from screen import write_png


def at_prompt(lines):
    """The last line with anything on it is the monitor's prompt."""
    text = [line for line in lines if line]
    return text and text[-1].strip() == PROMPT.strip()


def main(out, size, commands):
    screen = sized(*size) if size else {}
    with Machine("screenshot", mem="1G", ini=("*end=monitor",), **screen) as m:
        m.expect(PROMPT)
        for command in commands:
            m.serial.send(command + "\r")
            m.expect(r"\n" + PROMPT)
        m.wait_screen(at_prompt)
        write_png(m.screendump(m.work / "screen.ppm"), out)
    print(f"{out}: look at it before it is committed")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    words = sys.argv[2:]
    size = words and re.fullmatch(r"(\d+)x(\d+)", words[0])
    main(
        sys.argv[1],
        [int(n) for n in size.groups()] if size else None,
        words[1:] if size else words,
    )
