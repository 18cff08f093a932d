/*
 * What is counted of failures, peaks, and of how long locks are held.
 *
 * needs: tests/host/heap.c
 */
#include "unit.h"
#include "rename.h"
#include "../../mm/heap/poolparts.h"
#include "../../mm/page/palloc.h"
#include "heap.h"
#include "pagemachine.h"

enum { STEP = 10, LONG = 1000 };

/* All locks that this takes are the pages' one, but for one a barrier. */
static void
useall(void)
{
	size_t n = pagesfree();
	Page *chain = NULL;

	for (size_t i = 0; i < 3000; i++) {
		Page *pg = newpage(NOCLEAR, 0);

		pagesetnext(pg, chain);
		chain = pg;
	}
	freepages(chain);
	puthugepage(newhugepage(2 * MiB, NOCLEAR, 0));
	putpagerun(newpagerun(9, BY2PG, NOADDR), 9);
	pagecpugather();
	assert_int_equal(pagesfree(), n);
}

static void
pages_know_how_long_their_lock_is_held(void **state)
{
	(void)state;
	Pagestats st;

	pagesimple(16 * MiB, 1);
	freepages(pagetakeall(&(size_t){0}));
	useall();
	pagestats(&st);
	assert_true(st.longest == 0 && st.held == 0); /* no clock */
	assert_int_equal(st.nfailed, 1);
	size_t nlocks = hostlocked() - hostbarriers();
	hostclock(0, STEP);
	useall();
	pageslock();
	hostclock(LONG, STEP);
	pagesunlock();
	nlocks = hostlocked() - hostbarriers() - nlocks;
	hostclock(0, 0);
	pagestats(&st);
	assert_true(nlocks > 10);
	assert_int_equal(st.held, LONG + STEP * nlocks);
	assert_int_equal(st.longest, LONG + STEP);
	char want[64];
	snprintf(
	    want, sizeof want, " longest=%ju held=%ju\n", st.longest, st.held);
	hostquiet();
	pallocprint();
	assert_non_null(strstr(hostsaid(), want));
	assert_int_equal(st.nfailed, 1);
	assert_int_equal(st.nleast, 0);
}

static void
a_pool_knows_how_long_its_lock_is_held(void **state)
{
	(void)state;
	Poolstats st;

	heapmachine(1, 32 * MiB, 16);
	hostclock(0, STEP);
	free(malloc(100));
	free(malloc(10000));
	poolstats(mainmem, &st);
	assert_int_equal(st.longest, STEP);
	assert_int_equal(st.held % STEP, 0);
	uint64_t held = st.held;
	assert_true(held >= 3 * STEP);
	poollock(mainmem);
	hostclock(LONG, STEP);
	poolunlock(mainmem);
	poolstats(mainmem, &st);
	assert_int_equal(st.longest, LONG + STEP);
	/* And that of poolstats before. */
	assert_int_equal(st.held, held + LONG + 2 * STEP);
	poolstats(imagmem, &st);
	assert_true(st.longest == 0 && st.held == 0);
}

static void
a_pool_knows_its_peak_and_its_failures(void **state)
{
	(void)state;
	Poolstats st;

	heapmachine(1, 32 * MiB, 0);
	void *p = malloc(8 * MiB);
	assert_non_null(p);
	poolstats(mainmem, &st);
	assert_in_range(st.used, 8 * MiB, st.size);
	assert_in_range(st.size, 8 * MiB, 12 * MiB);
	assert_int_equal(st.max, st.size);
	assert_int_equal(st.nfailed, 0);
	size_t max = st.max;
	free(p);
	poolcompact(mainmem);
	assert_null(malloc(64 * MiB));
	assert_null(malloc(SIZE_MAX));
	assert_null(mallocalign(100, 64 * MiB, 0, 0));
	poolstats(mainmem, &st);
	assert_int_equal(st.nfailed, 3);
	assert_int_equal(st.size, 0);
	assert_int_equal(st.used, 0);
	assert_int_equal(st.max, max);
	while (malloc(100) != NULL)
		;
	poolstats(mainmem, &st);
	assert_int_equal(st.nfailed, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_know_how_long_their_lock_is_held),
	    cmocka_unit_test(a_pool_knows_how_long_its_lock_is_held),
	    cmocka_unit_test(a_pool_knows_its_peak_and_its_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
