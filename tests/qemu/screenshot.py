"""Boot mem9 to its monitor and take a picture of the screen.

usage: screenshot.py OUT.png [COMMAND ...]   (commands for the monitor)
"""

import sys

from machine import PROMPT, Machine
from screen import write_png


def at_prompt(lines):
    """The last line with anything on it is the monitor's prompt."""
    text = [line for line in lines if line]
    return text and text[-1].strip() == PROMPT.strip()


def main(out, *commands):
    with Machine("screenshot", mem="1G", ini=("*end=monitor",)) as m:
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
    main(*sys.argv[1:])
