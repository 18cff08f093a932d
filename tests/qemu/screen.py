"""Read a picture of the screen back into text, and write it as PNG.

mem9 draws its log with a console font of Debian's, from the top left corner,
each pixel of the font a square of 1, 2, ... pixels on large screens. The same
font read backwards gives the text exactly: a cell that is no glyph reads as
UNKNOWN, never as the nearest letter.
"""

import gzip
import pathlib
import struct
import sys
import zlib
from collections import Counter

FONT = "/usr/share/consolefonts/Lat15-Fixed16.psf.gz"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
WIDTH = 8


class Font:
    """A PSF version 1 font: height in pixels, and a character per bitmap."""

    def __init__(self, path=FONT):
        data = gzip.open(path).read()
        magic, mode, self.height = struct.unpack_from("<HBB", data)
        if magic != 0x0436:
            raise ValueError(f"{path} is no PSF 1 font")
        count = 512 if mode & 1 else 256
        names = self._names(data[4 + count * self.height :], count, mode)
        self.chars = {}
        for i in reversed(range(count)):
            at = 4 + i * self.height
            self.chars[data[at : at + self.height]] = names[i]

    @staticmethod
    def _names(table, count, mode):
        """Each glyph's first character, by the font's own Unicode table."""
        if not mode & 2:
            return [chr(i) for i in range(count)]
        words = struct.unpack(f"<{len(table) // 2}H", table)
        names, entry = [], []
        for word in words:
            if word == 0xFFFF:
                plain = [c for c in entry if c < 0x7F]
                names.append(chr((plain or entry or [0xFFFD])[0]))
                entry = []
            else:
                entry.append(word)
        return names


class Picture:
    """A PPM (P6) file as QEMU's screendump writes it."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        head = data.split(None, 4)
        if head[0] != b"P6":
            raise ValueError(f"{path} is no P6 picture")
        self.width, self.height = int(head[1]), int(head[2])
        start = len(data) - 3 * self.width * self.height
        self.data = data[start:]

    def row(self, y):
        at = 3 * self.width * y
        return self.data[at : at + 3 * self.width]

    def bits(self, y, step):
        """Row y, every step-th pixel: a byte 1 where it is not background."""
        row = self.row(y)
        pixels = [row[3 * x : 3 * x + 3] for x in range(0, self.width, step)]
        return bytes(pixel != self.background for pixel in pixels)

    @property
    def background(self):
        """The commonest colour in the picture's corner cells."""
        if not hasattr(self, "_background"):
            rows = b"".join(self.row(y) for y in range(0, self.height, 7))
            pixels = [rows[i : i + 3] for i in range(0, len(rows), 3)]
            self._background = Counter(pixels).most_common(1)[0][0]
        return self._background


def _line(picture, font, scale, top):
    """One line of text; each cell is font.height rows of 8 bits."""
    rows = [
        picture.bits(top + y * scale, scale) for y in range(font.height)
    ]
    text = []
    for x in range(0, picture.width // scale // WIDTH * WIDTH, WIDTH):
        cell = bytes(
            int("".join(map(str, row[x : x + WIDTH])), 2) for row in rows
        )
        inverse = bytes(b ^ 0xFF for b in cell)
        text.append(font.chars.get(cell) or font.chars.get(inverse) or UNKNOWN)
    return "".join(text).rstrip()


def _read(picture, font, scale):
    step = font.height * scale
    tops = range(0, picture.height // step * step, step)
    return [_line(picture, font, scale, top) for top in tops]


def read(path, scales=(1, 2, 3, 4)):
    """The lines of text in a screendump, at the scale that reads best."""
    picture, font = Picture(path), Font()

    def unread(lines):
        return sum(line.count(UNKNOWN) for line in lines)

    best = None
    for scale in scales:
        lines = _read(picture, font, scale)
        if best is None or unread(lines) < unread(best):
            best = lines
        if unread(best) == 0:
            break
    return best


def extent(ink, margin):
    """From the first to the last, with so much around it; within them all."""
    at = [i for i, any_ink in enumerate(ink) if any_ink]
    if not at:
        return 0, len(ink)
    return max(at[0] - margin, 0), min(at[-1] + 1 + margin, len(ink))


def write_png(ppm, path, margin=None):
    """A screendump as PNG, for a README or a reader of a failure; if there is
    a margin, without the empty screen beyond it."""
    picture = Picture(ppm)
    left, right, top, bottom = 0, picture.width, 0, picture.height
    if margin is not None:
        rows = [picture.bits(y, 1) for y in range(picture.height)]
        top, bottom = extent([any(row) for row in rows], margin)
        left, right = extent([any(column) for column in zip(*rows)], margin)

    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", right - left, bottom - top, 8, 2, 0, 0, 0)
    rows = b"".join(
        b"\0" + picture.row(y)[3 * left : 3 * right] for y in range(top, bottom)
    )
    pathlib.Path(path).write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    print("\n".join(read(sys.argv[1])))
