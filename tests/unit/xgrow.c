/*
 * xgive and xgrow: blocks of xalloc's that give up a part, or grow in place.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include "rename.h"
#include "../../mm/heap/hole.h"
#include "bytes.h"
#include "expect.h"
#include "heap.h"
#include "xalloc.h"

enum { NLIVE = 200, NSTEP = 60000 };

static void
what_cannot_be_given_is_named(void **state)
{
	(void)state;
	heapmachine(1, MiB, 0);
	uint8_t *p = xalloc(4096);

	expectpanic(xgive(p, p - 16, p + 4096), "xgive: 0x");
	expectpanic(xgive(p, p, p + 4096 + 16), "4096 bytes: [0x");
	expectpanic(xgive(p, p + 4096 + 16, p + 4096), "4096 bytes: [0x");
	expectpanic(xgive(p, p + 2048, p + 2048 + XGIVEMIN - 16), "bytes: [0x");
	expectpanic(xgive(p, p, p + 4096 - XGIVEMIN + 16), "bytes: [0x");
	expectpanic(xgive(p + 16, p, p + 4096), "is no block");
	xcheck();
	stage = SCONF;
	expectpanic(xgive(p, p, p + 4096), "xgive: called too early");
	expectpanic(xgrow(p, 5000), "xgrow: called too early");
}

/*
 *	p [ 1024 )[ given  )[ 1024, a block of its own )
 */
static void
the_middle_is_given_and_the_ends_are_kept(void **state)
{
	(void)state;
	heapmachine(1, MiB, 0);
	size_t nfree = xfreebytes();
	uint8_t *p = xalloc(4096);
	uint8_t *guard = xalloc(64);
	size_t full = xfreebytes();

	fill(p, 4096, 7);
	xgive(p, p + 1024, p + 3072);
	xcheck();
	assert_in_range(xfreebytes() - full, 2048 - 32, 2048);
	xcheck();
	memset(p, 1, 1024);
	memset(p + 3072, 2, 1024);
	expectpanic(xgrow(p + 3072 + 16, 10), "is no block");
	xfree(p + 3072);
	xfree(p);
	xfree(guard);
	assert_int_equal(xfreebytes(), nfree);
	assert_int_equal(xholes(), 1);
	/* All but the end; and all. */
	p = xalloc(4096);
	xgive(p, p, p + 2048);
	memset(p + 2048, 3, 2048);
	xgive(p + 2048, p + 2048, p + 4096);
	assert_int_equal(xfreebytes(), nfree);
	xcheck();
}

/* Into what is free above, waits there, or is not opened yet; no further. */
static void
a_block_grows_as_far_as_it_can(void **state)
{
	(void)state;
	for (size_t banks = 1; banks <= 3; banks++) {
		heapmachine(banks, 8 * MiB, 0);
		size_t nfree = xfreebytes();
		uint8_t *p = xalloc(1000);
		uint8_t *q = xalloc(1000);

		memset(p, 1, 1000);
		assert_int_equal(xgrow(p, 3000), -1);
		xfree(q); /* it waits, in one piece */
		assert_int_equal(xgrow(p, 2000), 0);
		assert_int_equal(xgrow(p, 5 * MiB), 0);
		memset(p + 1000, 1, 5 * MiB - 1000);
		assert_int_equal(xgrow(p, SIZE_MAX), -1);
		assert_int_equal(xgrow(p, SIZE_MAX / 2), -1);
		assert_int_equal(xgrow(p, 8 * MiB), -1);
		xcheck();
		assert_int_equal(xgrow(p, 100), 0);
		expectpanic((damage(p + 100), xfree(p)), "wrote above it");
		damage(p + 100);
		xfree(p);
		assert_int_equal(xfreebytes(), nfree);
		xcheck();
	}
}

/* The last block of the lowest bank, and nothing but that bank's memory. */
static void
each_bank_has_its_own_end(void **state)
{
	(void)state;
	heapmachine(3, 4 * MiB, 0);
	uint8_t *last[3];

	for (size_t i = 0; i < 3; i++) {
		assert_non_null(last[i] = xallocz(2 * MiB + 100, false));
		if (i > 0)
			assert_true(last[i] > last[i - 1] + 3 * MiB);
	}
	for (size_t i = 3; i-- > 0;) {
		assert_int_equal(xgrow(last[i], 4 * MiB), -1);
		assert_int_equal(xgrow(last[i], 3 * MiB), 0);
		memset(last[i], (int)i, 3 * MiB);
		xcheck();
	}
}

/*
 *	0    4K   2M   2M+4K
 *	[hdr )[ p .... )[bad )[ not opened
 */
