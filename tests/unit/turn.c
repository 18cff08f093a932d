/*
 * turn.c - a report of some lines, and what of it is on a screen that nobody
 * can type at, as time goes by.
 *
 * needs: kern/monitor/turn.c kern/tell/line.c kern/format.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "kept.h"
#include "keyboard.h"
#include "log.h"
#include "patience.h"
#include "screen.h"
#include "tell.h"
#include "../../kern/monitor/keys.h"
#include "../../kern/monitor/turn.h"

enum { PAGE = 15000000, ROWS = 13, SHOWN = ROWS - 3 };

static Bootinfo block;
Bootinfo *bootinfo = &block;

static struct {
	unsigned rows;
	bool keyboard;
	bool serial;
	bool kept;
	size_t lines; /* of the report */
	bool whole;   /* the result has room for it */
	const char *log;
	uint64_t time;
	void (*idle)(void);
	char shown[4000];
	size_t n;
	size_t clears;
} fake;

void
screenwrite(const char *s, size_t n)
{
	assert_true(fake.n + n < sizeof fake.shown);
	memcpy(fake.shown + fake.n, s, n);
	fake.n += n;
	fake.shown[fake.n] = '\0';
}

void
screenclear(void)
{
	if (fake.clears == 0) /* pages were counted unseen */
		assert_int_equal(fake.n, 0);
	fake.n = 0;
	fake.shown[0] = '\0';
	fake.clears++;
}

void
screenink(enum ink ink)
{
	(void)ink;
}

unsigned
screenrows(void)
{
	return fake.rows;
}

unsigned
screencols(void)
{
	return 80;
}

bool
keyboardworks(void)
{
	return fake.keyboard;
}

bool
keyscome(void)
{
	return fake.keyboard || fake.serial;
}

bool
keptopened(void)
{
	return fake.kept;
}

uint64_t
logwrote(void)
{
	return strlen(fake.log);
}

/* In two pieces. */
void
logreplay(Sink *sink, size_t last)
{
	size_t n = strlen(fake.log);
	const char *s = fake.log + n - MIN(n, last);
	size_t half = strlen(s) / 2;

	sink(s, half);
	sink(s + half, strlen(s) - half);
}

void
keyidle(void (*fn)(void))
{
	fake.idle = fn;
}

uint64_t
waited(Patience *p)
{
	p->spent += fake.time;
	fake.time = 0;
	return p->spent;
}

bool
tellresult(const Teller *to)
{
	assert_int_equal(to->rows, ROWS);
	to->write("PASS\n", 5);
	return fake.whole;
}

/* In pieces that do not end where lines do. */
void
tellagain(const Teller *to)
{
	char line[20];

	to->write("report", 6);
	for (size_t i = 0; i < fake.lines; i++) {
		int n = sprintf(line, ".%zu\nreport", i);

		to->write(line, (size_t)n - (i + 1 == fake.lines ? 6 : 0));
	}
}

static int
setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&block, 0, sizeof block);
	fake.rows = ROWS;
	fake.lines = 2 * SHOWN + 1;
	fake.log = "";
	turnstart();
	return 0;
}

/* So much later. */
static void
after(uint64_t us)
{
	fake.time = us;
	fake.idle();
}

static void
assert_page(const char *first, const char *foot)
{
	assert_int_equal(strncmp(fake.shown, first, strlen(first)), 0);
	assert_non_null(strstr(fake.shown, foot));
	size_t n = 0;
	for (const char *p = fake.shown; *p != '\0'; p++)
		n += *p == '\n';
	assert_in_range(n, 1, ROWS - 1);
}

static void
all_of_it_comes_by(void **state)
{
	(void)state;
	turnstart();
	after(0);
	assert_page("PASS\n\n", "\nPage 1 of 4, turned by itself. No keyboard. "
				"To end: the power button.\n");
	after(PAGE - 1);
	assert_int_equal(fake.clears, 1);
	fake.kept = true;
	after(1);
	assert_page("report.0\n",
	    "\nreport.9\n\nPage 2 of 4, turned by itself. No "
	    "keyboard. Reset to save the report.\n");
	after(PAGE);
	assert_page("report.10\n", "\nreport.19\n\nPage 3 of 4,");
	after(PAGE);
	assert_page("report.20\n\n", "\nPage 4 of 4,");
	after(PAGE);
	assert_page("PASS\n", "Page 1 of 4,");
	assert_int_equal(fake.clears, 5);
}

