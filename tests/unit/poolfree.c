/*
 * poolfree.c - the shortest way of free() is as careful as the others.
 *
 * needs: tests/host/heap.c
 */
#include "expect.h"
#include "heap.h"
#include "pool.h"

/* A block of that size waits in the wrong pool, which has room for more. */
static void
the_wrong_pool_is_found_at_once(void **state)
{
	Pool *pools[] = {mainmem, imagmem, secrmem};

	(void)state;
	for (size_t i = 0; i < nelem(pools); i++)
		for (size_t j = 0; j < nelem(pools); j++) {
			if (i == j)
				continue;
			heapmachine(1, 4 * MiB, 2048);
			heappages();
			void *p = poolalloc(pools[i], 100);
			poolfree(pools[j], poolalloc(pools[j], 100));
			expectpanic(poolfree(pools[j], p), "is a block of");
			poolfree(pools[i], p);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_wrong_pool_is_found_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
