/*
 * together.c - several CPUs at one task: who takes part, where they meet, and
 * what becomes of what goes wrong in one.
 *
 * needs: kern/check/together.c tests/host/crew.c
 * builds: san tsan cov
 */
#include "unit.h"
#include "crew.h"
#include "trap.h"
#include "../../kern/check/together.h"

static uint32_t parts[NCREW]; /* how often each was done */
static uint32_t during;       /* CPUs that take part, says one */
static uint32_t met[3];

static void
part(void *arg, uint32_t n)
{
	assert_int_equal(*(int *)arg, 7);
	assert_in_range(n, 0, NCREW - 1);
	__atomic_add_fetch(&parts[n], 1, __ATOMIC_RELAXED);
	if (n == 0)
		during = ntogether();
}

static int
setup(void **state)
{
	(void)state;
	crewup(3);
	memset(parts, 0, sizeof parts);
	memset(met, 0, sizeof met);
	return 0;
}

static void
each_has_its_part(void **state)
{
	int seven = 7;

	for (size_t up = 1; up <= NCREW; up++) {
		uint32_t n = MIN(up, (size_t)MOSTTOGETHER);

		setup(state);
		crew.up = up;
		assert_int_equal(ntogether(), n);
		assert_null(together(part, &seven));
		assert_int_equal(during, n);
		for (uint32_t i = 0; i < NCREW; i++)
			assert_int_equal(parts[i], i < n);
	}
}

/* None goes on before all have come, each time. */
static void
meets(void *arg, uint32_t n)
{
	uint32_t all = ntogether();

	(void)arg;
	(void)n;
	for (size_t i = 0; i < nelem(met); i++) {
		__atomic_add_fetch(&met[i], 1, __ATOMIC_RELAXED);
		assert_true(meet());
		assert_int_equal(
		    __atomic_load_n(&met[i], __ATOMIC_RELAXED), all);
		assert_true(meet());
	}
}

static void
they_meet_again_and_again(void **state)
{
	(void)state;
	for (crew.up = 1; crew.up <= NCREW; crew.up++) {
		memset(met, 0, sizeof met);
		assert_null(together(meets, NULL));
	}
}

static void
meetsonce(void *arg, uint32_t n)
{
	(void)arg;
	(void)n;
	meet();
}

static void
one_that_does_not_come_is_said(void **state)
{
	(void)state;
	crew.absent = 1;
	assert_string_equal(together(meetsonce, NULL), "one CPU did not come");
}

/* The others do not wait for it, and find out. */
static void
onewrong(void *arg, uint32_t n)
{
	if (n == 1) {
		wrong("the first");
		wrong("the second");
		return;
	}
	if (arg != NULL)
		while (!wentwrong())
			;
	assert_false(meet());
	assert_true(wentwrong());
}

static void
the_first_thing_wrong_is_everybodys(void **state)
{
	(void)state;
	assert_string_equal(together(onewrong, NULL), "the first");
	assert_string_equal(together(onewrong, &met), "the first");
	assert_null(together(meets, NULL)); /* not of the next */
}

static void
nothing(void *arg, uint32_t n)
{
	(void)arg;
	(void)n;
}

static void
one_that_ends_otherwise_is_said(void **state)
{
	(void)state;
	crew.faulty = NCREW - 1;
	crew.vector = NOVECTOR;
	assert_string_equal(together(nothing, NULL), "one panicked");
	crew.vector = TRAPPF;
	assert_string_equal(together(nothing, NULL), "a fault");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_has_its_part),
	    TEST(they_meet_again_and_again),
	    TEST(one_that_does_not_come_is_said),
	    TEST(the_first_thing_wrong_is_everybodys),
	    TEST(one_that_ends_otherwise_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
