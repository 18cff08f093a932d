"""wraps - what happens to a text on its way to us.

wrapped(w) yields (how, bytes) for a Written of forms.py: quoted, indented, in
colours, its line ends doubled, in another encoding, or as other programs show
the same messages.
"""
import json

STAMP = "[    0.000000] "
LOGS = [("-x", "kern  :info  : "), ("-T", "[Thu Jan  1 00:00:00 2026] "),
        ("iso", "2026-01-01T00:00:00,000000+01:00 "),
        ("caller", "[    0.000000][    T0] "), ("grep -n", "12:" + STAMP)]


def joined(lines, before="", end="\n"):
    return "".join(before + line + end for line in lines)


def coloured(lines):
    """As dmesg --color=always does it."""
    for line in lines:
        stamp, line = (STAMP, line[len(STAMP):]) if line.startswith(
            STAMP) else ("", line)
        yield ("\x1b[32m%s\x1b[0m\x1b[33m%s\x1b[0m%s"
               % (stamp, line[:4], line[4:]))


def dmesg(lines, indent):
    """As dmesg -J does it."""
    return json.dumps({"dmesg": [
        {"pri": 6, "time": 0.0, "msg": line.replace(STAMP, "")}
        for line in lines]}, indent=indent)


def logs(lines):
    text = dmesg(lines, 3)
    yield "dmesg -J", text
    yield "dmesg -J, quoted", joined(text.split("\n"), "> ")
    yield "dmesg -J, one line", dmesg(lines, None)
    yield "journal", joined(json.dumps({"PRIORITY": "6", "MESSAGE": line})
                            for line in lines)
    bare = [line.replace(STAMP, "") for line in lines]
    for how, stamp in LOGS:
        yield "dmesg " + how, joined(bare, stamp)


def wrapped(w):
    lines = w.lines()
    text = joined(lines)
    colours = joined(coloured(lines))
    yield "quoted", joined(lines, "> ").encode()
    yield "quoted twice", joined(lines, ">> > ").encode()
    yield "indented", joined(lines, "    ").encode()
    marked = ["[code]" + lines[0], *lines[1:-1], lines[-1] + "[/code]"]
    yield "marked", joined(marked if len(lines) > 1 else lines).encode()
    yield "web page", ("<pre><code>" + text[:-1] + "</code></pre>\n").encode()
    yield "tabbed", joined(lines, "\t", " \n").encode()
    yield "doubled", joined(lines, end="\r\r\n").encode()
    yield "spaced", joined(lines, end="\n\n").encode()
    yield "mac", joined(lines, end="\r").encode()
    yield "coloured", colours.encode()
    yield "colours spelt", colours.replace("\x1b", "^[").encode()
    yield "colours torn", colours.replace("\x1b", "").encode()
    yield "utf-16", b"\xff\xfe" + text.encode("utf-16-le")
    yield "utf-16 bare", text.encode("utf-16-le")
    yield "utf-16 be", b"\xfe\xff" + text.encode("utf-16-be")
    yield "utf-8 mark", b"\xef\xbb\xbf" + text.encode()
    if "linux" in w.what or w.what in ("dom0", "bios-efi"):
        for how, log in logs(lines):
            yield how, log.encode()
