"""What a boot said in its `mem9: ` lines, as data.

    mem9: bank n=0 base=0x100000 npage=1798 ...  ->  all("bank")[0]["npage"]

Values are numbers where they read as numbers. A range is [base, end). A line
such as `mem9: WORD: unknown option: ignored' is for people: it is no fact, and
whoever expects it says so (laws.py).
"""

import re
from typing import NamedTuple

PAGE = 4096
START = "mem9: "
LINE = re.compile(r"^mem9: (\w+)((?: \S+?=(?:\"[^\"]*\"|\S*))*)\s*$")
END = re.compile(r"^mem9: done .*\n", re.M)
PAIR = re.compile(r"(\S+?)=(\"[^\"]*\"|\S*)")
REPORT = re.compile(
    r"^(\d+)M memory: (\d+)M kernel data, (\d+)M user, (\d+)M swap"
    r"(?:, (\d+)([MK]) bad)?\s*$",
    re.M,
)


class Range(NamedTuple):
    base: int
    end: int
    what: str

    @property
    def size(self):
        return self.end - self.base


class Facts:
    """The facts of one boot, by topic, in the order they were said.

    What the monitor repeats after `mem9: done' is left out.
    """

    def __init__(self, text):
        end = END.search(text)
        self.text = text[: end.end()] if end else text
        self.topics = {}
        self.unread = []
        for line in self.text.replace("\r", "").split("\n"):
            found = LINE.match(line)
            if line.startswith(START) and not found:
                self.unread.append(line)
            if found:
                values = {k: _value(v) for k, v in PAIR.findall(found[2])}
                self.topics.setdefault(found[1], []).append(values)

    def all(self, topic):
        return self.topics.get(topic, [])

    def one(self, topic):
        """The only line of this topic; more or fewer is a failure."""
        lines = self.all(topic)
        assert len(lines) == 1, f"{len(lines)} lines `mem9: {topic}'"
        return lines[0]

    def first(self, topic):
        """The first line of this topic, as memory is once it has come up."""
        assert self.all(topic), f"no line `mem9: {topic}'"
        return self.all(topic)[0]

    def last(self, topic):
        """The last one: what more was found has changed it."""
        assert self.all(topic), f"no line `mem9: {topic}'"
        return self.all(topic)[-1]

    def efi(self):
        """The firmware's map; the attributes are checked where they matter."""
        return [
            Range(d["base"], d["base"] + d["pages"] * PAGE, d["type"])
            for d in self.all("efi")
        ]

    def memmap(self):
        return [
            Range(m["base"], m["base"] + m["size"], m["type"])
            for m in self.all("memmap")
        ]

    def aside(self):
        """What of that was taken before anything else was."""
        return [
            r
            for r, m in zip(self.memmap(), self.all("memmap"))
            if m.get("allocated") == 1
        ]

    def banks(self):
        return [
            Range(b["base"], b["base"] + b["npage"] * PAGE, f"bank {b['n']}")
            for b in self.all("bank")
        ]

    def report(self):
        """9front's report line: (total, kernel, user, swap) in MiB."""
        return tuple(map(int, self._report()[:4]))

    def bad(self):
        """Bytes that are bad or missing, by the same line."""
        n, unit = self._report()[4:]
        return int(n) * {"M": 2**20, "K": 2**10}[unit] if n else 0

    def _report(self):
        """The last one: it comes again if bad memory is found later."""
        lines = REPORT.findall(self.text.replace("\r", ""))
        assert lines, "no report line"
        return lines[-1]


def _value(text):
    if re.fullmatch(r"0x[0-9a-f]+|\d+", text):
        return int(text, 0)
    return text.strip('"')


def overlap(a, b):
    """Bytes that two ranges share."""
    return max(0, min(a.end, b.end) - max(a.base, b.base))


def shared(ranges, others):
    """Bytes of ranges that lie in one of others (which are disjoint)."""
    return sum(overlap(a, b) for a in ranges for b in others)


def total(ranges, what=None):
    return sum(r.size for r in ranges if what is None or r.what == what)
