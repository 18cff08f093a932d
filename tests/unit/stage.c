/*
 * stage.c - the boot order as a number: one step after another, by name.
 */
#include "unit.h"

static void
every_step_has_its_name(void **state)
{
	(void)state;
	for (enum stage s = SFIRMWARE; s <= SLAST; s++) {
		assert_true(strlen(stagename(s)) > 1);
		for (enum stage other = SFIRMWARE; other < s; other++)
			assert_string_not_equal(stagename(s), stagename(other));
	}
	assert_string_equal(stagename(SLAST + 1), "?");
	assert_string_equal(stagename(SMMU), "mmuinit");
}

static void
steps_are_done_in_order(void **state)
{
	(void)state;
	for (enum stage at = SFIRMWARE; at < SLAST; at++)
		for (enum stage s = SFIRMWARE; s <= SLAST; s++) {
			stage = at;
			if (s == at + 1) {
				stagedone(s);
				assert_int_equal(stage, s);
				continue;
			}
			assert_true(panics(stagedone(s)));
			assert_int_equal(stage, at);
		}
	stage = SMMU;
	assert_true(panics(stagedone(SXALLOC)));
	assert_string_equal(hostpanic(),
	    "panic: stagedone: xinit done, but the "
	    "machine is at mmuinit");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_step_has_its_name),
	    cmocka_unit_test(steps_are_done_in_order),
	};

	hostquiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
