/*
 * more.c - what goes on a screen of few rows, and where it stops.
 *
 * needs: kern/monitor/more.c
 */
#include "unit.h"
#include "log.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "../../kern/monitor/keys.h"
#include "../../kern/monitor/more.h"

enum { ROWS = 5, COLS = 50, NARROW = 40, TERMROWS = 24, TERMCOLS = 80 };

static char shown[4000];
static size_t n;
static const int *keys; /* up to a 0 */
static bool atscreen;
static unsigned rows, cols;
static uint32_t nreports;
static bool writing;          /* for the log, which is let go meanwhile */
static const char *meanwhile; /* written while a key is waited for */
static bool broken;           /* by Ctrl-C */

void
screenwrite(const char *s, size_t k)
{
	assert_true(n + k < sizeof shown);
	memcpy(shown + n, s, k);
	n += k;
	shown[n] = '\0';
}

/* It is one and the same here where it comes out; which it was is known. */
static size_t byserial;

void
serialwrite(const char *s, size_t k)
{
	byserial += k;
	screenwrite(s, k);
}

unsigned
screenrows(void)
{
	return rows;
}

unsigned
screencols(void)
{
	return cols;
}

bool
keyatscreen(void)
{
	return atscreen;
}

int
keywait(void)
{
	const char *s = meanwhile;

	assert_false(writing);
	screenwrite("?", 1);
	meanwhile = NULL;
	if (s != NULL)
		morewrite(s, strlen(s));
	assert_int_not_equal(*keys, 0);
	return *keys++;
}

bool
keybreak(void)
{
	return broken;
}

uint32_t
reports(void)
{
	return nreports;
}

bool
logpause(void)
{
	bool was = writing;

	writing = false;
	return was;
}

void
loggoon(void)
{
	writing = true;
}

static int
setup(void **state)
{
	static const int none[] = {0};

	(void)state;
	n = 0;
	shown[0] = '\0';
	keys = none;
	atscreen = true;
	rows = ROWS;
	cols = COLS;
	writing = true;
	broken = false;
	byserial = 0;
	morestart(MORESCREEN);
	return 0;
}

static void
writes(const char *s)
{
	bool was = writing;

	morewrite(s, strlen(s));
	assert_int_equal(writing, was);
}

#define STOP "-- space: more  Enter: a line  q: enough --?"
#define GONE "\r                                           \r"

static void
it_stops_at_each_screen(void **state)
{
	static const int typed[] = {' ', KEYPAGEDOWN, 0};

	(void)state;
	keys = typed;
	writes("1\n2\n3\n");
	assert_string_equal(shown, "1\n2\n3\n");
	writes("4\n5\n6");
	writes("6\n7\n8\n9\n");
	assert_string_equal(
	    shown, "1\n2\n3\n4\n" STOP GONE "5\n66\n7\n8\n" STOP GONE "9\n");
	assert_false(morequit());
}

static void
or_at_each_line(void **state)
{
	static const int typed[] = {'\r', KEYDOWN, '\n', 0};

	(void)state;
	keys = typed;
	writes("1\n2\n3\n4\n5\n6\n7");
	assert_string_equal(shown,
	    "1\n2\n3\n4\n" STOP GONE "5\n" STOP GONE "6\n" STOP GONE "7");
}

static void
enough_is_enough(void **state)
{
	static const int ends[] = {'q', 'Q', KEYESC, CTRL('c')};

	for (size_t i = 0; i < nelem(ends); i++) {
		const int typed[] = {ends[i], 0};

		setup(state);
		keys = typed;
		writes("1\n2\n3\n4\n5\n");
		assert_true(morequit());
		writes("6\n");
		assert_string_equal(shown, "1\n2\n3\n4\n" STOP GONE);
		morestop();
		assert_false(morequit());
		writes("7\n");
		assert_string_equal(shown, "1\n2\n3\n4\n" STOP GONE "7\n");
	}
}

/* A line that is longer than a row takes two; what is drawn over is one. */
static void
rows_are_counted(void **state)
{
	static const int typed[] = {' ', ' ', 0};
	char line[COLS + 2];

	(void)state;
	keys = typed;
	memset(line, 'x', COLS);
	strcpy(line + COLS, "\n");
	writes(line);
	writes(line);
	line[COLS - 20] = '\0';
	writes(line);
	writes("\r");
	writes(line);
	writes("\r1\n");
	assert_null(strstr(shown, "space"));
	writes("2\n");
	assert_non_null(strstr(shown, STOP));
	n = 0;
	line[COLS - 20] = line[COLS] = 'x';
	line[COLS + 1] = '\0';
	writes(line);
	writes("\n");
	writes(line);
	assert_null(strstr(shown, "space"));
	writes("\n");
	assert_non_null(strstr(shown, STOP));
}

