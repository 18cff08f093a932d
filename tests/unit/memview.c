/*
 * memview.c - the monitor's picture: what is drawn of a small machine, and what
 * is said of what lies under the cursor.
 *
 *	0    1M   2M   16M      32M  +4K      48M +512K 64M
 *	[ R  [ u  ]    [ kernel ][k ][ pages  ]         [ a ]
 *
 * needs: tests/host/monitored.c tests/host/heap.c
 */
#include "unit.h"
#include "conf.h"
#include "heap.h"
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

/* How often the letter is in the rows; each must be whole. */
static size_t
letters(char letter)
{
	const char *s = strchr(hostsaid(), '\n') + 1;
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
	const char *s = strchr(hostsaid(), '\n') + 1;

	return s[cell / COLUMNS * (LABEL + COLUMNS + 1) + LABEL +
		 cell % COLUMNS];
}

static void
each_owner_has_its_letter(void **state)
{
	(void)state;
	types("picture\rq");
	assert_in_range(letters('R'), 26, 30);
	assert_int_equal(letters('u'), 1);
	assert_int_equal(letters('-'), 2);
	assert_in_range(letters('k'), 434, 441);
	assert_in_range(letters('.'), 417, 424);
	assert_in_range(letters('a'), 2, 3);
	assert_in_range(letters('#') + letters('+') + letters('x'), 0, 6);
	assert_int_equal(letterat(0), 'R');
	assert_int_equal(letterat(ROWS * COLUMNS - 1), 'a');
	assert_mentioned(
	    "\n. pages 16 MB  k kernel 16.5 MB  a ACPI tables 64 KB  "
	    "R reserved 1 MB  \nu upper memory 1 MB  - nothing ");
	assert_mentioned("q: enough\nmem9> ");
}

/* The kernel's share of a bank ends, and what follows is not its any more. */
static void
a_bank_is_the_kernels_first(void **state)
{
	(void)state;
	conf.mem[0].klimit -= 8 * MiB;
	types("picture\rq");
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
	types("picture\r ");
	assert_int_equal(hosttimes("\n0x000000000000 RR"), 2);
	while (n < NFRAMES / 2)
		pages[n++] = newpage(NOCLEAR, 0);
	types("picture\rq");
	assert_in_range(letters('#'), 200, 280);
	assert_in_range(letters('+'), 0, 2);
	for (size_t i = 0; i < n; i++)
		if (pagepa(pages[i]) / BY2PG % 8 != 0)
			putpage(pages[i]);
	types("picture\rq");
	assert_in_range(letters('#'), 0, 110);
	assert_in_range(letters('+'), 100, 240);
}

static void
the_cursor_names_what_is_under_it(void **state)
{
	(void)state;
	types("picture\rl");
	assert_mentioned("row 0 column 1: 0x");
	assert_mentioned(" reserved   ");
	types("picture\rjjjjjjjj");
	assert_mentioned("row 8 column 0: 0x");
	assert_mentioned(" pages  . ");
	assert_mentioned("  # 0  x 0   ");
	types("picture\r\x1b[B\x1b[C\x1b[C\x1b[A\x1b[D");
	assert_mentioned("row 1 column 0: ");
	assert_mentioned("row 1 column 2: ");
	assert_mentioned("row 0 column 2: ");
	assert_mentioned("row 0 column 1: ");
	assert_int_equal(hosttimes("row "), 5);
}

/* However long it is looked at: each is written over the one before. */
static void
the_picture_does_not_scroll_away(void **state)
{
	const char *s, *end;

	(void)state;
	types("picture\rjlkh");
	s = strstr(hostsaid(), "row ");
	assert_int_equal(strcspn(s, "\n"), strlen(s));
	for (; *s != '\0'; s = end + 1) {
		end = strchr(s, '\r');
		assert_int_equal(end - s, 79);
	}
	types("picture\rj lq");
	assert_int_equal(hosttimes("   \r\n0x000000000000 R"), 1);
	assert_int_equal(hosttimes("   \r\nmem9> "), 1);
}

static void
the_cursor_stays_inside(void **state)
{
	char keys[100] = "picture\rhk";

	(void)state;
	for (int i = 0; i < ROWS; i++)
		strcat(keys, "j");
	types(keys);
	assert_int_equal(hosttimes("row 0 column 0: 0x0-0x"), 2);
	assert_int_equal(hosttimes("row 13 column 0: "), 2);
	types("picture\rjjjjjjjjjjjjjjjjjjhlk");
	assert_mentioned("row 12 column 63: ");
}

/* Other keys do nothing; an escape of its own, q or a line's end is the end. */
static void
a_key_ends_it(void **state)
{
	static const char *const ends[] = {"q", "\r", "\n", "\x1b", "\x03"};

	(void)state;
	for (size_t i = 0; i < nelem(ends); i++) {
		char keys[40];

		sprintf(keys, "picture\rx\x1b[Z\x1b[3hh%snope\r", ends[i]);
		types(keys);
		assert_int_equal(hosttimes("row "), 1);
		assert_mentioned("mem9> nope\nnope: unknown");
	}
	monitored.late = true;
	monitored.rests = 0;
	types("picture\rhqpages\r");
	assert_mentioned("<pages>");
	assert_in_range(monitored.rests, 16, 17);
}

/* So does the end of the keyboard that it is looked at by. */
static void
it_does_not_wait_for_a_dead_keyboard(void **state)
{
	static const int typed[] = {
	    'p', 'i', 'c', 't', 'u', 'r', 'e', '\r', 'h', 0};

	(void)state;
	monitored = (Monitored){.board = typed, .dies = true};
	types("");
	assert_int_equal(hosttimes("row "), 1);
	assert_mentioned("\nthe keyboard sends without end");
	monitored = (Monitored){.board = NULL};
}

static void
a_map_of_nothing_is_no_picture(void **state)
{
	(void)state;
	memmapinit(table, sizeof table);
	types("picture\rhjq");
	assert_int_equal(hosttimes("row "), 0);
	assert_int_equal(hosttimes(" 0 KB "), 0);
}

/* As many ranges as there are have a cell each, in whole rows. */
static void
many_ranges_have_more_rows(void **state)
{
	(void)state;
	for (paddr_t i = 0; i < 500; i++)
		memmapadd(GiB + 2 * i * MiB, MiB, MemReserved);
	types("picture\rjjjjjjjjjjjjjjjj");
	assert_mentioned("row 15 column 0: ");
	assert_int_equal(hosttimes("row 15 "), 2);
	assert_int_equal(hosttimes("\n0x"), 16);
	assert_mentioned("\n. pages ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_owner_has_its_letter),
	    TEST(a_bank_is_the_kernels_first),
	    TEST(pages_in_use_are_seen),
	    TEST(the_cursor_names_what_is_under_it),
	    TEST(the_picture_does_not_scroll_away),
	    TEST(the_cursor_stays_inside),
	    TEST(a_key_ends_it),
	    TEST(it_does_not_wait_for_a_dead_keyboard),
	    TEST(a_map_of_nothing_is_no_picture),
	    TEST(many_ranges_have_more_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
