/*
 * scan.c - all free pages tried, and what is bad found, on a machine whose
 * clock goes on by a while at each look.
 *
 * needs: kern/scan.c kern/sizetext.c kern/format.c tests/host/heap.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "heap.h"
#include "page.h"
#include "../../kern/keys.h"
#include "../../kern/scan.h"

enum { NFRAMES = 4096, HZ = 1000000000 };

static Bootinfo block = {.tschz = HZ};
Bootinfo *bootinfo = &block;

static uint64_t now, step;
static size_t looks, stop; /* for a key; Ctrl-C is the stop-th, if not 0 */

uint64_t
cycles(void)
{
	return now += step;
}

bool
keybreak(void)
{
	return ++looks == stop;
}

static int
setup(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, NFRAMES);
	heappages();
	hostquiet();
	now = step = looks = stop = 0;
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

static void
all_is_tried_and_given_back(void **state)
{
	Pagestats st;
	Page *pg = newpage(CLEAR, 0);
	size_t n = pagesfree();
	char line[80];

	(void)state;
	step = HZ / 2;
	scan(&(Span){.size = 0});
	pagestats(&st);
	assert_int_equal(st.nfree, n);
	assert_int_equal(st.nquarantine, 0);
	assert_mentioned("\rwritten    2 MB of 15.8 MB, 2 MB/s, 6 s left");
	assert_mentioned("\rread      14 MB of 1");
	assert_mentioned("/s, ");
	assert_mentioned(" s left; ^C ends it");
	sprintf(line, ".%zu MB of free memory",
	    (size_t)(n * BY2PG * 10 / MiB % 10));
	assert_mentioned(line);
	assert_mentioned(" s, 0 bad pages ");
	putpage(pg);
}

/* A clock that stands makes no rate, and no report. */
static void
a_quick_one_says_the_end(void **state)
{
	(void)state;
	scan(&(Span){.size = 0});
	assert_int_equal(hosttimes("left"), 0);
	assert_mentioned(" tried in 0.0 s, 0 bad pages");
}

static void
bad_pages_are_found_and_left_out(void **state)
{
	Page *pg = newpage(NOCLEAR, 0);
	Page *two = newpage(NOCLEAR, 0);
	paddr_t pa = pagepa(pg);
	Pagestats st;
	char line[100];

	(void)state;
	putpage(pg);
	putpage(two);
	hostbad(pa, 1);
	hostbad(pagepa(two), 1);
	scan(&(Span){pa, BY2PG});
	sprintf(line,
	    "ramscan: the page at %#jx does not hold what is written "
	    "to it; it is out of use\n",
	    pa);
	assert_mentioned(line);
	assert_int_equal(hosttimes("does not hold"), 1);
	assert_mentioned("ramscan: 4 KB of free memory tried in 0.0 s, 1 bad "
			 "page ");
	pagestats(&st);
	assert_int_equal(st.nquarantine, 1);
	hostquiet();
	scan(&(Span){.size = 0});
	assert_int_equal(hosttimes("does not hold"), 1);
	assert_mentioned(", 1 bad page ");
}

/* A clock of no rate, or one that flies: no division by nothing. */
static void
any_clock_will_do(void **state)
{
	(void)state;
	block.tschz = 0;
	step = 1ull << 50;
	scan(&(Span){.size = 0});
	assert_mentioned(", 4 KB/s, ");
	block.tschz = HZ;
}

static void
it_can_be_broken_off(void **state)
{
	(void)state;
	size_t n = pagesfree();
	for (stop = 1; stop < 1000; stop++) {
		hostquiet();
		looks = 0;
		scan(&(Span){.size = 0});
		assert_int_equal(pagesfree(), n);
		if (hosttimes("^C: broken off\n") == 0)
			break;
		assert_int_equal(hosttimes("tried"), 0);
	}
	assert_in_range(stop, 2 * (NFRAMES / 256 - 2), 2 * NFRAMES / 256);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_is_tried_and_given_back),
	    TEST(a_quick_one_says_the_end),
	    TEST(bad_pages_are_found_and_left_out),
	    TEST(any_clock_will_do),
	    TEST(it_can_be_broken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
