"""The menu of a stick: keys on the serial console, and nobody's."""

import re

import laws
from facts import Facts
from machine import PROMPT, Machine

DOWN = "\x1b[B"


def test_from_the_menu_and_back_to_it():
    """By a letter and by arrows; what is chosen last leaves firmware."""
    with Machine("menu", ini=("*menu=300",)) as m:
        m.expect(r"boots by itself in 300 s")
        m.serial.send("r")
        m.expect("PASS: nothing failed")
        m.expect("any key for the menu, l for the log")
        m.serial.send("l")
        m.expect("mem9: done checks=7 ")
        m.expect("any key for the menu")
        m.serial.send(" ")
        m.expect(r">[^\n]* b  boot")
        m.serial.send(DOWN)
        m.expect(r">[^\n]* m  map")
        m.serial.send("\r")
        m.expect("Type       Start            End")
        m.expect("any key for more, q to stop")
        m.serial.send("q")
        m.expect("any key for the menu")
        m.serial.send(" ")
        m.expect(r">[^\n]* b  boot")
        m.serial.send("a")
        m.expect("null-page")
        m.expect("any key for more, q to stop")
        m.serial.send("q")
        m.expect("any key for the menu")
        m.serial.send(" ")
        m.expect(r">[^\n]* b  boot")
        m.serial.send("b")
        m.expect(PROMPT)
        m.serial.send("poweroff\r")
        m.run_to_end()
    assert len(re.findall("boots by itself", m.text())) < 60
    text = m.text()
    laws.check(m, Facts(text[text.rindex("mem9: start") :]))
