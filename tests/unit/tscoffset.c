/*
 * tscoffset.c - two CPUs' time stamps, set apart by so much; each CPU is a
 * thread, and both look at one clock.
 *
 * needs: arch/amd64/tscoffset.c
 * builds: san tsan
 */
#include "unit.h"
#include <pthread.h>
#include <sched.h>
#include "cpu.h"
#include "halt.h"
#include "../../arch/amd64/tscoffset.h"

static uint64_t clocked;             /* ticks when it is looked at */
static _Thread_local uint64_t apart; /* of this CPU's */
static uint64_t tick;

uint64_t
cycles(void)
{
	return __atomic_add_fetch(&clocked, tick, __ATOMIC_RELAXED) + apart;
}

uint64_t
cyclesnow(void)
{
	return cycles();
}

void
relax(void)
{
	sched_yield();
}

static int64_t ahead;

static void *
other(void *ping)
{
	apart = (uint64_t)ahead;
	tscanswer(ping);
	return NULL;
}

/* The stamp is some of the clock's between the two looks around it. */
static void
what_is_measured_is_near_what_is(void **state)
{
	static const int64_t aheads[] = {
	    0, 1, -1, 1000000, -1000000, INT64_MAX / 2, INT64_MIN / 2};

	(void)state;
	tick = 3;
	for (size_t i = 0; i < nelem(aheads); i++) {
		Tscping p = {0};
		pthread_t t;

		ahead = aheads[i];
		assert_int_equal(pthread_create(&t, NULL, other, &p), 0);
		tscask(&p);
		pthread_join(t, NULL);
		assert_true(p.width >= 2 * tick);
		int64_t off = p.offset - ahead;
		assert_true(
		    (uint64_t)(off < 0 ? -off : off) <= p.width / 2 + 1);
	}
}

/* Neither side waits for ever, and then nothing has been measured. */
static void
nobody_there_is_no_width(void **state)
{
	Tscping p = {0};

	(void)state;
	tick = 1000000000;
	tscask(&p);
	assert_int_equal(p.width, 0);
	assert_int_equal(p.answered, 0);
	p = (Tscping){0};
	tscanswer(&p);
	assert_int_equal(p.answered, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_measured_is_near_what_is),
	    cmocka_unit_test(nobody_there_is_no_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
