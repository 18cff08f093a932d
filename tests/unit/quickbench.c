/*
 * quickbench.c - the monitor's bench, by a clock that goes on at each look.
 *
 * needs: kern/monitor/quickbench.c kern/format.c tests/host/heap.c
 */
#include "unit.h"
#include "cpu.h"
#include "heap.h"
#include "page.h"
#include "xalloc.h"
#include "../../kern/monitor/quickbench.h"
#include "../../kern/monitor/more.h"
#include "../../kern/monitor/progress.h"

static uint64_t now, step;
static size_t calls;
static size_t looks, stop; /* Ctrl-C is the stop-th, if not 0 */
static size_t stops;

/* A round is faster than the one before, up to the tenth; then slower. */
uint64_t
cycles(void)
{
	step = calls++ < 20 ? step - 1000 : step + 1000;
	return now += step;
}

uint64_t
progresshz(void)
{
	return 2000000000;
}

bool
morebreak(void)
{
	return ++looks == stop;
}

void
morestop(void)
{
	stops++;
}

static int
setup(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 2000);
	heappages();
	hostquiet();
	now = calls = looks = stop = stops = 0;
	step = 1ull << 30;
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
the_best_round_counts(void **state)
{
	size_t n = pagesfree();
	size_t kernel = xfreebytes();

	(void)state;
	step = 20000 + 20 * 1000; /* 20000 cycles at best, of 1000 pairs */
	bench();
	assert_mentioned("newpage, putpage             10.0 ns\n");
	assert_int_equal(hosttimes(" ns\n"), 5);
	assert_mentioned("\nxalloc, xfree of 64 bytes  ");
	assert_int_equal(hosttimes("^C"), 0);
	assert_int_equal(stops, 1);
	assert_int_equal(pagesfree(), n);
	assert_in_range(xfreebytes(), kernel - 2 * MiB, kernel);
}

/* Five of them, whatever comes of each. */
static void
programs_have_lines(void **state)
{
	(void)state;
	step = 20000 + 20 * 1000;
	benchlines();
	assert_mentioned("mem9: bench name=newpage result=ok ps=10000\n");
	assert_int_equal(hosttimes("mem9: bench name="), 5);
	assert_int_equal(hosttimes(" result=ok ps="), 5);
	assert_int_equal(hosttimes("\n"), 5);
	hostquiet();
	while (newpage(NOCLEAR, 0) != NULL)
		;
	benchlines();
	assert_mentioned("mem9: bench name=newpage-clear result=failed "
			 "detail=\"no memory\"\n");
}

static void
it_can_be_broken_off(void **state)
{
	(void)state;
	stop = 30;
	bench();
	assert_int_equal(hosttimes(" ns\n"), 1);
	assert_mentioned(" ns\n^C: broken off\n");
	assert_int_equal(looks, 30);
}

static void
where_there_is_no_memory_it_says_so(void **state)
{
	(void)state;
	while (newpage(NOCLEAR, 0) != NULL)
		;
	for (size_t size = MiB; size >= 64; size /= 4)
		while (xspanallocfor(XPOOL, size, 0, 0) != NULL)
			;
	bench();
	assert_mentioned("newpage, putpage           no memory\n");
	assert_mentioned("the same, cleared          no memory\n");
	assert_mentioned("xalloc, xfree of 64 bytes  no memory\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_best_round_counts),
	    TEST(programs_have_lines),
	    TEST(it_can_be_broken_off),
	    TEST(where_there_is_no_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
