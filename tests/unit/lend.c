/*
 * Sizes that lend each other blocks: what waits at a CPU is had without a lock
 * for a size a little below, too.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include "unit.h"

#include "rename.h"

#include "../../mm/heap/poolparts.h"
#include "heap.h"
#include "pool.h"

/* UPPER's class is two above LOWER's, from where it still borrows. */
enum { LOWER = 90, UPPER = 120, TIMES = 100, BANK = 16 << 20 };

static uintptr_t
slabat(const void *p)
{
	return ROUNDDOWN((uintptr_t)p, SLABSMALL);
}

/* A size that has nothing of its own. */
static void
what_waits_here_is_lent_without_a_lock(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	void *upper = malloc(UPPER);
	assert_int_equal(classof(UPPER), classof(LOWER) + 2);
	size_t before = hostlocked();
	for (unsigned i = 0; i < TIMES; i++) {
		void *p = malloc(LOWER);
		void *q = malloc(LOWER);
		assert_true(p != q);
		assert_int_equal(slabat(p), slabat(upper));
		free(p);
		free(q);
	}
	assert_int_equal(hostlocked(), before);
	free(upper);
	poolcheck(mainmem);
	poolcompact(mainmem);
	assert_int_equal(poolused(mainmem), 0);
}

/* A class further up lends nothing: much of its slot would be waste. */
static void
sizes_far_away_lend_nothing(void **state)
{
	size_t size = UPPER;

	(void)state;
	heapmachine(1, BANK, 0);
	while (classof(size) < classof(LOWER) + 3)
		size++;
	void *far = malloc(size);
	size_t before = hostlocked();
	void *p = malloc(LOWER);
	assert_true(hostlocked() > before);
	assert_true(slabat(p) != slabat(far));
	free(p);
	free(far);
	poolcheck(mainmem);
}

/* A slab of its own with free slots comes before anything that is lent. */
static void
free_slots_of_its_own_are_used_first(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	void *own = malloc(LOWER);
	poolcompact(mainmem);
	free(malloc(UPPER));
	void *p = malloc(LOWER);
	assert_int_equal(slabat(p), slabat(own));
	free(p);
	free(own);
	poolcheck(mainmem);
}

static size_t taken;

/* The other CPU's turn, whose magazines are being emptied. */
static void
meanwhile(void)
{
	hostcpu(1);
	size_t before = hostlocked();
	void *p = malloc(LOWER);
	taken += hostlocked() - before;
	free(p);
	hostcpu(0);
}

static void
nothing_is_lent_by_a_closed_magazine(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	for (int cpu = 1; cpu >= 0; cpu--) {
		hostcpu(cpu);
		free(malloc(UPPER));
	}
	taken = 0;
	hostmeanwhile(meanwhile);
	poolcompact(mainmem);
	hostmeanwhile(NULL);
	assert_true(taken > 0);
	poolcompact(mainmem);
	assert_int_equal(poolused(mainmem), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_waits_here_is_lent_without_a_lock),
	    cmocka_unit_test(sizes_far_away_lend_nothing),
	    cmocka_unit_test(free_slots_of_its_own_are_used_first),
	    cmocka_unit_test(nothing_is_lent_by_a_closed_magazine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
