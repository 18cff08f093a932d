/*
 * screen.c - text in a framebuffer that is plain memory, with a font made here:
 * glyph n is n in each of its eight rows, but a blank's are empty.
 *
 * needs: arch/screen.c
 */
#include "unit.h"
#include "cpu.h"
#include "screen.h"

enum { GLYPHS = 128, HIGH = 8, COLS = 24, ROWS = 5, BIG = 2560, TALL = 1440 };

/* Where arch/font.S has the real one. */
__asm__(".data\n.balign 8\n.globl font, fontend\n"
	"font: .skip 32 + 128 * 8\nfontend: .skip 8\n.text\n");
extern uint8_t font[];

static uint32_t pixels[BIG * TALL];
static uint32_t fenced[nelem(pixels)]; /* pixels, when storefence was called */

void
storefence(void)
{
	memcpy(fenced, pixels, sizeof pixels);
}

static void
makefont(bool psf2)
{
	const uint32_t header[8] = {
	    0x864ab572, 0, 32, 0, GLYPHS, HIGH, HIGH, 8};
	const uint8_t old[4] = {0x36, 0x04, 0, HIGH};
	uint8_t *glyphs = font + (psf2 ? sizeof header : sizeof old);

	memcpy(font, psf2 ? (const void *)header : old,
	    psf2 ? sizeof header : sizeof old);
	for (size_t i = 0; i < GLYPHS * HIGH; i++)
		glyphs[i] = (uint8_t)(i / HIGH == ' ' ? 0 : i / HIGH);
}

static Fb
fbof(uint32_t width, uint32_t height, uint32_t bytes)
{
	return (Fb){.size = (size_t)width * height * bytes,
	    .width = width,
	    .height = height,
	    .pitch = width,
	    .bytes = bytes,
	    .red = 0xe0,
	    .green = 0x1c,
	    .blue = 0x03};
}

static int
setup(void **state)
{
	Fb fb = fbof(COLS * 8, ROWS * HIGH, 4);

	(void)state;
	makefont(true);
	assert_true(screeninit(&fb, pixels));
	return 0;
}

/* As cell() below, of rows that are pitch pixels apart. */
static unsigned
cellof(size_t pitch, unsigned row, unsigned col, unsigned bytes)
{
	const uint8_t *p =
	    (const uint8_t *)pixels + (row * HIGH * pitch + col * 8) * bytes;
	unsigned n = 0;

	for (unsigned x = 0; x < 8; x++, p += bytes) {
		uint32_t v = 0;

		memcpy(&v, p, bytes);
		assert_true(v == 0 || v == 0xff);
		n = n << 1 | (v != 0);
	}
	return n;
}

/* What is in that cell, by its first row of pixels of so many bytes. */
static unsigned
cell(unsigned row, unsigned col, unsigned bytes)
{
	return cellof(COLS * 8, row, col, bytes);
}

static void
all_that_is_drawn_is_fenced(void **state)
{
	(void)state;
	for (const char *s = "ab\ncd\t."; *s != '\0'; s++) {
		screenwrite(s, 1);
		assert_memory_equal(fenced, pixels, sizeof pixels);
	}
	assert_int_equal(cell(1, 8, 4), '.');
}

static void
pixels_of_each_size(void **state)
{
	(void)state;
	for (uint32_t bytes = 2; bytes <= 4; bytes++) {
		Fb fb = fbof(COLS * 8, ROWS * HIGH, bytes);

		assert_true(screeninit(&fb, pixels));
		screenwrite("m\n 9", 4);
		assert_int_equal(cell(0, 0, bytes), 'm');
		assert_int_equal(cell(1, 0, bytes), 0);
		assert_int_equal(cell(1, 1, bytes), '9');
	}
}

/* Pixels beyond the width are cleared once, and then left alone. */
static void
rows_are_a_pitch_apart(void **state)
{
	enum { PITCH = COLS * 8 + 24 };

	(void)state;
	for (uint32_t bytes = 2; bytes <= 4; bytes++) {
		Fb fb = fbof(COLS * 8, ROWS * HIGH, bytes);

		fb.pitch = PITCH;
		fb.size = (size_t)PITCH * fb.height * bytes;
		memset(pixels, 0x55, sizeof pixels);
		assert_true(screeninit(&fb, pixels));
		assert_int_equal(screencols(), COLS);
		assert_int_equal(screenrows(), ROWS);
		screenwrite("m\n 9\n\n\n012345678901234567890123", 31);
		assert_int_equal(cellof(PITCH, 0, 0, bytes), 'm');
		assert_int_equal(cellof(PITCH, 1, 1, bytes), '9');
		assert_int_equal(cellof(PITCH, ROWS - 1, COLS - 1, bytes), '3');
		for (size_t y = 0; y < ROWS * HIGH; y++)
			for (size_t x = COLS * 8 * bytes; x < PITCH * bytes;
			     x++)
				assert_int_equal(
				    ((uint8_t *)pixels)[y * PITCH * bytes + x],
				    0);
		assert_int_equal(((uint8_t *)pixels)[fb.size], 0x55);
	}
}

