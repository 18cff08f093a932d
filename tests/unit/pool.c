/*
 * The pools: small and large blocks, arenas, realloc, misuse, order.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "bytemap.h"
#include "conf.h"
#include "expect.h"
#include "heap.h"
#include "hooks.h"
#include "host.h"
#include "page.h"
#include "rename.h"
#include "pool.h"
#include "stage.h"
#include "xalloc.h"

/* Sizes about all the edges there are. */
static size_t
sizeat(unsigned i)
{
	static const size_t edges[] = {
	    0, 16, 240, 496, 512, 2032, 4080, 4336, 8192, 65000, 65536, 300000};

	return edges[i % nelem(edges)] + i / nelem(edges) % 21 -
	       MIN(edges[i % nelem(edges)], 10);
}

static void
malloc_gives_cleared_aligned_memory(void **state)
{
	(void)state;
	heapmachine(1, 64 * MiB, 0);
	for (unsigned i = 0; i < 252; i++) {
		size_t size = sizeat(i);
		uint8_t *p = mallocz(size, false);
		assert_non_null(p);
		memset(p, 0xff, size);
		free(p);
		uint8_t *kinds[] = {malloc(size), mallocz(size, true),
		    smalloc(size), mallocalign(size, 64, 0, 0)};
		for (size_t k = 0; k < nelem(kinds); k++) {
			p = kinds[k];
			assert_int_equal(msize(p), size);
			assert_int_equal((uintptr_t)p % 16, 0);
			assert_true(zero(p, size));
			memset(p, 0xee, size);
		}
		for (size_t k = 0; k < nelem(kinds); k++)
			free(kinds[k]);
	}
	free(NULL);
	poolcheck(mainmem);
}

static void
every_pool_is_itself(void **state)
{
	Pool *pools[] = {mainmem, imagmem, secrmem};
	static const char *const names[] = {"Main", "Image", "Secrets"};

	(void)state;
	heapmachine(1, 16 * MiB, 0);
	for (size_t i = 0; i < nelem(pools); i++) {
		assert_string_equal(poolname(pools[i]), names[i]);
		assert_int_equal(poolsize(pools[i]), 0);
		void *p = poolalloc(pools[i], 100);
		void *q = poolalloc(pools[i], 10000);
		assert_int_equal(poolmsize(pools[i], p), 100);
		size_t used = poolused(pools[i]);
		assert_true(used >= 10100 && used < 10400);
		assert_true(poolsize(pools[i]) >= used);
		assert_int_equal(poolsize(pools[(i + 1) % 3]), 0);
		p = poolrealloc(pools[i], p, 200);
		assert_int_equal(poolmsize(pools[i], p), 200);
		poolfree(pools[i], p);
		poolfree(pools[i], q);
		poolfree(pools[i], NULL);
		assert_int_equal(poolused(pools[i]), 0);
		poolcheck(pools[i]);
		assert_true(poolcompact(pools[i]));
		assert_false(poolcompact(pools[i]));
		assert_int_equal(poolsize(pools[i]), 0);
	}
	assert_int_equal(xholes(), 1);
}

static void
the_summary_is_as_9front_prints_it(void **state)
{
	char want[300];
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	void *p = poolalloc(imagmem, 10000);
	hostquiet();
	mallocsummary();
	size_t size = poolsize(imagmem);
	size_t used = poolused(imagmem);
	snprintf(want, sizeof want,
	    "Main max 0 cur 0 free 0 alloc 0\n"
	    "Image max %zu cur %zu free %zu alloc %zu\n"
	    "Secrets max 0 cur 0 free 0 alloc 0\n",
	    size, size, size - used, used);
	assert_string_equal(hostsaid(), want);
	poolfree(imagmem, p);
	poolcompact(imagmem);
	hostquiet();
	poolsummary(imagmem);
	snprintf(
	    want, sizeof want, "Image max %zu cur 0 free 0 alloc 0\n", size);
	assert_string_equal(hostsaid(), want);
}

