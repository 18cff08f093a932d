/*
 * screen.c - a text screen drawn into a linear framebuffer.
 *
 *	text cells  --differ from what is shown?-->  glyph pixels
 *
 * The framebuffer is only ever written, as reading one is slow: two arrays of
 * cells hold what should be there and what is. Scrolling moves cells and
 * redraws those that changed. A cell has an ink: a colour, and one that it is
 * on. Pixels of any 2-, 3- or 4-byte format; glyphs are scaled by whole numbers
 * on large screens. Fonts: PSF 1 (a 4-byte header:
 * magic, mode, bytes per glyph; glyphs 8 wide) and PSF 2 (eight 32-bit words:
 * magic, version, header size, flags, glyphs, bytes per glyph, height, width).
 */
#include "screen.h"
#include "cpu.h"
#include "hooks.h"

enum {
	MAXCOLS = 240,
	MAXROWS = 135,
	MINCOLS = 20,
	MINROWS = 4,
	PSF1MAGIC = 0x0436,
	PSF1HEADER = 4,
	PSF2HEADER = 32,
	TABSTOP = 8,
	WIDE =
	    1280, /* pixels for each whole number that glyphs are scaled by */
	HIGH = 720,
};
#define PSF2MAGIC 0x864ab572u

extern const uint8_t font[], fontend[];

static struct {
	const uint8_t *glyphs;
	uint32_t nglyphs;
	uint32_t glyphsize; /* bytes */
	uint32_t width;
	uint32_t height;
} psf;

static struct {
	volatile uint8_t *pixels;
	uint32_t bytes; /* of a pixel */
	uint32_t pitch; /* bytes from one row to the next */
	uint32_t scale;
	uint32_t fg[NINK]; /* pixels */
	uint32_t bg[NINK];
	enum ink ink;
	unsigned cols;
	unsigned rows;
	unsigned x;
	unsigned y;
	Cell text[MAXROWS][MAXCOLS];
	Cell shown[MAXROWS][MAXCOLS];
} screen;

/* Red, green and blue of each ink, 8 bits each, and of what it is on. */
static const struct {
	uint32_t fg;
	uint32_t bg;
} colours[NINK] = {
    [INKPLAIN] = {0xffffff, 0},
    [INKDIM] = {0x9a9a9a, 0},
    [INKHEAD] = {0x7fd4ff, 0},
    [INKGOOD] = {0x6fe06f, 0},
    [INKBAD] = {0xff6b5e, 0},
    [INKWARN] = {0xffd75f, 0},
    [INKGREEN] = {0x2e9e44, 0x2e9e44},
    [INKCYAN] = {0x1f97b5, 0x1f97b5},
    [INKBLUE] = {0x3a66d8, 0x3a66d8},
    [INKMAGENTA] = {0xa04ac0, 0xa04ac0},
    [INKBROWN] = {0xb07d2b, 0xb07d2b},
    [INKGRAY] = {0x6f6f6f, 0x6f6f6f},
    [INKRED] = {0xd23a34, 0xd23a34},
    [INKCURSOR] = {0, 0xffffff},
};

static bool
openfont(void)
{
	uint32_t word[PSF2HEADER / 4];

	memcpy(word, font, sizeof word);
	if (word[0] == PSF2MAGIC) {
		psf.glyphs = font + word[2];
		psf.nglyphs = word[4];
		psf.glyphsize = word[5];
		psf.height = word[6];
		psf.width = word[7];
	} else if ((word[0] & 0xffff) == PSF1MAGIC) {
		psf.glyphs = font + PSF1HEADER;
		psf.nglyphs = 256;
		psf.glyphsize = word[0] >> 24;
		psf.height = psf.glyphsize;
		psf.width = 8;
	} else
		return false;
	return psf.glyphs + psf.nglyphs * psf.glyphsize <= fontend;
}

static void
putpixel(volatile uint8_t *p, uint32_t v)
{
	if (screen.bytes == 2)
		*(volatile uint16_t *)p = (uint16_t)v;
	else if (screen.bytes == 3)
		for (int i = 0; i < 3; i++)
			p[i] = (uint8_t)(v >> 8 * i);
	else
		*(volatile uint32_t *)p = v;
}

static void
drawrow(volatile uint8_t *p, const uint8_t *bits, uint8_t ink)
{
	for (uint32_t x = 0; x < psf.width; x++) {
		bool on = bits[x / 8] >> (7 - x % 8) & 1;

		for (uint32_t i = 0; i < screen.scale; i++, p += screen.bytes)
			putpixel(p, on ? screen.fg[ink] : screen.bg[ink]);
	}
}

static void
drawcell(unsigned row, unsigned col)
{
	Cell cell = screen.text[row][col];
	uint8_t c = (uint8_t)cell.c;
	uint32_t high = psf.height * screen.scale;
	const uint8_t *glyph =
	    psf.glyphs + (c < psf.nglyphs ? c : '?') * psf.glyphsize;
	volatile uint8_t *p =
	    screen.pixels + (size_t)row * high * screen.pitch +
	    (size_t)col * psf.width * screen.scale * screen.bytes;

	for (uint32_t y = 0; y < high; y++, p += screen.pitch)
		drawrow(p,
		    glyph + y / screen.scale * (psf.glyphsize / psf.height),
		    cell.ink);
	screen.shown[row][col] = cell;
}

