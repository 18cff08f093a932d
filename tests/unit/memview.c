/*
 * memview.c - the monitor's picture of a small machine: as it is told once, and
 * live, on a terminal, with what is said of what lies under the cursor.
 *
 *	0    1M   2M   16M      32M  +4K      48M +512K 64M
 *	[ R  [ u  ]    [ kernel ][k ][ pages  ]         [ a ]
 *
 * needs: tests/host/monitored.c tests/host/heap.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "conf.h"
#include "heap.h"
#include "key.h"
#include "memmap.h"
#include "monitored.h"
#include "page.h"

enum { COLUMNS = 64, ROWS = 14, LABEL = 15, NFRAMES = 4096 };

static uint64_t table[1 << 15];

static int
setup(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, NFRAMES);
	heappages();
	memmapinit(table, sizeof table);
	memmapadd(0, MiB, MemReserved);
	memmapadd(MiB, MiB, MemUMB);
	memmapadd(HEAPBASE, 32 * MiB + 512 * KiB, MemRAM);
	memmapadd(64 * MiB, 64 * KiB, MemACPI);
	monitored = (Monitored){.late = false};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	stage = SMACH;
	return 0;
}

/* Told once: no terminal answers. */
#define ONCE "picture\r" MOMENT
#define LIVE "picture\r" ANSWER

static const char *
firstrow(void)
{
	return strstr(hostsaid(), "\n0x") + 1;
}

/* How often the letter is in the rows; each must be whole. */
static size_t
letters(char letter)
{
	const char *s = firstrow();
	size_t n = 0;

	for (int row = 0; row < ROWS; row++) {
		assert_int_equal(strncmp(s, "0x", 2), 0);
		assert_int_equal(strcspn(s, "\n"), LABEL + COLUMNS);
		for (int i = 0; i < COLUMNS; i++)
			n += s[LABEL + i] == letter;
		s += LABEL + COLUMNS + 1;
	}
	assert_int_not_equal(strncmp(s, "0x", 2), 0);
	return n;
}

/* What the rows have from this cell on. */
static char
letterat(size_t cell)
{
	return firstrow()[cell / COLUMNS * (LABEL + COLUMNS + 1) + LABEL +
			  cell % COLUMNS];
}

static void
each_owner_has_its_letter(void **state)
{
	(void)state;
	types(ONCE);
	assert_in_range(letters('R'), 26, 30);
	assert_int_equal(letters('u'), 1);
	assert_int_equal(letters('-'), 2);
	assert_in_range(letters('k'), 434, 441);
	assert_in_range(letters('.'), 417, 424);
	assert_in_range(letters('a'), 2, 3);
	assert_in_range(letters('#') + letters('+') + letters('x'), 0, 6);
	assert_int_equal(letterat(0), 'R');
	assert_int_equal(letterat(ROWS * COLUMNS - 1), 'a');
	assert_mentioned("picture\nAll memory  a letter: 38.7 KB of RAM, "
			 "37.9 KB of the rest\n0x000000000000 RR");
	assert_mentioned(
	    "\n. pages 16 MB  k kernel 16.5 MB  a ACPI tables 64 KB  "
	    "R reserved 1 MB  \nu upper memory 1 MB  - nothing ");
	assert_mentioned("256 of a cell are looked at\nmem9> ");
	assert_int_equal(monitored.seen.wrote, 0);
}

/* The kernel's share of a bank ends, and what follows is not its any more. */
static void
a_bank_is_the_kernels_first(void **state)
{
	(void)state;
	conf.mem[0].klimit -= 8 * MiB;
	types(ONCE);
	assert_in_range(letters('k'), 222, 230);
	assert_in_range(letters('x'), 205, 225);
	assert_mentioned("\n. pages 24 MB  k kernel 8.5 MB  ");
}

static void
pages_in_use_are_seen(void **state)
{
	static Page *pages[NFRAMES];
	size_t n = 0;

	(void)state;
	while (n < NFRAMES / 2)
		pages[n++] = newpage(NOCLEAR, 0);
	types(ONCE);
	assert_in_range(letters('#'), 200, 280);
	assert_in_range(letters('+'), 0, 2);
	for (size_t i = 0; i < n; i++)
		if (pagepa(pages[i]) / BY2PG % 8 != 0)
			putpage(pages[i]);
	types(ONCE);
	assert_in_range(letters('#'), 0, 110);
	assert_in_range(letters('+'), 100, 240);
}

