"""Take the pictures of the README: menu, map, boot, screen, picture.

usage: screenshot.py FOLDER

One boot of a stick, from its menu on, stopped where there is something to see;
what firmware draws is firmware's own font, what comes after is mem9's.
"""

import pathlib
import sys
import time

from machine import CURSOR, PROMPT, Machine, press
from screen import write_png

MARGIN = 8  # pixels around what there is to see


class Camera:
    """Where a machine's pictures go."""

    def __init__(self, machine, folder):
        self.machine = machine
        self.folder = pathlib.Path(folder)

    def take(self, name):
        """A picture of the screen as it is."""
        ppm = self.machine.screendump(self.machine.work / "screen.ppm")
        write_png(ppm, self.folder / f"{name}.png", MARGIN)
        print(f"{self.folder / name}.png: look at it before it is committed")

    def take_at(self, name, pattern):
        """As it is when that comes out of the serial port: the machine is held
        meanwhile, a little later."""
        self.machine.expect(pattern)
        self.machine.monitor("stop")
        self.take(name)
        self.machine.monitor("cont")


def at_prompt(lines):
    """The last line with anything on it is the monitor's prompt."""
    text = [line for line in lines if line]
    return bool(text) and text[-1] == PROMPT + CURSOR


def at_menu(m, key):
    """Back to the menu, and that key there."""
    m.serial.send(" ")
    m.expect(r">[^\n]* b  boot")
    m.serial.send(key)


def main(folder):
    with Machine(
        "screenshot", mem="1G", ini=("*end=monitor", "*menu=300")
    ) as m:
        camera = Camera(m, folder)
        camera.take_at("menu", "boots by itself in 299 s")
        m.serial.send("m")
        camera.take_at("map", "any key for more, q to stop")
        m.serial.send("q")
        m.expect("any key for the menu")
        at_menu(m, "b")
        camera.take_at("boot", "mem9: check name=stack-guard")
        m.expect(PROMPT)
        m.wait_screen(at_prompt)
        camera.take("screen")
        press(m, "p i c t u r e ret")
        m.wait_screen(lambda t: any("q: enough" in line for line in t))
        for key in ["down"] * 8 + ["right"]:
            press(m, key)
            time.sleep(0.5)  # as fast as a keyboard's buffer is emptied
        m.wait_screen(lambda t: any(": pages" in line for line in t))
        camera.take("picture")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