static bool
same(Cell a, Cell b)
{
	return a.c == b.c && a.ink == b.ink;
}

static void
refresh(unsigned from, unsigned to)
{
	for (unsigned r = from; r < to; r++)
		for (unsigned c = 0; c < screen.cols; c++)
			if (!same(screen.text[r][c], screen.shown[r][c]))
				drawcell(r, c);
}

static void
clear(Cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cells[i] = (Cell){' ', INKPLAIN};
}

static void
newline(void)
{
	screen.x = 0;
	if (screen.y + 1 < screen.rows) {
		screen.y++;
		return;
	}
	memmove(screen.text[0], screen.text[1],
	    (screen.rows - 1) * sizeof screen.text[0]);
	clear(screen.text[screen.rows - 1], MAXCOLS);
}

static void
put(char c)
{
	switch (c) {
	case '\n':
		newline();
		return;
	case '\r':
		screen.x = 0;
		return;
	case '\b':
		screen.x -= screen.x > 0;
		return;
	case '\t':
		do
			put(' ');
		while (screen.x % TABSTOP != 0);
		return;
	}
	if (screen.x == screen.cols)
		newline();
	screen.text[screen.y][screen.x++] = (Cell){c, (uint8_t)screen.ink};
}

void
screenwrite(const char *s, size_t n)
{
	if (screen.pixels == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		put(s[i]);
	refresh(0, screen.rows);
	storefence(); /* pixels are write-combined: some might wait for more */
}

void
screenup(void)
{
	screen.y -= screen.y > 0;
}

void
screenclear(void)
{
	if (screen.pixels == NULL)
		return;
	clear(screen.text[0], MAXROWS * MAXCOLS);
	screen.x = screen.y = 0;
	refresh(0, screen.rows);
	storefence();
}

/* What is written next shows that it is not what should be there. */
void
screencursor(void)
{
	if (screen.pixels == NULL || screen.x == screen.cols)
		return;
	Cell *cell = &screen.text[screen.y][screen.x];
	uint8_t ink = cell->ink;
	cell->ink = INKCURSOR;
	drawcell(screen.y, screen.x);
	cell->ink = ink;
	storefence();
}

void
screenink(enum ink ink)
{
	screen.ink = ink;
}

unsigned
screencols(void)
{
	return screen.cols;
}

unsigned
screenrows(void)
{
	return screen.rows;
}

/* Whole rows of pixels that there is memory for. */
static uint32_t
pixelrows(const Fb *fb)
{
	return (uint32_t)MIN(
	    (uint64_t)fb->height, fb->size / ((size_t)fb->pitch * fb->bytes));
}

static uint32_t
scaleof(const Fb *fb)
{
	return MAX(MIN(fb->width / WIDE, fb->height / HIGH), 1u);
}

bool
screenfits(const Fb *fb)
{
	uint32_t scale = scaleof(fb);

	return fb->size != 0 && openfont() &&
	       fb->width / (psf.width * scale) >= MINCOLS &&
	       pixelrows(fb) / (psf.height * scale) >= MINROWS;
}

/* A part of a colour, 0 to 255, in the bits that a pixel has for it. */
static uint32_t
partof(uint32_t mask, uint32_t v)
{
	uint32_t lowest = mask & (0 - mask);

	if (mask == 0)
		return 0;
	return (uint32_t)((uint64_t)(mask / lowest) * v / 255) * lowest & mask;
}

static uint32_t
pixelof(const Fb *fb, uint32_t rgb)
{
	return partof(fb->red, rgb >> 16 & 0xff) |
	       partof(fb->green, rgb >> 8 & 0xff) |
	       partof(fb->blue, rgb & 0xff);
}

bool
screeninit(const Fb *fb, volatile void *pixels)
{
	if (pixels == NULL || !screenfits(fb))
		return false;
	uint32_t rows = pixelrows(fb);

	screen.bytes = fb->bytes;
	screen.pitch = fb->pitch * fb->bytes;
	screen.scale = scaleof(fb);
	screen.cols = MIN(fb->width / (psf.width * screen.scale), MAXCOLS);
	screen.rows = MIN(rows / (psf.height * screen.scale), MAXROWS);
	screen.pixels = pixels;
	screen.x = screen.y = 0;
	screen.ink = INKPLAIN;
	for (int i = 0; i < NINK; i++) {
		screen.fg[i] = pixelof(fb, colours[i].fg);
		screen.bg[i] = pixelof(fb, colours[i].bg);
	}
	for (size_t i = 0; i < (size_t)rows * screen.pitch; i += screen.bytes)
		putpixel(screen.pixels + i, screen.bg[INKPLAIN]);
	clear(screen.text[0], MAXROWS * MAXCOLS);
	clear(screen.shown[0], MAXROWS * MAXCOLS);
	return true;
}
