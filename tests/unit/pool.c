/*
 * The pools: small and large blocks, arenas, misuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "heap.h"
#include "hooks.h"
#include "host.h"
#include "rename.h"
#include "page.h"
#include "pool.h"
#include "stage.h"
#include "xalloc.h"

static void
malloc_gives_cleared_aligned_memory(void **state)
{
	(void)state;
	heapmachine(1, 64 * MiB, 0);
	for (size_t size = 0; size < 70000; size += 1 + size / 37) {
		uint8_t *p = mallocz(size, false);
		assert_non_null(p);
		memset(p, 0xff, size);
		free(p);
		p = malloc(size);
		assert_int_equal(msize(p), size);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xee, size);
	}
	poolcheck(mainmem);
	mallocsummary();
}

static void
freeing_all_leaves_xalloc_as_it_was(void **state)
{
	(void)state;
	enum { N = 20000 };
	static void *p[N];
	heapmachine(1, 64 * MiB, 0);
	size_t before = xfreebytes();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < N; i++)
			p[i] = malloc((size_t)i * 7 % 2000);
		for (int i = 0; i < N; i++)
			assert_non_null(p[i]);
		poolcheck(mainmem);
		for (int i = 0; i < N; i++)
			free(p[i * 7 % N]);
		poolcheck(mainmem);
	}
	poolcompact(mainmem);
	poolcheck(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(poolused(mainmem), 0);
	assert_int_equal(xfreebytes(), before);
	assert_int_equal(xholes(), 1);
	xcheck();
}

/* malloc -> kernel addresses -> frames -> carve, and back. */
static void
arenas_grow_by_the_page_when_xalloc_is_spent(void **state)
{
	(void)state;
	enum { N = 3000 };
	static void *p[N];
	heapmachine(1, 1 * MiB, 4096);
	assert_null(malloc(2 * MiB));
	heappages();
	size_t nfree = pagesfree();
	for (int i = 0; i < N; i++) {
		p[i] = malloc(1000);
		assert_non_null(p[i]);
	}
	void *big = malloc(5 * MiB);
	assert_non_null(big);
	assert_null(malloc(15 * MiB));
	assert_true(pagesfree() < nfree);
	poolcheck(mainmem);
	free(big);
	for (int i = 0; i < N; i++)
		free(p[i]);
	poolcompact(mainmem);
	poolcompact(mainmem);
	poolcheck(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(pagesfree(), nfree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(malloc_gives_cleared_aligned_memory),
	    cmocka_unit_test(freeing_all_leaves_xalloc_as_it_was),
	    cmocka_unit_test(arenas_grow_by_the_page_when_xalloc_is_spent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