static void
what_fits_is_a_page(void **state)
{
	(void)state;
	fake.serial = fake.kept = true;
	fake.lines = SHOWN;
	turnstart();
	after(0);
	assert_page("PASS\n", "Page 1 of 2, turned by itself. No keyboard. "
			      "Commands: by the serial line.\n");
	after(PAGE);
	assert_page("report.0\n", "\nreport.9\n\nPage 2 of 2,");
}

/* All of it is there: it is not told twice, nor anew. */
static void
a_report_of_one_page_stays(void **state)
{
	(void)state;
	fake.serial = fake.whole = true;
	fake.lines = SHOWN;
	turnstart();
	after(0);
	assert_page("PASS\n\nNo keyboard. Commands: by the serial line.\n", "");
	for (int i = 0; i < 3; i++)
		after(PAGE);
	assert_int_equal(fake.clears, 1);
}

/* A keyboard, as long as it is heard; no screen, or one of only the foot. */
static void
where_it_must_not_it_does_not(void **state)
{
	(void)state;
	fake.keyboard = true;
	for (fake.rows = ROWS; fake.rows <= ROWS; fake.rows -= ROWS) {
		after(0);
		after(PAGE);
	}
	fake.keyboard = false;
	fake.rows = 3;
	after(0);
	after(PAGE);
	assert_int_equal(fake.clears, 0);
	fake.rows = ROWS;
	after(0);
	assert_int_equal(fake.clears, 1);
}

/* Rows, that is: one of them is two and a half screens wide. */
static char lines[4000];

static void
loglines(size_t n)
{
	lines[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char *end = lines + strlen(lines);

		if (i == 12)
			sprintf(end, "%0200d\n", 7);
		else
			sprintf(end, "log.%zu\n", i);
	}
	fake.log = lines;
}

/*
 *	log.0 ... log.9 | log.10 log.11 000 000 007 ... log.17 | log.18
 */
static void
lines_for_programs_are_turned_too(void **state)
{
	(void)state;
	block.options.verbose = true;
	turnstart();
	loglines(19);
	after(0);
	assert_int_equal(fake.clears, 0); /* its end is there */
	after(PAGE);
	assert_page("log.0\n", "log.9\n\nPage 1 of 3,");
	after(PAGE);
	assert_page("log.10\nlog.11\n000", "7\nlog.13\nlog.14\nlog.15\n"
					   "log.16\nlog.17\n\nPage 2");
	after(PAGE);
	assert_page("log.18\n\n", "Page 3 of 3,");
	setup(state);
	block.options.verbose = true;
	turnstart();
	loglines(SHOWN);
	for (int i = 0; i < 3; i++)
		after(PAGE);
	assert_int_equal(fake.clears, 0); /* all of it is */
}

/* It stays, if it is all there; what was before it is not shown with it. */
static void
the_report_of_a_fault_is_not_wiped(void **state)
{
	(void)state;
	loglines(5);
	after(0);
	assert_int_equal(fake.clears, 1);
	loglines(SHOWN);
	turnreport();
	for (int i = 0; i < 3; i++)
		after(PAGE);
	assert_int_equal(fake.clears, 1);
	loglines(5 + SHOWN);
	turnreport();
	for (int i = 0; i < 2; i++)
		after(PAGE);
	assert_int_equal(fake.clears, 2);
	assert_page("log.5\n", "Page 1 of 2,");
	after(PAGE);
	assert_page("log.13\n", "\nlog.14\n\nPage 2 of 2,"); /* the last */
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_of_it_comes_by),
	    TEST(what_fits_is_a_page),
	    TEST(a_report_of_one_page_stays),
	    TEST(where_it_must_not_it_does_not),
	    TEST(lines_for_programs_are_turned_too),
	    TEST(the_report_of_a_fault_is_not_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