static void
only_for_who_sits_there(void **state)
{
	(void)state;
	atscreen = false;
	morestart(MORESCREEN);
	writes("1\n2\n3\n4\n5\n6\n7\n");
	moreserial("1\n2\n3\n4\n5\n6\n7\n", 14);
	atscreen = true;
	rows = 3;
	morestart(MORESCREEN);
	writes("1\n2\n3\n4\n5\n6\n7\n");
	rows = ROWS;
	morestart(MOREANYWHERE);
	moreserial("1\n2\n3\n4\n5\n6\n7\n", 14);
	morestop();
	writes("1\n2\n3\n4\n5\n6\n7\n");
	assert_null(strstr(shown, "space"));
	assert_int_equal(n, 5 * 14);
}

/* A terminal is of one size, whatever the screen is; that goes on beside it. */
static void
or_at_a_terminal_if_that_is_asked_for(void **state)
{
	static const int enough[] = {' ', 'q', 0};
	char line[TERMCOLS + 2];

	(void)state;
	atscreen = false;
	rows = cols = 0;
	keys = enough;
	morestart(MOREANYWHERE);
	for (int i = 0; i < TERMROWS - 2; i++) {
		moreserial("a\n", 2);
		writes("b\n");
	}
	assert_null(strstr(shown, "space"));
	moreserial("last\n", 5);
	assert_non_null(strstr(shown, "last\n" STOP GONE));
	memset(line, 'x', sizeof line);
	line[TERMCOLS] = '\n';
	for (int i = 0; i < TERMROWS - 1; i++)
		moreserial(line, TERMCOLS + 1);
	assert_true(morequit());
	size_t was = byserial;
	moreserial("unseen\n", 7);
	assert_int_equal(byserial, was);
	writes("seen\n");
	assert_non_null(strstr(shown, "seen\n"));
}

/* Nobody presses a key for a report, and nothing of it is hidden. */
static void
a_report_is_shown_at_once(void **state)
{
	static const int enough[] = {'q', 0};

	(void)state;
	writes("1\n2\n");
	nreports++;
	writes("3\n4\n5\n6\n7\n");
	assert_string_equal(shown, "1\n2\n3\n4\n5\n6\n7\n");
	setup(state);
	keys = enough;
	writes("1\n2\n3\n4\n5\n");
	assert_true(morequit());
	nreports++;
	assert_false(morequit());
	writes("6\n7\n8\n9\n10\n");
	assert_string_equal(shown, "1\n2\n3\n4\n" STOP GONE "6\n7\n8\n9\n10\n");
}

/* Another CPU's lines, and those that are no sink's: the log's, once more. */
static void
others_write_while_it_waits(void **state)
{
	static const int typed[] = {' ', 0};

	(void)state;
	keys = typed;
	meanwhile = "CPU 1\nhas\nmuch\nto\nsay\n";
	writes("1\n2\n3\n4\n5\n");
	assert_string_equal(shown,
	    "1\n2\n3\n4\n" STOP "CPU 1\nhas\nmuch\nto\nsay\n" GONE "5\n");
	setup(state);
	keys = typed;
	writing = false;
	writes("1\n2\n3\n4\n5\n");
	assert_string_equal(shown, "1\n2\n3\n4\n" STOP GONE "5\n");
}

/* Who is heard no more cannot go on: it goes on by itself. */
static void
a_keyboard_that_dies_stops_nothing(void **state)
{
	static const int typed[] = {NOKEY, 0};

	(void)state;
	keys = typed;
	writes("1\n2\n3\n4\n5\n6\n7\n8\n9\n");
	assert_string_equal(shown, "1\n2\n3\n4\n" STOP GONE "5\n6\n7\n8\n9\n");
}

static void
a_narrow_screen_is_asked_briefly(void **state)
{
	static const int typed[] = {' ', 0};

	(void)state;
	cols = NARROW;
	morestart(MORESCREEN);
	keys = typed;
	writes("1\n2\n3\n4\n5\n");
	assert_string_equal(shown,
	    "1\n2\n3\n4\n-- space Enter q --?\r                   "
	    "\r5\n");
}

static void
what_takes_long_is_told(void **state)
{
	static const int enough[] = {'q', 0};

	(void)state;
	assert_false(morebreak());
	broken = true;
	assert_true(morebreak());
	broken = false;
	keys = enough;
	writes("1\n2\n3\n4\n5\n");
	assert_true(morebreak());
	morestop();
	assert_false(morebreak());
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_stops_at_each_screen),
	    TEST(or_at_each_line),
	    TEST(enough_is_enough),
	    TEST(rows_are_counted),
	    TEST(only_for_who_sits_there),
	    TEST(or_at_a_terminal_if_that_is_asked_for),
	    TEST(a_report_is_shown_at_once),
	    TEST(others_write_while_it_waits),
	    TEST(a_keyboard_that_dies_stops_nothing),
	    TEST(a_narrow_screen_is_asked_briefly),
	    TEST(what_takes_long_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
