/*
 * stack.c - the stacks of all CPUs: apart from each other, each with a guard,
 * and each known to be its CPU's.
 *
 *	CPU n  | guard | MAIN | guard | DF | ... | guard | RT | nothing |
 *	CPU n+1| guard | MAIN | ...
 *
 * needs: arch/stack.c
 */
#include "unit.h"
#include "mem.h"
#include "stack.h"

static const size_t some[] = {0, 1, 2, 255, 4094, MOSTCPUS - 1};

static void
every_address_of_a_stack_is_its_cpus(void **state)
{
	bool guard = true;

	(void)state;
	for (size_t i = 0; i < nelem(some); i++)
		for (enum stack s = 0; s < NSTACK; s++) {
			uintptr_t top = cpustacktop(some[i], s);
			uintptr_t low = top - stacksize(s);

			assert_int_equal(stackof(top - 1, &guard), s);
			assert_false(guard);
			assert_int_equal(stackof(low, &guard), s);
			assert_false(guard);
			assert_int_equal(cpuofsp(top), some[i]); /* empty */
			assert_int_equal(cpuofsp(low), some[i]);
		}
}

/* A call that went too far is still seen as that CPU's. */
static void
below_each_is_its_guard(void **state)
{
	bool guard = false;

	(void)state;
	for (size_t i = 0; i < nelem(some); i++)
		for (enum stack s = 0; s < NSTACK; s++) {
			uintptr_t low = cpustacktop(some[i], s) - stacksize(s);

			for (uintptr_t d = 1; d <= 64 * KiB; d *= 4) {
				guard = false;
				assert_int_equal(stackof(low - d, &guard), s);
				assert_true(guard);
				assert_int_equal(cpuofsp(low - d), some[i]);
			}
		}
}

static void
no_stack_is_anothers(void **state)
{
	(void)state;
	for (enum stack s = 0; s < NSTACK; s++) {
		uintptr_t low = cpustacktop(1, s) - stacksize(s) - 64 * KiB;

		assert_true(low >= (s == 0 ? cpustacktop(0, NSTACK - 1)
					   : cpustacktop(1, s - 1)));
	}
	assert_int_equal(stacktop(STACKDF), cpustacktop(0, STACKDF));
	assert_true(cpustacktop(MOSTCPUS - 1, NSTACK - 1) < KZERO);
}

/* On firmware's stack, and on the first one of all, CPU 0 runs. */
static void
elsewhere_is_no_stack_and_cpu_0(void **state)
{
	uintptr_t none[] = {0, 0x7f00000, DMAP, STACKS - 1, KZERO - 1, KZERO,
	    cpustacktop(MOSTCPUS, STACKMAIN), UINTPTR_MAX};
	bool guard = false;

	(void)state;
	for (size_t i = 0; i < nelem(none); i++) {
		assert_int_equal(stackof(none[i], &guard), NSTACK);
		assert_int_equal(cpuofsp(none[i]), 0);
	}
	assert_int_equal(stackof(cpustacktop(3, NSTACK - 1), &guard), NSTACK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_address_of_a_stack_is_its_cpus),
	    cmocka_unit_test(below_each_is_its_guard),
	    cmocka_unit_test(no_stack_is_anothers),
	    cmocka_unit_test(elsewhere_is_no_stack_and_cpu_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
