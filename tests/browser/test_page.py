"""replay's page and picture in a browser: headless Chromium, if there is one.

What the browser makes of them is asked in two ways: the document as it is
after loading, and its pixels, light and dark.
"""

import pathlib
import re
import shutil
import subprocess
import zlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
REPLAY = ROOT / "build/replay"
MAP = ROOT / "tests/maps/016-thinkpad-e460-231desc-efi.map"
BROWSERS = "chromium", "chromium-browser", "google-chrome"
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
    "--window-size=700,600", "--virtual-time-budget=2000",
)
DARK = "--blink-settings=preferredColorScheme=0"
PAPER = {"light": (255, 255, 255), "dark": (0x14, 0x17, 0x1F)}
TYPES = {  # RAM, ACPI and reserved, as svg.c has them
    "light": {(0x1F, 0x8A, 0x5B), (0xD9, 0x9A, 0x00), (0xB8, 0x39, 0x4B)},
    "dark": {(0x3F, 0xBF, 0x8A), (0xF0, 0xBB, 0x45), (0xE2, 0x60, 0x6F)},
}
EVIL = """</title></svg><script>document.title='run'</script>\
<img src=x onerror="document.title='run'">"""

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium to look at the page with"
)


def written(option, source, path):
    with open(path, "wb") as out:
        subprocess.run([REPLAY, option, source], stdout=out, check=True)
    return path


def browse(tmp_path, *args):
    return subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={tmp_path}/profile", *args],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
        timeout=300,
    ).stdout.decode()


def unfilter(kind, line, above, step):
    """A line of a PNG, whose bytes are given as differences."""
    for i, byte in enumerate(line):
        a = line[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        nearest = min((a, b, c), key=lambda v: abs(a + b - c - v))
        line[i] = byte + (0, a, b, (a + b) // 2, nearest)[kind] & 255
    return line


def pixels(path):
    """Rows of (r, g, b) of a PNG of 8 bits, without interlace."""
    data = path.read_bytes()
    at, packed = 8, b""
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width = int.from_bytes(body[:4], "big")
            step = {2: 3, 6: 4}[body[9]]
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    raw, rows = zlib.decompress(packed), []
    above = bytes(width * step)
    for start in range(0, len(raw), width * step + 1):
        line = bytearray(raw[start + 1:start + 1 + width * step])
        above = unfilter(raw[start], line, above, step)
        rows.append([tuple(above[i:i + 3])
                     for i in range(0, len(above), step)])
    return rows


@pytest.mark.parametrize("scheme", PAPER)
@pytest.mark.parametrize("option", ["-H", "-s"])
def test_colours_follow_the_reader(tmp_path, option, scheme):
    name = {"-H": "page.html", "-s": "picture.svg"}[option]
    page = written(option, MAP, tmp_path / name)
    shot = tmp_path / "shot.png"
    browse(tmp_path, *([DARK] if scheme == "dark" else []),
           f"--screenshot={shot}", page.as_uri())
    rows = pixels(shot)
    found = {colour for row in rows for colour in row}
    assert TYPES[scheme] <= found
    middle = rows[len(rows) // 4]
    assert max(middle, key=middle.count) in TYPES[scheme] | {PAPER[scheme]}
    if option == "-H":
        assert rows[0][0] == PAPER[scheme]


def test_text_of_the_file_stays_text(tmp_path):
    log = tmp_path / "<b>log.txt"
    log.write_text(
        f'mem9: start version=1 firmware="{EVIL}" descriptors=1 stride=48\n'
        "mem9: efi type=ConventionalMemory base=0x0 pages=512 attr=0xf\n"
    )
    page = written("-H", log, tmp_path / "page.html")
    dom = browse(tmp_path, "--dump-dom", page.as_uri())
    assert "&lt;/svg&gt;&lt;script&gt;" in dom
    assert re.search(r"<title>Memory map: [^<]*&lt;b&gt;log.txt</title>", dom)
    assert not re.search(r"<(script|img|b|a|link|iframe)\b", dom)


def test_nothing_is_lost_on_the_way(tmp_path):
    """The browser's document has every row, cell and total of the page."""
    page = written("-H", MAP, tmp_path / "page.html")
    dom = browse(tmp_path, "--dump-dom", page.as_uri())
    text = page.read_text()
    for tag in "<tr", "<td", "<rect", "<g ", "<text", "<h2":
        assert dom.count(tag) == text.count(tag) > 0