/* For programs: each piece, whole; they have no gap. */
static void
pieces_are_lines(void **state)
{
	(void)state;
	types("picture -v\r");
	assert_mentioned("mem9: picture base=0x0 size=0x100000 "
			 "owner=\"reserved\"\nmem9: picture base=0x100000 "
			 "size=0x100000 owner=\"upper memory\"\n"
			 "mem9: picture base=0x200000 size=");
	assert_mentioned("mem9: picture base=0x2001000 size=0x1000000 "
			 "owner=\"pages\" looked=256 free=");
	assert_mentioned("\nmem9: picture base=0x4000000 size=0x10000 "
			 "owner=\"ACPI tables\"\nmem9> ");
	assert_int_equal(hosttimes("looked="), 1);
	assert_int_equal(monitored.asked, 0);
}

static const Glass *const seen = &monitored.seen;

/* Rows of the terminal: the first of the picture, and what is said below. */
static size_t
top(void)
{
	return glassfind(seen, "All memory") + 1;
}

static const char *
said(void)
{
	return seen->text[top() + ROWS];
}

static void
assert_named(const char *want)
{
	if (strncmp(said(), want, strlen(want)) != 0)
		fail_msg("not \"%s\", but \"%s\"", want, said());
}

/* The cursor, which is where the terminal's own is. */
static void
assert_cursor(size_t row, size_t col)
{
	assert_int_equal(seen->row, top() + row);
	assert_int_equal(seen->col, LABEL + col);
}

static void
a_terminal_sees_it_live(void **state)
{
	(void)state;
	types(LIVE "j");
	assert_int_equal(monitored.asked, 1);
	assert_null(strstr(hostsaid(), "All memory"));
	assert_int_equal(top(), 1);
	for (size_t i = 0; i < ROWS; i++)
		assert_int_equal(strncmp(seen->text[1 + i], "0x", 2), 0);
	assert_named("0x"); /* where the cursor is */
	assert_int_equal(glassfind(seen, ". pages 16 MB"), 1 + ROWS + 1);
	assert_int_equal(glassfind(seen, "arrows or h j k l"), 19);
	assert_int_equal(seen->scrolled, 0);
	assert_cursor(1, 0);
}

/* At the screen nobody is asked; if it is too small, it is told once. */
static void
so_does_a_screen(void **state)
{
	static const int typed[] = {
	    'p', 'i', 'c', 't', 'u', 'r', 'e', '\r', KEYRIGHT, 0};

	(void)state;
	monitored.board = typed;
	monitored.cols = 80;
	types("");
	assert_int_equal(monitored.asked, 0);
	assert_int_equal(top(), 1);
	assert_cursor(0, 1);
	monitored.board = typed;
	monitored.cols = 79;
	types("");
	assert_mentioned("\nAll memory ");
	assert_mentioned("\nPrinted once: 24 rows of 79; in 7 of 80 it stays "
			 "and is live.\nmem9> ");
	assert_int_equal(seen->wrote, 0);
	monitored.board = typed;
	monitored.cols = 0; /* there is no screen */
	types("");
	assert_mentioned("\nAll memory ");
	assert_int_equal(hosttimes("Printed once"), 0);
	monitored.board = NULL;
}

static void
the_cursor_names_what_is_under_it(void **state)
{
	(void)state;
	types(LIVE "l");
	assert_named("0x9000-0x11fff, 36 KB: reserved   ");
	assert_cursor(0, 1);
	types(LIVE "jjjjjjjj");
	assert_named("0x");
	assert_non_null(
	    strstr(said(), " KB: pages, of 9: 9 free, 0 in use   "));
	types(LIVE "\x1b[B\x1b[C\x1b[C\x1b[A");
	assert_cursor(0, 2);
	types(LIVE "\x1b[B\x1b[C\x1b[C\x1b[A\x1b[D");
	assert_cursor(0, 1);
	types(LIVE "lljh");
	assert_cursor(1, 1);
}

