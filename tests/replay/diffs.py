"""diffs - build/replay -d, over what check has written.

What a difference is tests/unit/mapdiff.c knows; here it is that any form can
be one of two, that nothing is compared which is not whole, and what is said.
"""
import re

EQUAL = "The maps are the same.\n"
LINE = re.compile(r"mem9: diff kind=(\w+) type=\w+ base=0x[0-9a-f]+ "
                  r"size=0x[0-9a-f]+( was=\w+| wassize=\w+| attr=\w+)*$")
PAIRS = [  # of lists of e820 entries, or efi ones; status, and what is said
    ("e820 1 0x0 0x9000\n", "e820 1 0x0 0x8000\n", 1, "would not resume"),
    ("efi 11 0x0 9 0x1\n", "efi 5 0x0 9 0x1\n", 1, "not all regions are"),
    ("efi 7 0x0 9 0xf\n", "efi 4 0x0 9 0xf\n", 0, "who owned some"),
    ("efi 7 0x0 9 0xf\n", "e820 1 0x0 0x9000\n", 0, EQUAL),
    ("*e820=00 9000\n", "e820 1 0x0 0x9000\n", 0, EQUAL),
    ("*e820=1 0 8000 2 8000 9000\n", "efi 4 0x0 8 0xf\nefi 5 0x8000 1 0xf\n",
     0, EQUAL),
]


class Diffs:
    def __init__(self, run, fail, save, path):
        self.run, self.fail, self.save = run, fail, save
        self.path = path + ".was"

    def alike(self, what, was, now):
        """Two texts of one map are: each line of what is said, and 0."""
        code, out, err = self.run("-d", was, now)
        last = out.split("\n")[-3:]
        if code != 0 or "linux=equal " not in out or not out.endswith(EQUAL):
            self.fail(what, "differs from itself, exit %d:" % code, last, err)

    def refused(self, text, line, reason, now):
        """Damaged: status 2, on either side, named, and nothing compared."""
        self.save(self.path, text)
        start = "replay: %s:%d: " % (self.path, line)
        for pair in (self.path, now), (now, self.path):
            code, out, err = self.run("-d", *pair)
            if code != 2 or out or start not in err or reason not in err:
                self.fail("-d of %r: exit %d, %r, %r, not line %d: %s"
                          % (text, code, out, err, line, reason))

    def pairs(self, path):
        for was, now, status, words in PAIRS:
            self.save(self.path, was)
            self.save(path, now)
            code, out, err = self.run("-d", self.path, path)
            if code != status or words not in out:
                self.fail("-d of", was, now, "exit", code, out, err)
            if ("*e820" in was) != ("not what firmware gave" in err):
                self.fail("-d of", was, now, "notes", err)

    def real(self, was, now):
        """Two machines: lines that programs can read, and status 1."""
        code, out, err = self.run("-d", was, now)
        lines = out.split("\n")
        if code != 1 or not lines[-3].startswith("mem9: diffed linux=dif"):
            self.fail(was, "beside", now, "exit", code, lines[-3:], err)
        for line in lines[:-3]:
            if not LINE.match(line):
                self.fail(was, "beside", now, "prints", line)

    def arguments(self, path):
        for args in (("-d",), ("-d", path), ("-d", path, path, path),
                     ("-d", "-n", "1", path, path), ("-d", "-l", path, path),
                     ("-d", "-d", path, path)):
            code, out, err = self.run(*args)
            if code != 2 or out or not err.startswith("usage: replay "):
                self.fail(args, "exit", code, out, err)
        code, out, err = self.run("-d", path, path + ".none")
        if code != 2 or out or "%s.none:0: No such" % path not in err:
            self.fail("-d of no file:", code, out, err)
