/*
 * auditchecks.c - the table of the checks of `mem9 audit': that it is in order,
 * and a machine that passes them all.
 *
 * needs: tests/host/judged.c
 */
#include "unit.h"
#include "judged.h"

static Forged m;

static void
a_good_machine_passes_every_check(void **state)
{
	(void)state;
	forge(&m);
	assert_string_equal(names(&m, AUDITFAILED), "");
	assert_string_equal(names(&m, AUDITSKIPPED), "");
}

/* Names that programs can read, sentences that people can. */
static void
the_table_is_in_order(void **state)
{
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
		    strspn(c[i].name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		    strlen(c[i].name));
		assert_non_null(c[i].judge);
		assert_int_equal(c[i].means[strlen(c[i].means) - 1], '.');
		assert_true(i == 0 || c[i].group >= c[i - 1].group);
		assert_non_null(auditgroupname(c[i].group));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c[i].name, c[k].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_machine_passes_every_check),
	    cmocka_unit_test(the_table_is_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