/* What is there is written over, from the column on; the top is the end. */
static void
up_is_a_row_above(void **state)
{
	(void)state;
	screenwrite("\nz\nab\ncd", 8);
	screenup();
	screenup();
	assert_int_equal(cell(1, 0, 4), 'z');
	screenwrite("w", 1);
	assert_int_equal(cell(1, 2, 4), 'w');
	setup(state);
	screenwrite("ab\ncd", 5);
	screenup();
	screenwrite("x\rc", 3);
	assert_int_equal(cell(0, 0, 4), 'c');
	assert_int_equal(cell(0, 1, 4), 'b');
	assert_int_equal(cell(0, 2, 4), 'x');
	assert_int_equal(cell(1, 0, 4), 'c');
	screenup();
	screenwrite("y", 1);
	assert_int_equal(cell(0, 1, 4), 'y');
}

/* As the monitor takes back a character: back, blank, back. */
static void
backspace_and_blank_wipe_a_character(void **state)
{
	(void)state;
	screenwrite("ab\b \b", 5);
	assert_int_equal(cell(0, 0, 4), 'a');
	assert_int_equal(cell(0, 1, 4), 0);
	screenwrite("c", 1);
	assert_int_equal(cell(0, 1, 4), 'c');
	assert_int_equal(cell(0, 2, 4), 0);
}

static void
controls_wrap_and_scroll(void **state)
{
	(void)state;
	assert_int_equal(screencols(), COLS);
	assert_int_equal(screenrows(), ROWS);
	screenwrite("ab\b\b\bX\tY\rZ", 11);
	assert_int_equal(cell(0, 0, 4), 'Z');
	assert_int_equal(cell(0, 1, 4), 0);
	assert_int_equal(cell(0, 8, 4), 'Y');
	screenwrite("\n0123456789012345678901234567", 29);
	assert_int_equal(cell(1, COLS - 1, 4), '3');
	assert_int_equal(cell(2, 0, 4), '4');
	screenwrite("\n\n\n\xff", 4);
	assert_int_equal(cell(1, 3, 4), '7');
	assert_int_equal(cell(4, 0, 4), '?');
	assert_int_equal(cell(3, 0, 4), 0);
}

static void
the_older_font_and_large_glyphs(void **state)
{
	Fb fb = fbof(BIG, TALL, 4);

	(void)state;
	makefont(false);
	memset(font + 4 + GLYPHS * HIGH, 0, 32 - 4);
	/* 256 glyphs, so it ends too late; half of each row then */
	font[3] = HIGH / 2;
	assert_true(screeninit(&fb, pixels));
	assert_int_equal(screencols(), BIG / 8 / 2);
	assert_int_equal(screenrows(), 135);
	font[3] = HIGH;
	assert_false(screeninit(&fb, pixels));
}

/* More cells than there is room for, and memory beyond the last row. */
static void
a_large_screen_is_used_in_part(void **state)
{
	Fb fb = fbof(245 * 8, 140 * HIGH, 2);
	void *large = calloc(1, fb.size);

	(void)state;
	fb.height -= HIGH;
	assert_true(screeninit(&fb, large));
	assert_int_equal(screencols(), 240);
	assert_int_equal(screenrows(), 135);
	free(large);
}

static void
no_screen_where_there_can_be_none(void **state)
{
	Fb fb = fbof(COLS * 8, ROWS * HIGH, 4);
	Fb none = fb, narrow = fb, low = fb;

	(void)state;
	none.size = 0;
	narrow.width = 19 * 8;
	low.size = fb.size / 2;
	assert_true(screenfits(&fb));
	assert_false(screenfits(&none));
	assert_false(screenfits(&narrow));
	assert_false(screenfits(&low));
	assert_false(screeninit(&none, pixels));
	assert_false(screeninit(&fb, NULL));
	assert_false(screeninit(&narrow, pixels));
	assert_false(screeninit(&low, pixels));
	font[0] = 0;
	assert_false(screenfits(&fb));
	assert_false(screeninit(&fb, pixels));
}

/* Glyphs stay as large as on 1280 by 720, to the whole number below. */
static void
glyphs_are_scaled_both_ways(void **state)
{
	static const uint32_t sizes[][3] = {{1920, 1080, 1}, {2560, 1440, 2},
	    {2559, 1440, 1}, {2560, 1439, 1}, {3840, 2160, 3}, {3840, 1080, 1},
	    {800, 600, 1}, {1280, 1440, 1}, {2560, 2160, 2}};
	uint32_t *large = calloc(3840 * 2160, 4);

	(void)state;
	for (size_t i = 0; i < nelem(sizes); i++) {
		Fb fb = fbof(sizes[i][0], sizes[i][1], 4);

		assert_true(screeninit(&fb, large));
		assert_int_equal(
		    screencols(), MIN(240u, fb.width / 8 / sizes[i][2]));
		assert_int_equal(
		    screenrows(), MIN(135u, fb.height / HIGH / sizes[i][2]));
	}
	free(large);
}