static void
freeing_all_leaves_xalloc_as_it_was(void **state)
{
	enum { N = 20000 };
	static void *p[N];

	(void)state;
	heapmachine(1, 64 * MiB, 0);
	size_t before = xfreebytes();
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < N; i++) {
			size_t size = i * 7 % 2000;
			p[i] = i % 2000 == 0 ? malloc(700 * KiB) : malloc(size);
			assert_non_null(p[i]);
		}
		poolcheck(mainmem);
		for (unsigned i = 0; i < N; i++)
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

/* No arena with nothing in it is kept, but for one. */
static void
arenas_go_back_when_empty(void **state)
{
	enum { N = 8 };
	void *p[N];

	(void)state;
	heapmachine(1, 64 * MiB, 0);
	size_t before = xfreebytes();
	void *keep[N];
	for (int i = 0; i < N; i++) {
		p[i] = malloc(4 * MiB);
		keep[i] = xalloc(16); /* so that arenas do not join */
	}
	assert_true(poolsize(mainmem) > N * 4 * MiB);
	for (int i = 0; i < N; i++)
		free(p[i]);
	assert_true(poolsize(mainmem) < 5 * MiB);
	void *q = malloc(4 * MiB);
	free(q);
	assert_true(poolsize(mainmem) < 5 * MiB);
	assert_true(poolcompact(mainmem));
	for (int i = 0; i < N; i++)
		xfree(keep[i]);
	assert_int_equal(xfreebytes(), before);
}

static void
realloc_keeps_what_was_there(void **state)
{
	(void)state;
	heapmachine(1, 64 * MiB, 0);
	for (unsigned i = 0; i < 252; i++)
		for (unsigned j = 0; j < 252; j += 5) {
			size_t old = sizeat(i);
			size_t size = sizeat(j);
			uint8_t *p = realloc(NULL, old);
			fill(p, old, i);
			p = realloc(p, size);
			if (size == 0) {
				assert_null(p);
				continue;
			}
			assert_int_equal(msize(p), size);
			assert_true(filled(p, MIN(old, size), i));
			fill(p, size, j);
			assert_true(filled(p, size, j));
			free(p);
		}
	poolcheck(mainmem);
	assert_int_equal(poolused(mainmem), 0);
}

static void
realloc_stays_where_it_can(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	uint8_t *p = malloc(1000);
	assert_ptr_equal(realloc(p, 990), p);
	assert_ptr_equal(realloc(p, 600), p);
	uint8_t *large = malloc(4336); /* too much slack to note */
	assert_non_null(large = realloc(large, 2200));
	assert_int_equal(msize(large), 2200);
	free(large);
	assert_ptr_not_equal(p = realloc(p, 100), NULL);
	assert_int_equal(msize(p), 100);
	free(p);
	p = malloc(100000);
	assert_ptr_equal(realloc(p, 50000), p);
	assert_ptr_equal(realloc(p, 90000), p);
	assert_int_equal(msize(p), 90000);
	void *wall[100]; /* on all sides */
	for (size_t i = 0; i < nelem(wall); i++)
		wall[i] = malloc(10000);
	assert_ptr_equal(realloc(p, 90000), p);
	assert_ptr_equal(realloc(p, 89000), p);
	fill(p, 89000, 1);
	uint8_t *q = realloc(p, 220000);
	assert_ptr_not_equal(q, p);
	assert_true(filled(q, 89000, 1));
	assert_null(realloc(q, 1ull << 60));
	assert_null(realloc(q, 1ull << 44)); /* nor with room to grow */
	assert_null(realloc(q, 17 * MiB));
	assert_int_equal(msize(q), 220000);
	free(q);
	for (size_t i = 0; i < nelem(wall); i++)
		free(wall[i]);
	poolcheck(mainmem);
}

