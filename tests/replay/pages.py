"""pages - build/replay -s and -H: both are XML, and say what replay prints.

How they look is seen in tests/browser; what is in them, in tests/unit/html.c.
"""
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
DOCTYPE = "<!DOCTYPE html>\n"


def xml(run, fail, option, path):
    code, out, err = run(option, path)
    if code != 0:
        fail(option, path, "exit", code, err)
    if option == "-H":
        if not out.startswith(DOCTYPE):
            fail(option, path, "begins with", out[:40])
        out = out[len(DOCTYPE):]
    try:
        return ElementTree.fromstring(out.encode())
    except ElementTree.ParseError as e:
        fail(option, path, "is no XML:", e)


def ofmap(run, fail, path, nentry):
    """The page of this map has its picture, lines, and a row for each entry."""
    picture = xml(run, fail, "-s", path)
    page = xml(run, fail, "-H", path)
    parts = [len(x.findall(".//%sg" % SVG)) for x in (picture, page)]
    lines = page.findall(".//pre")[-1].text
    code, out, err = run(path)
    rows = page.findall(".//table")[-1].findall("tr")[1:]
    if parts[0] != parts[1] or parts[0] == 0:
        fail(path, "parts in the picture and the page:", parts)
    if lines != out:
        fail(path, "the page's lines are others:\n" + lines)
    if sum(row.get("class") is None for row in rows) != nentry:
        fail(path, "has rows", len(rows), "for entries", nentry)


def refused(run, fail, path):
    """What is no map is no page."""
    for option in "-s", "-H":
        code, out, err = run(option, path)
        if code != 1 or out or not err.startswith("replay: "):
            fail(option, "of no map: exit", code, out, err)
    for args in (("-s",), ("-H", "-s", path), ("-l", "-H", path),
                 ("-s", path, path)):
        code, out, err = run(*args)
        if code != 1 or out or not err.startswith("usage: replay "):
            fail(args, "exit", code, out, err)