static void
nobody_grows_over_bad_memory(void **state)
{
	static const size_t bad[] = {512, 514};

	(void)state;
	heapbadmachine(4 * MiB, bad, nelem(bad));
	void *p = xallocz(5000, false);
	assert_int_equal(xbadpages(), 1);
	assert_int_equal(xgrow(p, MiB), 0);
	assert_int_equal(xgrow(p, 2 * MiB + 4 * BY2PG), -1);
	assert_int_equal(xbadpages(), 1); /* nothing was opened in vain */
	xfree(p);
	xcheck();
}

static uint8_t memory[1 << 16] __attribute__((aligned(4096)));

/* Opens nothing: there is no memory for it. */
static enum opened
nomore(Region *r, uintptr_t at, uintptr_t to)
{
	(void)r;
	(void)at;
	(void)to;
	return CLOSED;
}

static void
a_region_that_does_not_open_leaves_it_as_it_was(void **state)
{
	Want w = {1000, 0, GRAIN, 0, 0};
	Holes holes = {.more = nomore};

	(void)state;
	holeregion(&holes, memory, 4096, sizeof memory);
	Block *b = holealloc(&holes, &w);
	size_t size = blocksize(b);
	assert_int_equal(holegrow(&holes, b, 8192), -1);
	assert_int_equal(holegrow(&holes, b, sizeof memory), -1);
	assert_int_equal(blocksize(b), size);
	assert_int_equal(holegrow(&holes, b, 2000), 0);
	holecheck(&holes);
}

static struct {
	uint8_t *p;
	size_t size;
	unsigned seed;
} live[NLIVE];

static size_t
some(size_t most)
{
	return (size_t)rand() % most;
}

/* live[i] gives up a part, and what is above that is live[k]. */
static void
give(unsigned i, unsigned k)
{
	size_t most = live[i].size;

	if (live[k].p != NULL || most < 2 * XGIVEMIN)
		return;
	size_t from = rand() % 3 ? some(most - XGIVEMIN) / 16 * 16 : 0;
	size_t to = from + XGIVEMIN + some(most - from - XGIVEMIN) / 16 * 16;

	if (rand() % 3 == 0 || most - to < XGIVEMIN)
		to = most;
	uint8_t *p = live[i].p;
	xgive(p, p + from, p + to);
	live[i].size = from;
	if (from == 0)
		live[i].p = NULL;
	if (to < most) {
		live[k].p = p + to;
		live[k].size = most - to;
		live[k].seed = rand();
		fill(live[k].p, live[k].size, live[k].seed);
	}
}

static void
grow(unsigned i)
{
	size_t size = some(9000);

	if (xgrow(live[i].p, size) < 0)
		return;
	live[i].size = size;
	live[i].seed = rand();
	fill(live[i].p, size, live[i].seed);
}

static void
step(unsigned i)
{
	if (live[i].p == NULL) {
		live[i].size = some(rand() % 8 ? 3000 : 60000);
		live[i].p = xallocz(live[i].size, false);
		live[i].seed = rand();
		if (live[i].p != NULL)
			fill(live[i].p, live[i].size, live[i].seed);
		return;
	}
	if (rand() % 2)
		return grow(i);
	assert_true(filled(live[i].p, live[i].size, live[i].seed));
	if (rand() % 2)
		return give(i, (unsigned)some(NLIVE));
	xfree(live[i].p);
	live[i].p = NULL;
}

static void
after_any_sequence_all_is_one_hole_again(void **state)
{
	(void)state;
	heapmachine(1, 4 * MiB, 0);
	size_t nfree = xfreebytes();
	srand(7);
	for (size_t n = 0; n < NSTEP; n++) {
		step((unsigned)some(NLIVE));
		if (n % 1024 == 0)
			xcheck();
	}
	for (unsigned i = 0; i < NLIVE; i++) {
		if (live[i].p != NULL)
			assert_true(
			    filled(live[i].p, live[i].size, live[i].seed));
		xfree(live[i].p);
		live[i].p = NULL;
	}
	xcheck();
	assert_int_equal(xfreebytes(), nfree);
	assert_int_equal(xholes(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_cannot_be_given_is_named),
	    cmocka_unit_test(the_middle_is_given_and_the_ends_are_kept),
	    cmocka_unit_test(a_block_grows_as_far_as_it_can),
	    cmocka_unit_test(each_bank_has_its_own_end),
	    cmocka_unit_test(nobody_grows_over_bad_memory),
	    cmocka_unit_test(a_region_that_does_not_open_leaves_it_as_it_was),
	    cmocka_unit_test(after_any_sequence_all_is_one_hole_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
