/*
 * patience.c - how long a wait is: what counts, and in what unit.
 *
 * needs: arch/patience.c arch/clock.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "cpus.h"
#include "halt.h"
#include "patience.h"
#include "../../arch/mates.h"

static Bootinfo boot;
Bootinfo *bootinfo = &boot;

static uint64_t now, step;
static Mate mates[2];
static size_t here;
static size_t rests;

uint64_t
cycles(void)
{
	return now += step;
}

size_t
cpunumber(void)
{
	return here;
}

Mate *
mateof(size_t n)
{
	return &mates[n];
}

void
relax(void)
{
	rests++;
}

static uint64_t
after(Patience *p, size_t looks, uint64_t cyclesalook)
{
	uint64_t us = 0;

	step = cyclesalook;
	for (size_t i = 0; i < looks; i++)
		us = waited(p);
	return us;
}

static void
it_is_microseconds_of_this_clock(void **state)
{
	static const uint64_t rates[] = {1000000000, 2106312400, 5000000000};

	(void)state;
	for (size_t i = 0; i < nelem(rates); i++) {
		Patience p = {.last = 0};

		boot.tschz = rates[i];
		rests = 0;
		assert_int_equal(after(&p, 1, 5000), 0);
		assert_in_range(
		    after(&p, 1000, rates[i] / 10000), 99900, 100100);
		assert_in_range(sofar(&p), 99900, 100100);
		assert_int_equal(rests, 1001);
		step = 0;
		now = 4321 * (rates[i] / 1000);
		assert_int_equal(clockms(), 4321);
	}
}

/* The stamps of CPU 1 are ahead by three seconds, and then behind by two. */
static void
all_cpus_have_one_clock(void **state)
{
	static const int64_t seconds[] = {3, -2, 0};

	(void)state;
	boot.tschz = 2000000000;
	step = 0;
	for (size_t i = 0; i < nelem(seconds); i++) {
		int64_t ahead = seconds[i] * (int64_t)boot.tschz;

		mates[1].ahead = ahead;
		here = 0;
		now = 4000 * boot.tschz;
		assert_int_equal(clockms(), 4000000);
		here = 1;
		now += (uint64_t)ahead;
		assert_int_equal(clockms(), 4000000);
	}
	here = 0;
}

/* A clock that is slower than any is not believed: it would be for ever. */
static void
a_slow_clock_is_taken_for_one_of_a_gigahertz(void **state)
{
	Patience p = {.last = 0};

	(void)state;
	boot.tschz = 1000;
	after(&p, 1, 5);
	assert_int_equal(after(&p, 1000, 1000), 1000);
}

/* While somebody else ran, it was not waited: a millisecond of it counts. */
static void
time_in_which_we_did_not_run_is_none(void **state)
{
	Patience p = {.last = 0};

	(void)state;
	boot.tschz = 1000000000;
	after(&p, 1, 5);
	assert_int_equal(after(&p, 10, 3000000000), 10000);
	assert_int_equal(sofar(&p), 30000000);
}

static void
a_pause_is_of_this_clock_too(void **state)
{
	(void)state;
	boot.tschz = 2000000000;
	step = 20000;
	rests = 0;
	pausefor(1000);
	assert_in_range(rests, 98, 100);
	boot.tschz = 1000; /* not believed */
	rests = 0;
	pausefor(1000);
	assert_in_range(rests, 48, 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_microseconds_of_this_clock),
	    cmocka_unit_test(all_cpus_have_one_clock),
	    cmocka_unit_test(a_slow_clock_is_taken_for_one_of_a_gigahertz),
	    cmocka_unit_test(time_in_which_we_did_not_run_is_none),
	    cmocka_unit_test(a_pause_is_of_this_clock_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