/* A pixel's value at that place of a cell; 0 is the left of its first row. */
static uint32_t
pixel(unsigned row, unsigned col, unsigned x)
{
	return pixels[row * HIGH * COLS * 8 + col * 8 + x];
}

/* White where nothing is written, and it is gone when something is. */
static void
the_cursor_is_where_the_next_goes(void **state)
{
	(void)state;
	screenwrite("ab", 2);
	screencursor();
	assert_int_equal(pixel(0, 2, 0), 0xff);
	assert_int_equal(pixel(0, 1, 0), 0);
	screenwrite("\b", 1);
	assert_int_equal(pixel(0, 2, 0), 0);
	screencursor();
	assert_int_equal(pixel(0, 1, 0), 0xff);
	screenwrite("\n", 1);
	assert_int_equal(pixel(0, 1, 0), 0);
	for (unsigned i = 0; i < screencols(); i++)
		screenwrite("x", 1);
	screencursor(); /* beyond the last column there is none */
	assert_int_equal(pixel(2, 0, 0), 0);
}

static void
it_can_be_cleared(void **state)
{
	(void)state;
	screenwrite("\x7f\n\x7f", 3);
	screenclear();
	assert_int_equal(pixel(0, 0, 1), 0);
	assert_int_equal(pixel(1, 0, 1), 0);
	screenwrite("\x7f", 1);
	assert_int_equal(pixel(0, 0, 1), 0xff);
}

/* A block is one colour all over, and all are different; white is all bits. */
static void
inks_are_colours(void **state)
{
	uint32_t seen[NINK];

	(void)state;
	for (int i = 0; i < INKCURSOR; i++) {
		screenink((enum ink)i);
		screenwrite("\x7f", 1); /* all dots but the left one */
		seen[i] = pixel(0, (unsigned)i, 1);
		assert_int_equal(
		    pixel(0, (unsigned)i, 0), i < INKGREEN ? 0 : seen[i]);
		for (int k = 0; k < i; k++)
			assert_int_not_equal(seen[k], seen[i]);
	}
	assert_int_equal(seen[INKPLAIN], 0xff);
	assert_int_equal(seen[INKBAD] & 0xe0, 0xe0); /* red, most of all */
	assert_true((seen[INKGOOD] & 0x1c) > (seen[INKBAD] & 0x1c));
	assert_true((seen[INKHEAD] & 3) == 3 && (seen[INKGREEN] & 3) < 3);
	/* The same letter in another colour is drawn again; it scrolls. */
	screenink(INKPLAIN);
	screenwrite("\r\x7f\n\n\n\n\n", 7);
	assert_int_equal(pixel(0, 0, 1), 0);
	screenink(INKBLUE);
	screenwrite(" \n", 2);
	assert_int_equal(pixel(3, 0, 0), seen[INKBLUE]);
	assert_int_equal(pixel(4, 0, 0), 0);
	screenwrite("\n", 1);
	assert_int_equal(pixel(2, 0, 0), seen[INKBLUE]);
	assert_int_equal(pixel(3, 0, 0), 0);
}

/* A colour that a pixel has no bits for is left out. */
static void
a_screen_may_lack_a_colour(void **state)
{
	Fb fb = fbof(COLS * 8, ROWS * HIGH, 4);

	(void)state;
	fb.blue = 0;
	assert_true(screeninit(&fb, pixels));
	screenwrite("\x7f", 1);
	assert_int_equal(pixel(0, 0, 1), 0xfc);
}

/* The first of all: nothing has been shown yet. */
static void
without_a_screen_nothing_is_drawn(void **state)
{
	(void)state;
	memset(pixels, 0x55, sizeof pixels);
	memset(fenced, 0x55, sizeof fenced);
	screenwrite("x", 1);
	screenclear();
	screencursor();
	assert_memory_equal(fenced, pixels, sizeof pixels);
	assert_int_equal(screencols(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_screen_nothing_is_drawn),
	    cmocka_unit_test_setup(all_that_is_drawn_is_fenced, setup),
	    cmocka_unit_test_setup(pixels_of_each_size, setup),
	    cmocka_unit_test_setup(rows_are_a_pitch_apart, setup),
	    cmocka_unit_test_setup(up_is_a_row_above, setup),
	    cmocka_unit_test_setup(backspace_and_blank_wipe_a_character, setup),
	    cmocka_unit_test_setup(controls_wrap_and_scroll, setup),
	    cmocka_unit_test_setup(the_older_font_and_large_glyphs, setup),
	    cmocka_unit_test_setup(a_large_screen_is_used_in_part, setup),
	    cmocka_unit_test_setup(glyphs_are_scaled_both_ways, setup),
	    cmocka_unit_test_setup(the_cursor_is_where_the_next_goes, setup),
	    cmocka_unit_test_setup(it_can_be_cleared, setup),
	    cmocka_unit_test_setup(inks_are_colours, setup),
	    cmocka_unit_test_setup(a_screen_may_lack_a_colour, setup),
	    cmocka_unit_test_setup(no_screen_where_there_can_be_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
