/*
 * Use after free in CHECK=1 builds: what was freed is poisoned, and a write to
 * it is found when the memory is handed out again.
 *
 * needs: tests/host/heap.c
 * builds: check
 */
#include "unit.h"
#include "../../mm/checking.h"
#include "expect.h"
#include "heap.h"
#include "take.h"
#include "xalloc.h"

enum { POISON = 0xdb };

static void
freed_blocks_are_poisoned(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	for (size_t size = 1; size < 100000; size = size * 3 + 1) {
		uint8_t *p = malloc(size);
		uint8_t *x = xalloc(size);
		free(p);
		xfree(x);
		/* The first 16 bytes and the last 24 may hold links. */
		for (size_t i = 16; i + 24 < size; i++) {
			assert_int_equal(p[i], POISON);
			assert_int_equal(x[i], POISON);
		}
	}
}

static void
a_write_to_a_freed_block_is_found(void **state)
{
	(void)state;
	for (size_t size = 1; size < 4000; size = size * 3 + 1)
		for (size_t at = 0; at < size; at += 1 + at / 3) {
			heapmachine(1, 16 * MiB, 0);
			uint8_t *p = malloc(size);
			free(p);
			p[at] = 1;
			expectpanic(takemany(mainmem, size),
			    "written to while it was free: 0x1 at ");
		}
}

static void
a_write_to_a_freed_large_block_is_found(void **state)
{
	(void)state;
	for (size_t at = 16; at < 9900; at = at * 5 / 2) {
		heapmachine(1, 16 * MiB, 0);
		uint8_t *p = malloc(10000);
		free(p);
		p[at] = 1;
		expectpanic(malloc(10000), "written to while it was free");
	}
}

static void
a_write_to_another_pools_freed_block_is_found(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	uint8_t *p = poolalloc(imagmem, 100);
	poolfree(imagmem, p);
	p[50] = 2;
	expectpanic(takemany(imagmem, 100), "written to while it was free: "
					    "0x2 at 50; its owner was 0x");
}

/* Quick, joined with a neighbour, or cut for another. */
static void
a_write_to_what_xfree_freed_is_found(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++)
		for (size_t at = 16; at < 5900; at = at * 3 / 2) {
			heapmachine(1, 16 * MiB, 0);
			uint8_t *a = xallocz(6000, false);
			uint8_t *b = xallocz(6000, false);
			void *c = xallocz(6000, false);
			assert_non_null(c);
			xfree(b);
			xfree(a);
			if (how > 0)
				assert_int_equal(xholes(), 2);
			b[at] = 1;
			size_t size = how < 2 ? 6000 : 12000;
			expectpanic(
			    (xallocz(size, false), xallocz(size, false)),
			    "written to while it was free");
		}
}

/* What realloc gives up is poisoned too, and may be used again. */
static void
what_realloc_gives_up_is_free(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	uint8_t *p = malloc(100000);
	memset(p, 1, 100000);
	assert_ptr_equal(realloc(p, 20000), p);
	uint8_t *q = malloc(70000);
	assert_ptr_equal(realloc(p, 20008), p);
	free(q);
	assert_ptr_equal(realloc(p, 60000), p);
	assert_ptr_equal(realloc(p, 10000), p);
	q = malloc(80000);
	free(p);
	free(q);
	poolcheck(mainmem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(freed_blocks_are_poisoned),
	    cmocka_unit_test(a_write_to_a_freed_block_is_found),
	    cmocka_unit_test(a_write_to_a_freed_large_block_is_found),
	    cmocka_unit_test(a_write_to_another_pools_freed_block_is_found),
	    cmocka_unit_test(a_write_to_what_xfree_freed_is_found),
	    cmocka_unit_test(what_realloc_gives_up_is_free),
	};
	if (!CHECKING)
		return 0; /* nothing of this is promised */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