/* As firmware's map has it; and in mem9's own block. */
static void
it_says_whose_it_was(void **state)
{
	typedef struct {
		uint32_t type, pad;
		uint64_t pa, va, n, attr;
	} Desc;
	static Desc many[5];
	static const Desc map[] = {
	    {6, 0, 0, 0, 1, 15}, {0x80000000, 0, 0x9000, 0, 1, 15}};

	(void)state;
	monitored.map =
	    (Efimap){.desc = map, .size = sizeof map, .stride = sizeof map[0]};
	bootinfo->block = (Part){.pa = 0x1a000, .size = 4 * MiB};
	types(LIVE MOMENT);
	assert_named("0x0-0x8fff, 36 KB: reserved, firmware's "
		     "RuntimeServicesData  ");
	types(LIVE "l");
	assert_named("0x9000-0x11fff, 36 KB: reserved, firmware's type "
		     "without a name  ");
	types(LIVE "lll");
	assert_non_null(strstr(said(), ": reserved, mem9's own   "));
	types(LIVE "ll");
	assert_non_null(strstr(said(), ": reserved   "));
	bootinfo->block = (Part){.size = 0};
	for (size_t i = 0; i < nelem(many); i++)
		many[i] = map[0];
	monitored.map.desc = many;
	monitored.map.size = sizeof many;
	types(LIVE MOMENT); /* more than a line has room for */
	assert_int_equal(strlen(said()), GLASSCOLS);
	assert_int_equal(said()[GLASSCOLS - 1], ' ');
	assert_int_equal(glassfind(seen, ". pages 16 MB"), 1 + ROWS + 1);
}

/* More than a cell has, and than wait to be given out; once. */
static Page *taken[512];

static void
take(void)
{
	if (taken[0] == NULL && seen->wrote > 0)
		for (size_t i = 0; i < nelem(taken); i++)
			taken[i] = newpage(NOCLEAR, 0);
}

static void
giveback(void)
{
	for (size_t i = 0; i < nelem(taken); i++)
		putpage(taken[i]);
	taken[0] = NULL;
}

/* Cells of pages that are not all free. */
static size_t
inuse(void)
{
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			n += strchr("#+", seen->text[1 + i][LABEL + k]) != NULL;
	return n;
}

/*
 * What changes meanwhile shows, with no key; where nothing does, nothing is
 * written.
 */
static void
it_is_live(void **state)
{
	size_t wrote;

	(void)state;
	types(LIVE "jjjjjjjj" MOMENT);
	wrote = seen->wrote;
	types(LIVE "jjjjjjjj" MOMENT MOMENT MOMENT);
	assert_int_equal(seen->wrote, wrote);
	size_t before = inuse();
	monitored.meanwhile = take;
	types(LIVE "jjjjjjjj" MOMENT MOMENT);
	assert_in_range(inuse(), before + 20, ROWS * COLUMNS);
	assert_cursor(8, 0);
	assert_in_range(seen->wrote, wrote + 1, wrote + 4 * 80);
	giveback();
}

static void
the_cursor_stays_inside(void **state)
{
	char keys[100] = LIVE "hk";

	(void)state;
	types(keys);
	assert_cursor(0, 0);
	for (int i = 0; i < ROWS; i++)
		strcat(keys, "j");
	types(keys);
	assert_cursor(13, 0);
	types(LIVE "jjjjjjjjjjjjjhl");
	assert_cursor(13, 0);
	types(LIVE "jjjjjjjjjjjjjhllk");
	assert_cursor(12, 1);
}

/* Other keys do nothing; an escape of its own, q or a line's end is the end. */
static void
a_key_ends_it(void **state)
{
	static const char *const ends[] = {
	    "q", "\r", "\n", ("\x1b" MOMENT), "\x03"};

	(void)state;
	for (size_t i = 0; i < nelem(ends); i++) {
		char keys[40];

		sprintf(keys, LIVE "x\x1b[Z\x1b[3h%snope\r", ends[i]);
		types(keys);
		assert_mentioned("mem9> nope\nnope: unknown");
		assert_int_equal(seen->row, 20); /* below all of it */
		assert_int_equal(seen->col, 0);
	}
}

/* So does the end of the keyboard that it is looked at by. */
static void
it_does_not_wait_for_a_dead_keyboard(void **state)
{
	static const int typed[] = {
	    'p', 'i', 'c', 't', 'u', 'r', 'e', '\r', 'h', 0};

	(void)state;
	monitored = (Monitored){.board = typed, .dies = true, .cols = 80};
	types("");
	assert_int_equal(seen->row, 20);
	assert_mentioned("\nthe keyboard sends without end");
	monitored = (Monitored){.board = NULL};
}

static void
report(void)
{
	monitored.reports++;
}

/* A report breaks in: who reads it has a prompt after it. */
static void
a_report_ends_it(void **state)
{
	(void)state;
	monitored.meanwhile = report;
	types(LIVE MOMENT "pages\r");
	assert_mentioned("<pages>");
}

static void
a_map_of_nothing_is_no_picture(void **state)
{
	(void)state;
	memmapinit(table, sizeof table);
	types(LIVE "pages\r");
	assert_mentioned("<pages>");
	assert_int_equal(seen->row, 4);
	assert_int_equal(glassfind(seen, "0x"), GLASSROWS);
}