/* One block to 32 MiB by 64 KiB, another growing beside it: how many moves. */
static unsigned
growth(bool beside)
{
	unsigned moves = 0;
	size_t other = 1000;
	uint8_t *p = malloc(64 * KiB);
	uint8_t *q = malloc(other);

	fill(p, 64 * KiB, 0);
	for (size_t size = 64 * KiB; size < 32 * MiB; size += 64 * KiB) {
		uint8_t *to = realloc(p, size + 64 * KiB);
		assert_non_null(to);
		moves += to != p;
		p = to;
		fill(p + size, 64 * KiB, (unsigned)(size / 64 / KiB));
		if (beside)
			assert_non_null(q = realloc(q, other += 9000));
	}
	for (unsigned i = 0; i < 512; i++)
		assert_true(filled(p + i * 64 * KiB, 64 * KiB, i));
	poolcheck(mainmem);
	free(p);
	free(q);
	poolcompact(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	return moves;
}

static void
a_growing_block_moves_rarely(void **state)
{
	(void)state;
	for (size_t spent = 0; spent < 3; spent++) {
		heapmachine(1, spent == 0 ? 128 * MiB : spent * MiB,
		    spent == 0 ? 0 : 32768);
		size_t before = xfreebytes();
		if (spent > 0)
			heappages();
		assert_in_range(growth(false), 0, 3);
		assert_in_range(growth(true), 0, 8);
		assert_int_equal(xfreebytes(), before);
	}
}

static void
mallocalign_aligns_and_does_not_cross(void **state)
{
	(void)state;
	heapmachine(1, 64 * MiB, 0);
	for (size_t size = 1; size <= 64 * KiB; size = size * 3 + 1)
		for (size_t align = 1; align <= 64 * KiB; align *= 4)
			for (ptrdiff_t off = -64; off <= 64; off += 64) {
				uint8_t *p =
				    mallocalign(size, align, off, 128 * KiB);
				uintptr_t at = (uintptr_t)p;
				assert_non_null(p);
				assert_true(zero(p, size));
				assert_int_equal(
				    (at + (uintptr_t)off) % align, 0);
				assert_int_equal(at / (128 * KiB),
				    (at + size - 1) / (128 * KiB));
				assert_int_equal(msize(p), size);
				memset(p, 0xff, size);
				free(p);
			}
	assert_non_null(mallocalign(10, 8, 8, 0));
	assert_non_null(mallocalign(10, 0, 3, 0));
	assert_non_null(poolallocalign(imagmem, 4096, 4096, 0, 0));
	assert_null(mallocalign(100, 0, 0, 64));
	assert_null(mallocalign(SIZE_MAX, 64, 0, 0));
	assert_null(mallocalign(1, 1ull << 63, 0, 0));
	expectpanic(mallocalign(1, 3, 0, 0), "mallocalign: align 0x3");
	expectpanic(mallocalign(1, 0, 0, 3), "mallocalign: align 0");
	expectpanic(mallocalign(1, 64, 8, 0), "offset 8");
	poolcheck(mainmem);
}

static void
sizes_that_wrap_or_are_too_large_are_refused(void **state)
{
	(void)state;
	heapmachine(1, 4 * MiB, 256);
	heappages();
	for (size_t size = SIZE_MAX; size > SIZE_MAX - 40; size--) {
		assert_null(malloc(size));
		assert_null(mallocz(size, true));
		assert_null(realloc(NULL, size));
		assert_null(mallocalign(size, 16, 0, 0));
	}
	for (size_t size = 8 * MiB; size != 0; size *= 2)
		assert_null(malloc(size));
	poolcheck(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	expectpanic(
	    smalloc(1ull << 50), "smalloc: 0x4000000000000 bytes are never");
}

/* malloc -> kernel addresses -> frames -> carve, and all of it back. */
static void
arenas_grow_by_the_page_when_xalloc_is_spent(void **state)
{
	enum { N = 3000 };
	static void *p[N];

	(void)state;
	heapmachine(1, 1 * MiB, 4096);
	assert_null(malloc(2 * MiB));
	heappages();
	size_t nfree = pagesfree();
	for (int i = 0; i < N; i++) {
		p[i] = malloc(1000);
		assert_non_null(p[i]);
		fill(p[i], 1000, (unsigned)i);
	}
	size_t mid = pagesfree();
	assert_true(mid < nfree);
	assert_true(mid > nfree - 5 * MiB / BY2PG);
	uint8_t *big = malloc(5 * MiB);
	assert_non_null(big);
	fill(big, 5 * MiB, 1);
	size_t before = pagesfree();
	assert_null(malloc(15 * MiB)); /* takes nothing if not all */
	assert_true(pagesfree() >= before);
	assert_null(malloc(100 * MiB)); /* nor an arena for it */
	assert_true(pagesfree() >= before);
	poolcheck(mainmem);
	assert_true(filled(big, 5 * MiB, 1));
	free(big);
	for (int i = 0; i < N; i++) {
		assert_true(filled(p[i], 1000, (unsigned)i));
		free(p[i]);
	}
	poolcompact(mainmem);
	poolcompact(mainmem);
	poolcheck(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(pagesfree(), nfree);
	size_t mapped = hostmapped();
	free(malloc(5 * MiB));
	assert_true(hostmapped() > mapped);
	poolcompact(mainmem);
	assert_int_equal(hostmapped(), mapped);
}

/* Also when memory runs out at every possible point. */
static void
running_out_is_clean(void **state)
{
	enum { N = 4000 };
	static void *p[N];
	static const size_t sizes[] = {16, 100, 1000, 4000, 20000};

	(void)state;
	for (size_t frames = 0; frames <= 640; frames += 160)
		for (size_t k = 0; k < nelem(sizes); k++) {
			heapmachine(1, 64 * KiB, frames);
			if (frames > 0)
				heappages();
			size_t before = xfreebytes();
			size_t n = 0;
			while (n < N && (p[n] = malloc(sizes[k])) != NULL)
				n++;
			poolcheck(mainmem);
			assert_null(malloc(3 * MiB));
			for (size_t i = 0; i < n; i++)
				free(p[i]);
			poolcompact(mainmem);
			poolcompact(mainmem);
			assert_int_equal(poolsize(mainmem), 0);
			assert_int_equal(xfreebytes(), before);
		}
}

/* Sizes lend each other blocks, whoever has some and whoever has not. */
static void
sizes_lend_each_other_blocks(void **state)
{
	enum { N = 1500 };
	static uint8_t *p[N];
	static size_t size[N];

	(void)state;
	heapmachine(1, 64 * MiB, 0);
	srand(2);
	p[0] = malloc(4000);
	free(p[0]);
	assert_ptr_not_equal(malloc(3000), p[0]); /* but not from so far */
	for (int round = 0; round < 4; round++) {
		for (unsigned i = 0; i < N; i++) {
			size[i] = 2600 + (size_t)rand() % 500;
			p[i] = malloc(size[i]);
			fill(p[i], size[i], i);
		}
		poolcheck(mainmem);
		for (unsigned i = 0; i < N; i++) {
			assert_true(filled(p[i], size[i], i));
			free(p[i]);
		}
		poolcheck(mainmem);
	}
}

/* Take all that xalloc has, in blocks that are not given back. */
static void
spendxalloc(void)
{
	for (size_t size = 64 * MiB; size > 0; size /= 2)
		while (xspanallocfor(XPOOL, size, 0, 0) != NULL)
			continue;
}

static void
without_a_frame_there_is_no_arena(void **state)
{
	paddr_t pa[600];
	size_t n = 0;

	(void)state;
	heapmachine(1, 1 * MiB, 512);
	heappages();
	spendxalloc();
	assert_null(mallocalign(16, 64, 0, 1));
	while ((pa[n] = kalloc_frame()) != NOADDR)
		n++;
	assert_null(malloc(16)); /* not even the magazine */
	assert_int_equal(poolsize(mainmem), 0);
	while (n > 0)
		kfree_frame(pa[--n]);
	size_t nfree = pagesfree();
	for (n = 0; n < 6; n++) { /* no range, page, magazine, slab */
		hostrefuse(n);
		uint8_t *p = malloc(16);
		assert_true(p == NULL || n >= 2);
		free(p);
		free(malloc(1 * MiB));
		poolcompact(mainmem);
		assert_int_equal(poolsize(mainmem), 0);
		assert_int_equal(pagesfree(), nfree);
	}
	assert_int_equal(pagesfree(), nfree);
	hostrefuse(SIZE_MAX);
	uint8_t *p = malloc(1000);
	uint8_t *q = malloc(100000);
	expectpanic(free(p + 16), "no block, or something wrote");
	expectpanic(poolfree(mainmem, q + 16), "no block, or something wrote");
	expectpanic(poolfree(mainmem, q + 1), "not 16-byte aligned");
	free(p);
	free(q);
	poolcompact(mainmem);
	assert_int_equal(pagesfree(), nfree);
}

/* A CPU that has no magazine, and no memory for one, can free all the same. */
static void
freeing_needs_no_memory(void **state)
{
	enum { N = 8000 };
	static void *p[N];
	size_t n = 0;

	(void)state;
	heapmachine(1, 1 * MiB, 0);
	while (n < N && (p[n] = malloc(200)) != NULL)
		n++;
	spendxalloc();
	while (mallocalign(16, 32, 0, 0) != NULL)
		continue;
	assert_true(n > 1000);
	hostcpu(1);
	assert_null(malloc(200));
	free(p[--n]);
	poolfree(mainmem, p[--n]);
	while (n > 0)
		free(p[--n]);
	hostcpu(0);
	poolcheck(mainmem);
}

/* Blocks to lend, but no memory for a magazine to lend them by. */
static void
lending_may_need_memory(void **state)
{
	enum { N = 8000 };
	static void *p[N];
	size_t n = 0;

	(void)state;
	heapmachine(1, 1 * MiB, 0);
	hostcpu(1);
	assert_non_null(malloc(192));
	hostcpu(0);
	while (n < N && (p[n] = malloc(200)) != NULL)
		n++;
	spendxalloc();
	while (mallocalign(16, 32, 0, 0) != NULL)
		continue;
	hostcpu(1);
	while (malloc(192) != NULL)
		continue;
	hostcpu(0);
	free(p[0]);
	poolcompact(mainmem);
	while (mallocalign(16, 32, 0, 0) != NULL)
		continue;
	hostcpu(1);
	assert_non_null(malloc(100)); /* but not by a magazine */
	assert_null(malloc(192));
	hostcpu(0);
	poolcheck(mainmem);
}

/*
 * The arena that was kept is in use again when another becomes empty; and an
 * arena of xalloc's may come after one that is mapped.
 */
static void
the_spare_arena_is_the_last_that_was_empty(void **state)
{
	(void)state;
	heapmachine(1, 8 * MiB, 1024);
	heappages();
	size_t before = xfreebytes();
	void *hold = xspanallocfor(XPOOL, 7 * MiB, 0, 0);
	void *a = malloc(3 * MiB); /* mapped */
	void *keep = xspanallocfor(XPOOL, 16, 0, 0);
	xfree(hold);
	void *b = malloc(5 * MiB); /* xalloc's */
	free(a);
	a = malloc(1 * MiB);
	free(b);
	size_t size = poolsize(mainmem);
	b = malloc(3 * MiB); /* in what was spare */
	assert_true(poolsize(mainmem) <= size);
	poolcheck(mainmem);
	free(b);
	b = malloc(2300 * KiB);
	void *c = malloc(2300 * KiB); /* behind b, which goes */
	free(b);
	free(a);
	poolcheck(mainmem);
	free(c);
	poolcompact(mainmem);
	poolcompact(mainmem);
	xfree(keep);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(xfreebytes(), before);
}

/* What waits for another size, or in another pool, is given up first. */
static void
what_waits_is_used_before_failing(void **state)
{
	enum { N = 200 };
	static void *p[N];
	size_t n = 0;

	(void)state;
	heapmachine(1, 1 * MiB, 0);
	while (n < N && (p[n] = poolalloc(imagmem, 4000)) != NULL)
		n++;
	for (size_t i = 0; i < n; i++)
		poolfree(imagmem, p[i]);
	assert_non_null(malloc(700 * KiB));
	assert_null(malloc(700 * KiB));
}

static void
misuse_of_free_is_caught(void **state)
{
	static uint8_t elsewhere[64] __attribute__((aligned(16)));
	uint8_t local[64] __attribute__((aligned(16)));

	(void)state;
	heapmachine(1, 64 * MiB, 0);
	expectpanic(free(elsewhere + 16), "no arena has it");
	for (unsigned i = 0; i < 36; i++) {
		size_t size = sizeat(i * 7) + 48;
		uint8_t *p = malloc(size);
		uint8_t *q = malloc(size);
		memset(p, (int)i, size);
		expectpanic(free(p + 1), "not 16-byte aligned");
		expectpanic(free(p + 16), "no block, or something wrote");
		expectpanic(free(p + 32), "no block, or something wrote");
		expectpanic(free(local + 16), "no arena has it");
		expectpanic(poolfree(mainmem, local + 16), "no arena has");
		expectpanic(free((void *)16), "no arena has it");
		expectpanic(poolfree(imagmem, p), "is a block of Main, owner");
		expectpanic(poolmsize(secrmem, p), "is a block of Main");
		expectpanic(xfree(p), "is a block of Main");
		expectpanic((void)msize(p + 16), "msize: ");
		expectpanic(
		    (void)poolrealloc(imagmem, p, 9), "is a block of Main");
		free(p);
		expectpanic(free(p), "is free already; its owner was 0x");
		expectpanic((void)msize(p), "msize: ");
		expectpanic((void)realloc(p, 10), "realloc: ");
		expectpanic((void)realloc(p, 0), "is free already");
		free(q);
		expectpanic(free(p), "is free already");
	}
	void *x = xalloc(100000);
	expectpanic(free(x), "no arena has it");
	poolcheck(mainmem);
}

/* Blocks that the pool made for itself are nobody's to free. */
static void
the_pools_own_blocks_are_not_blocks(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	uint8_t *p = malloc(100);
	uint8_t *slab = (uint8_t *)ROUNDDOWN((uintptr_t)p, 16 * KiB) + 16;
	expectpanic(free(slab), "is a block of Main");
	expectpanic((void)msize(slab), "is a block of Main");
	free(p);
}

static void
a_byte_written_beyond_either_end_is_caught(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 252; i++) {
		size_t size = sizeat(i);
		heapmachine(1, 16 * MiB, 0);
		uint8_t *p = malloc(size);
		damage(p + size);
		expectpanic(free(p), "something wrote above it");
		expectpanic(poolfree(mainmem, p), "something wrote above it");
		expectpanic((void)msize(p), "something wrote above it");
		expectpanic(
		    (void)realloc(p, size + 1), "something wrote above it");
		expectpanic(poolcheck(mainmem), "something wrote above it");
		heapmachine(1, 16 * MiB, 0);
		p = malloc(size);
		poke(p + size, 0);
		expectpanic(free(p), "something wrote above it");
		heapmachine(1, 16 * MiB, 0);
		p = malloc(size);
		damage(p - 1);
		expectpanic(free(p), "something wrote below it");
		expectpanic(poolcheck(mainmem), "something wrote below it");
	}
}

/* The owner in a report is the code that called malloc. */
static void
reports_name_the_owner(void **state)
{
	uintmax_t owner = 0;

	(void)state;
	heapmachine(1, 16 * MiB, 0);
	for (size_t size = 100; size <= 100000; size *= 1000) {
		uint8_t *p = malloc(size);
		damage(p + size);
		expectpanic(free(p), "owner 0x");
		sscanf(strstr(hostpanic(), "owner") + 6, "%jx", &owner);
		assert_true(owner > (uintptr_t)reports_name_the_owner);
		assert_true(owner < (uintptr_t)reports_name_the_owner + 2000);
		damage(p + size);
		free(p);
	}
}

/* A secret is gone when its block is freed, shrunk or moved. */
static void
secrets_are_cleared(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	for (unsigned i = 0; i < 252; i++) {
		size_t size = sizeat(i) + 200;
		uint8_t *p = poolalloc(secrmem, size);
		memset(p, 0x5e, size);
		uint8_t *q = poolrealloc(secrmem, p, size * 3 / 4);
		if (q == p) {
			size_t j = size * 3 / 4 + (size < 4300 ? 8 : 56);
			for (; j < size - 40; j++)
				assert_int_not_equal(poke(p + j, 0), 0x5e);
		}
		heapmachine(1, 16 * MiB, 0);
		p = poolalloc(secrmem, size);
		memset(p, 0x5e, size);
		poolfree(secrmem, p);
		/* A large one's first words are links now. */
		for (size_t j = size < 4300 ? 0 : 16; j < size; j++)
			assert_int_not_equal(poke(p + j, 0), 0x5e);
		heapmachine(1, 16 * MiB, 0);
	}
}

/* A block of any size finds another CPU's free() as good as its own. */
static void
blocks_may_be_freed_on_another_cpu(void **state)
{
	enum { N = 5000 };
	static void *p[N];

	(void)state;
	heapmachine(1, 64 * MiB, 0);
	size_t before = xfreebytes();
	for (int round = 0; round < 3; round++) {
		hostcpu(round % 2);
		for (unsigned i = 0; i < N; i++)
			p[i] = malloc(i % 700);
		hostcpu((round + 1) % 2);
		for (unsigned i = 0; i < N; i++)
			free(p[i]);
		poolcheck(mainmem);
	}
	for (int cpu = 0; cpu < 2; cpu++) {
		hostcpu(cpu);
		poolcompact(mainmem);
	}
	hostcpu(0);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(xfreebytes(), before);
}

static void
calls_out_of_order_are_named(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	stage = SCONF;
	expectpanic(malloc(1), "malloc: called too early: needs xinit");
	expectpanic(malloc(100000), "malloc: called too early: needs xinit");
	expectpanic(mallocalign(1, 64, 0, 0), "mallocalign: called too early");
	expectpanic(poolcheck(mainmem), "poolcheck: called too early");
	expectpanic(
	    (void)poolcompact(mainmem), "poolcompact: called too early");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(malloc_gives_cleared_aligned_memory),
	    cmocka_unit_test(every_pool_is_itself),
	    cmocka_unit_test(the_summary_is_as_9front_prints_it),
	    cmocka_unit_test(freeing_all_leaves_xalloc_as_it_was),
	    cmocka_unit_test(arenas_go_back_when_empty),
	    cmocka_unit_test(realloc_keeps_what_was_there),
	    cmocka_unit_test(realloc_stays_where_it_can),
	    cmocka_unit_test(a_growing_block_moves_rarely),
	    cmocka_unit_test(mallocalign_aligns_and_does_not_cross),
	    cmocka_unit_test(sizes_that_wrap_or_are_too_large_are_refused),
	    cmocka_unit_test(arenas_grow_by_the_page_when_xalloc_is_spent),
	    cmocka_unit_test(running_out_is_clean),
	    cmocka_unit_test(sizes_lend_each_other_blocks),
	    cmocka_unit_test(without_a_frame_there_is_no_arena),
	    cmocka_unit_test(freeing_needs_no_memory),
	    cmocka_unit_test(lending_may_need_memory),
	    cmocka_unit_test(the_spare_arena_is_the_last_that_was_empty),
	    cmocka_unit_test(what_waits_is_used_before_failing),
	    cmocka_unit_test(misuse_of_free_is_caught),
	    cmocka_unit_test(the_pools_own_blocks_are_not_blocks),
	    cmocka_unit_test(a_byte_written_beyond_either_end_is_caught),
	    cmocka_unit_test(reports_name_the_owner),
	    cmocka_unit_test(secrets_are_cleared),
	    cmocka_unit_test(blocks_may_be_freed_on_another_cpu),
	    cmocka_unit_test(calls_out_of_order_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
