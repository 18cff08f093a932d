/*
 * xalloc: blocks, holes, banks, bad pages, misuse, order.
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
#include "stage.h"
#include "xalloc.h"

static void
xalloc_gives_cleared_aligned_memory(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	for (size_t size = 0; size < 5000; size += 37) {
		uint8_t *p = xallocz(size, false);
		memset(p, 0xff, size);
		xfree(p);
		p = xalloc(size);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xee, size);
	}
	xcheck();
}

/*
 *	[ a ][ b ][ c ][     wild	a, c freed, then b: one hole again
 */
static void
xfree_joins_both_neighbours(void **state)
{
	(void)state;
	heapmachine(1, 8 * MiB, 0);
	size_t free = xfreebytes();
	void *a = xalloc(100);
	void *b = xalloc(200);
	void *c = xalloc(300);
	void *d = xalloc(400);
	xfree(a);
	xfree(c);
	assert_int_equal(xholes(), 3);
	xcheck();
	xfree(b);
	assert_int_equal(xholes(), 2);
	xfree(d);
	assert_int_equal(xholes(), 1);
	assert_int_equal(xfreebytes(), free);
	xcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(xalloc_gives_cleared_aligned_memory),
	    cmocka_unit_test(xfree_joins_both_neighbours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