/*
 * As many ranges as there are have a cell each, in whole rows; of those that
 * are more than there is room for, the ones around the cursor are shown.
 */
static void
many_ranges_have_more_rows(void **state)
{
	(void)state;
	for (paddr_t i = 0; i < 500; i++)
		memmapadd(GiB + 2 * i * MiB, MiB, MemReserved);
	types(ONCE);
	assert_int_equal(hosttimes("\n0x"), 16);
	assert_mentioned("\n. pages ");
	types(LIVE "l");
	assert_non_null(strstr(seen->text[0], "; rows 1-14 of 16"));
	assert_int_equal(strncmp(seen->text[1], "0x000000000000 ", 15), 0);
	types(LIVE "jjjjjjjjjjjjjjjj");
	assert_non_null(strstr(seen->text[0], "; rows 3-16 of 16"));
	assert_int_not_equal(strncmp(seen->text[1], "0x0000000", 9), 0);
	assert_cursor(13, 0);
	types(LIVE "jjjjjjjjjjjjjjjjkkkkkkkkkkkkkk");
	assert_non_null(strstr(seen->text[0], "; rows 2-15 of 16"));
	assert_cursor(0, 0);
	assert_int_equal(glassfind(seen, "arrows or h j k l"), 19);
}

/* As many rows as there is room for beside what is said of them, in place. */
static void
a_small_terminal_shows_fewer_rows(void **state)
{
	(void)state;
	monitored.rows = 12;
	types("picture\r" ANSWEROF(12, 80) "jjjjjjl");
	assert_int_equal(monitored.asked, 1);
	assert_int_equal(glassfind(seen, "All memory"), 0);
	assert_non_null(strstr(seen->text[0], "; rows 2-7 of 14"));
	for (size_t i = 1; i <= 6; i++)
		assert_int_equal(strncmp(seen->text[i], "0x", 2), 0);
	assert_non_null(strstr(seen->text[7], " KB: "));
	assert_int_equal(glassfind(seen, ". pages 16 MB"), 8);
	assert_int_equal(glassfind(seen, "arrows or h j k l"), 11);
	assert_int_equal(seen->row, 6);
	assert_int_equal(seen->col, LABEL + 1);
	monitored.rows = 7;
	types("picture\r" ANSWEROF(7, 80) "j");
	assert_non_null(strstr(seen->text[0], "; rows 2-2 of 14"));
	assert_int_equal(glassfind(seen, "arrows or h j k l"), 6);
	assert_int_equal(seen->row, 1);
}

/* In one with less room than that it would not stay in its place. */
static void
one_too_small_is_told_so(void **state)
{
	static const char *const small[] = {"picture\r" ANSWEROF(6, 80),
	    "picture\r" ANSWEROF(24, 79), "picture\r" ANSWEROF(0, 0)};
	static const char *const why[] = {
	    "6 rows of 80", "24 rows of 79", "0 rows of 0"};

	(void)state;
	for (size_t i = 0; i < nelem(small); i++) {
		char text[100];

		types(small[i]);
		sprintf(text,
		    "are looked at\nPrinted once: %s; in 7 of 80 it stays and "
		    "is live.\nmem9> ",
		    why[i]);
		assert_mentioned(text);
		assert_int_equal(letters('u'), 1);
		assert_int_equal(seen->wrote, 0);
	}
}

/* The picture has been told by then; at the prompt it is no key. */
static void
a_late_answer_is_nothing(void **state)
{
	(void)state;
	types("picture\r" MOMENT "pa" ANSWER "ges\r");
	assert_mentioned("256 of a cell are looked at\nmem9> pages\n<pages>");
	assert_int_equal(seen->wrote, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_owner_has_its_letter),
	    TEST(a_bank_is_the_kernels_first),
	    TEST(pages_in_use_are_seen),
	    TEST(pieces_are_lines),
	    TEST(a_terminal_sees_it_live),
	    TEST(so_does_a_screen),
	    TEST(the_cursor_names_what_is_under_it),
	    TEST(it_says_whose_it_was),
	    TEST(it_is_live),
	    TEST(the_cursor_stays_inside),
	    TEST(a_key_ends_it),
	    TEST(it_does_not_wait_for_a_dead_keyboard),
	    TEST(a_report_ends_it),
	    TEST(a_map_of_nothing_is_no_picture),
	    TEST(many_ranges_have_more_rows),
	    TEST(a_small_terminal_shows_fewer_rows),
	    TEST(one_too_small_is_told_so),
	    TEST(a_late_answer_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
