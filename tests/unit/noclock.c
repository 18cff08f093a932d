/*
 * A back end without a clock: nothing is measured, and nothing is written.
 */
#include "../../include/ticks.h"
#include "unit.h"
#include "../../mm/held.h"

static void
without_a_clock_nothing_is_written(void **state)
{
	(void)state;
	Held h = {1, 2, 3};

	heldnow(&h);
	heldnomore(&h);
	assert_int_equal(h.since, 1);
	assert_int_equal(h.longest, 2);
	assert_int_equal(h.total, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_clock_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
