/*
 * heapfind.c - whose an address of the heap is: blocks of all sizes and pools,
 * at every byte of them, and what lies between.
 *
 * needs: tests/host/heap.c
 */
#include "unit.h"
#include "heap.h"
#include "heapfind.h"
#include "pool.h"
#include "xalloc.h"
#include "../host/mm/asan.h"
#include "../../mm/heap/poolparts.h"
#include "../../mm/heap/xlists.h"

enum { NBLOCK = 60, LARGE = 20000 };

/* Of a block's header, of a region's and of a slab's, in words. */
enum {
	BITS = -2,
	TAG = -1,
	NEXT = 0,
	FENCE = 2,
	EDGE = 3,
	SEAL = 0,
	CLASS = 4
};

static int
setup(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 5000);
	return 0;
}

static void
assert_used(const void *p, size_t size, const char *whose)
{
	static const size_t odd[] = {0, 1, 7};
	Heapblock b;

	for (size_t i = 0; i < nelem(odd); i++) {
		size_t off = odd[i] < size ? odd[i] : size - 1;

		assert_true(heapfind((uintptr_t)p + off, &b));
		assert_int_equal(b.state, HEAPUSED);
		assert_int_equal(b.at, (uintptr_t)p);
		assert_int_equal(b.size, size);
		assert_string_equal(b.whose, whose);
	}
	assert_true(heapfind((uintptr_t)p + size - 1, &b));
	assert_int_equal(b.at, (uintptr_t)p);
	/* Low bits of a pc in this program, the rest of it as of any other. */
	assert_in_range(b.pc - (uintptr_t)setup + 64 * MiB, 0, 128 * MiB);
}

static void
every_block_is_found(void **state)
{
	Pool *const pools[] = {mainmem, imagmem, secrmem};
	void *p[NBLOCK];
	size_t size[NBLOCK];
	Heapblock b;

	(void)state;
	heappages();
	for (size_t i = 0; i < NBLOCK; i++) {
		size[i] = 1 + i * i * 7 + (i % 10 == 9 ? 20000 : 0);
		p[i] = poolalloc(pools[i % 3], size[i]);
		assert_non_null(p[i]);
	}
	for (size_t i = 0; i < NBLOCK; i++)
		assert_used(p[i], size[i], poolname(pools[i % 3]));
	for (size_t i = 0; i < NBLOCK; i += 2)
		poolfree(pools[i % 3], p[i]);
	for (size_t i = 0; i < NBLOCK; i++) {
		if (i % 2 == 1) {
			assert_used(p[i], size[i], poolname(pools[i % 3]));
			continue;
		}
		assert_true(heapfind((uintptr_t)p[i], &b));
		assert_int_not_equal(b.state, HEAPUSED);
		assert_int_equal(b.pc, 0);
	}
}

static void
xallocs_blocks_and_holes(void **state)
{
	Heapblock b;
	uint8_t *p = xalloc(1000);
	uint8_t *q = xalloc(100 * KiB);

	(void)state;
	assert_used(p, 1000, "xalloc");
	assert_used(q, 100 * KiB, "xalloc");
	assert_true(heapfind((uintptr_t)q - 16, &b));
	assert_int_equal(b.at, (uintptr_t)q);
	xfree(q);
	assert_true(heapfind((uintptr_t)q, &b));
	assert_int_equal(b.state, HEAPFREE);
	assert_true(b.size >= 100 * KiB);
	assert_used(p, 1000, "xalloc");
	/* The block's header, and the region's. */
	assert_true(heapfind((uintptr_t)p - 16, &b));
	assert_int_equal(b.at, (uintptr_t)p);
	assert_true(heapfind((uintptr_t)kaddr(HEAPBASE), &b));
	assert_int_equal(b.state, HEAPOWN);
}

/* A quick block: free, and for its very size only. */
static void
a_quick_block_is_free(void **state)
{
	Heapblock b;
	uint8_t *p = xalloc(100);

	(void)state;
	xfree(p);
	assert_true(heapfind((uintptr_t)p, &b));
	assert_int_equal(b.state, HEAPFREE);
}

static void
a_slabs_header_is_the_heaps(void **state)
{
	Heapblock b;
	size_t own = 0;

	(void)state;
	heappages();
	uint8_t *p = poolalloc(mainmem, 100);
	uintptr_t slab = ROUNDDOWN((uintptr_t)p, 16 * KiB);
	for (size_t i = 0; i < 16 * KiB; i += 8) {
		assert_true(heapfind(slab + i, &b));
		assert_string_equal(b.whose, "Main");
		own += b.state == HEAPOWN;
	}
	assert_in_range(own, 4, 200);
}

/* Magazines and the fence at the end are the heap's own, too. */
static void
every_byte_up_to_the_end_is_known(void **state)
{
	uintptr_t at = (uintptr_t)kaddr(HEAPBASE);
	size_t known[HEAPOWN + 1] = {0};
	Heapblock b;

	(void)state;
	heappages();
	for (size_t i = 0; i < 100; i++)
		assert_non_null(poolalloc(mainmem, 100));
	for (; heapfind(at, &b); at += 64)
		known[b.state]++;
	assert_true(at - (uintptr_t)kaddr(HEAPBASE) > 64 * KiB);
	while (!heapfind(--at, &b))
		;
	assert_int_equal(b.state, HEAPOWN); /* the fence */
	for (int i = HEAPFREE; i <= HEAPOWN; i++)
		assert_true(known[i] > 0);
	stage = SCONF;
	assert_panics(heapfind(at, &b), "heapfind");
	stage = SPAGES;
}

static void
what_is_not_the_heaps_is_not_found(void **state)
{
	Heapblock b;

	(void)state;
	assert_false(heapfind(0, &b));
	assert_false(heapfind(UINTPTR_MAX, &b));
	assert_false(heapfind((uintptr_t)&b, &b));
	heappages();
	assert_false(heapfind((uintptr_t)setup, &b));
}

static void
assert_damaged(const void *p, const void *at)
{
	Heapblock b;

	assert_true(heapfind((uintptr_t)p, &b));
	assert_int_equal(b.state, HEAPDAMAGED);
	assert_int_equal(b.at, (uintptr_t)at);
}

/*
 *	[ p ][ q ][ r ]		q's header: what is not it, for r and q
 */
static void
a_damaged_header_is_said_and_leads_nowhere(void **state)
{
	static const uint64_t not [] = {
	    0, 1, 17, 33, 0x5559, 1ull << 40, UINT64_MAX, 0x8000000000000001};

	(void)state;
	heappages();
	uint64_t *p = poolalloc(mainmem, LARGE);
	uint64_t *q = poolalloc(mainmem, LARGE);
	uint64_t *r = poolalloc(mainmem, LARGE);
	if (q > r || p > q)
		fail_msg("large blocks are not in a row");
	uint64_t was = q[BITS];
	for (size_t i = 0; i < nelem(not ); i++) {
		q[BITS] = not [i];
		assert_damaged(q, q + BITS);
		assert_damaged(r, q + BITS);
		assert_used(p, LARGE, "Main");
	}
	q[BITS] = was | 8;
	assert_damaged(q, q + BITS);
	q[BITS] = was;
	was = q[TAG];
	q[TAG] = was ^ 1ull << 60;
	assert_damaged(q, q + TAG);
	q[TAG] = was;
	assert_used(r, LARGE, "Main");
}

/* A tag that is none, whatever class it would be of; and one of no block's. */
static void
a_damaged_tag_says_nothing_of_a_class(void **state)
{
	(void)state;
	heappages();
	uint64_t *p = poolalloc(mainmem, LARGE);
	uint64_t was = p[TAG];
	for (unsigned c = 0; c < 1u << CLASSBITS; c++) {
		uint64_t none = 0x1234ull << MARKSHIFT;
		p[TAG] = tagmix(p, none | (uint64_t)c << CLASSSHIFT);
		assert_damaged(p, p + TAG);
		if (c == CSLAB || c == CMAGAZINE || c == CLARGE)
			continue;
		p[TAG] = tagmix(p, tagkind(KMAIN, c));
		assert_damaged(p, p + TAG);
	}
	p[TAG] = was;
	assert_used(p, LARGE, "Main");
}

/*
 * As over bad memory, where none was ever written: whatever the zeros would
 * mean there, which differs from block to block.
 */
static void
where_no_tag_is_the_memory_is_nobodys(void **state)
{
	enum { NLARGE = 500 };
	Heapblock b;

	(void)state;
	heappages();
	for (int i = 0; i < NLARGE; i++) {
		uint64_t *p = poolalloc(mainmem, LARGE);
		assert_non_null(p);
		uint64_t was = p[TAG];
		p[TAG] = 0;
		assert_true(heapfind((uintptr_t)p, &b));
		assert_int_equal(b.state, HEAPOWN);
		p[TAG] = was;
	}
}

static void
so_is_a_slab_that_is_none(void **state)
{
	(void)state;
	heappages();
	uint8_t *p = poolalloc(mainmem, 100);
	uint64_t *slab = (uint64_t *)(ROUNDDOWN((uintptr_t)p, 16 * KiB) + 16);
	for (int word = SEAL; word <= CLASS; word += CLASS - SEAL) {
		uint64_t was = slab[word];

		slab[word] = ~was;
		assert_damaged(p, slab);
		slab[word] = was;
	}
	assert_used(p, 100, "Main");
	uint64_t was = ((uint64_t *)p)[TAG];
	((uint64_t *)p)[TAG] = ~was;
	assert_damaged(p, p - 8);
	((uint64_t *)p)[TAG] = was;
}

static void
so_is_a_region(void **state)
{
	static const uint64_t not [] = {0, 8, UINT64_MAX};

	(void)state;
	uint8_t *p = xalloc(1000);
	uint64_t *r = kaddr(HEAPBASE);
	uint64_t was = r[FENCE];
	for (size_t i = 0; i < nelem(not ); i++) {
		r[FENCE] = not [i];
		assert_damaged(p, r);
	}
	for (int off = -8; off <= 8; off += 16) {
		r[FENCE] = was + (uint64_t)off;
		assert_damaged(p, r);
	}
	r[FENCE] = was;
	uint64_t edges[] = {UINT64_MAX, was, was + 8};
	was = r[EDGE];
	for (size_t i = 0; i < nelem(edges); i++) {
		r[EDGE] = edges[i];
		assert_damaged(p, r);
	}
	r[EDGE] = was;
	/* It leads back to itself, or out of all that there is. */
	uint64_t *end = (uint64_t *)(uintptr_t)r[FENCE] + 2;
	was = r[NEXT];
	r[NEXT] = (uintptr_t)r;
	assert_damaged(end, r);
	r[NEXT] = 16;
	assert_damaged(end, r);
	r[NEXT] = (uintptr_t)kaddr(HEAPBASE + 16 * MiB); /* another's */
	assert_damaged(end, r);
	r[NEXT] = (uintptr_t)r + 24;
	assert_damaged(end, r);
	r[NEXT] = 1ull << 60; /* no address at all */
	assert_false(heapfind(UINTPTR_MAX, &(Heapblock){0}));
	r[NEXT] = was;
	assert_used(p, 1000, "xalloc");
}

/*
 *	[region][ ... b ][fence|
 *	                       |	nothing is mapped	| next one?
 *
 * What is mapped by the page goes on where nothing is: a link into there, a
 * fence and an edge that lie together, and a block that says it is a slab's,
 * with too little behind it for that, are not followed.
 */
static void
what_is_not_mapped_is_not_read(void **state)
{
	(void)state;
	heappages();
	while (xspanallocfor(XPOOL, BY2PG, 0, 0) != NULL)
		;
	assert_non_null(poolalloc(secrmem, 100));
	Region *r = secrmem->holes.regions;
	assert_true(r->mapped);
	Region was = *r;
	Block *fence = r->fence;
	size_t bits = fence->bits;
	Block *above = (Block *)((uintptr_t)r + 2 * MiB);
	assert_false(canread(above));
	r->next = (Region *)above;
	assert_damaged(above, r);
	r->next = (Region *)(r->edge - GRAIN); /* a part of it is there */
	assert_damaged(above, r);
	*r = was;
	r->fence = above + 1;
	r->edge = (uintptr_t)(r->fence + 1);
	fence->bits = ((uintptr_t)above - (uintptr_t)fence) | BUSY;
	assert_damaged(above, above);
	fence->bits = bits;
	*r = was;
	Block *last = (Block *)((uintptr_t)fence - MINBLOCK);
	Block *b = (Block *)(r + 1);
	while (blockabove(b) < fence)
		b = blockabove(b);
	assert_true(b < last);
	b->bits -= MINBLOCK;
	memshow(last, MINBLOCK);
	last->bits = MINBLOCK | BUSY;
	last->tag = tagmix(blockmem(last), tagkind(KSECRET, CSLAB));
	assert_damaged(blockmem(last), blockmem(last));
}

/*
 *	[region of xalloc's ... ][ a gap ... [ b ][fence|	no memory
 *
 * While a pool's lock is held b may be its arena: too little is there for one.
 */
static void
nor_is_an_arena_that_cannot_be_there(void **state)
{
	(void)state;
	heappages();
	Holes *h = &xlists.holes;
	Region *r = h->regions;
	uintptr_t end = (uintptr_t)kaddr(HEAPBASE) + 16 * MiB + BY2PG;
	Block *fence = (Block *)(end - BLOCKHDR);
	Block *b = (Block *)((uintptr_t)fence - MINBLOCK);
	r->fence->bits = ((uintptr_t)b - (uintptr_t)r->fence) | BUSY;
	*b = (Block){.bits = MINBLOCK | BUSY};
	b->tag = tagmix(blockmem(b), tagkind(KXALLOC, 0));
	fence->bits = (uintptr_t)fence; /* as if where b's arena ends */
	r->fence = fence;
	r->edge = r->end = h->high = end;
	lock(&mainmem->lock);
	Heapblock found;
	assert_true(heapfind((uintptr_t)blockmem(b), &found));
	assert_int_equal(found.state, HEAPUSED);
	assert_string_equal(found.whose, "xalloc");
	unlock(&mainmem->lock);
}

/* Behind the last header there may be bad memory, which is nobody's. */
static void
the_end_of_a_region_is_its_own(void **state)
{
	Heapblock b;

	(void)state;
	uint8_t *p = xalloc(1000);
	uint64_t *r = kaddr(HEAPBASE);
	uintptr_t fence = r[FENCE];
	assert_used(p, 1000, "xalloc");
	assert_true(heapfind(fence, &b));
	assert_int_equal(b.at, fence);
	assert_int_equal(b.state, HEAPOWN);
	assert_int_equal(b.size, r[FENCE + 1] - fence);
}

/*
 *	[ Main's ][ Image's ][ a block of xalloc's ][ Main's ]
 *
 * What the first header says is wrong. Of what others have they are asked; of
 * the rest Main alone can know.
 */
static void
damage_hides_nobody_elses(void **state)
{
	Heapblock b;

	(void)state;
	uint8_t *x = xalloc(1000);
	heappages();
	uint8_t *p = poolalloc(mainmem, LARGE);
	uint8_t *q = poolalloc(imagmem, LARGE);
	uint8_t *far = xspanallocfor(XPOOL, LARGE, 0, 0);
	uint8_t *last = poolalloc(mainmem, 4 * MiB);
	Region *r = mainmem->holes.regions;
	if (p > q || q > far || far > last)
		fail_msg("%p %p %p %p are not in a row", p, q, far, last);
	uintptr_t end = r->end;
	r->end = UINTPTR_MAX;
	assert_damaged(p, r);
	assert_used(q, LARGE, "Image");
	assert_used(far, LARGE, "xalloc");
	assert_used(x, 1000, "xalloc");
	assert_damaged(last, r);
	xfree(far);
	assert_true(heapfind((uintptr_t)far, &b));
	assert_int_equal(b.state, HEAPFREE);
	lock(&imagmem->lock);
	assert_damaged(last, r);
	unlock(&imagmem->lock);
	r->end = end;
	lock(&mainmem->lock);
	assert_true(heapfind((uintptr_t)last, &b));
	assert_int_equal(b.state, HEAPBUSY);
	assert_string_equal(b.whose, "Main");
	lock(&imagmem->lock);
	assert_true(heapfind((uintptr_t)q, &b));
	assert_string_equal(b.whose, "Main"); /* the first */
	unlock(&imagmem->lock);
	Region *i = imagmem->holes.regions;
	end = i->end;
	i->end = UINTPTR_MAX;
	assert_damaged(q, i);
	i->end = end;
	unlock(&mainmem->lock);
	assert_used(last, 4 * MiB, "Main");
}

/* Nobody is waited for: who has the lock may have stopped. */
static void
a_lock_that_is_held_is_said(void **state)
{
	Heapblock b;

	(void)state;
	uint8_t *x = xalloc(1000);
	heappages();
	uint8_t *p = poolalloc(mainmem, LARGE);
	uint8_t *s = poolalloc(secrmem, LARGE);
	lock(&mainmem->lock);
	assert_true(heapfind((uintptr_t)&b, &b));
	assert_int_equal(b.state, HEAPBUSY);
	assert_string_equal(b.whose, "Main");
	assert_used(s, LARGE, "Secrets");
	assert_used(x, 1000, "xalloc");
	unlock(&mainmem->lock);
	lock(&xlists.lock);
	assert_used(p, LARGE, "Main");
	assert_true(heapfind((uintptr_t)x, &b));
	assert_int_equal(b.state, HEAPBUSY);
	assert_string_equal(b.whose, "xalloc");
	unlock(&xlists.lock);
	assert_used(x, 1000, "xalloc");
	assert_false(heapfind((uintptr_t)&b, &b));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_block_is_found),
	    TEST(xallocs_blocks_and_holes),
	    TEST(a_quick_block_is_free),
	    TEST(a_slabs_header_is_the_heaps),
	    TEST(every_byte_up_to_the_end_is_known),
	    TEST(what_is_not_the_heaps_is_not_found),
	    TEST(a_damaged_header_is_said_and_leads_nowhere),
	    TEST(a_damaged_tag_says_nothing_of_a_class),
	    TEST(where_no_tag_is_the_memory_is_nobodys),
	    TEST(so_is_a_slab_that_is_none),
	    TEST(so_is_a_region),
	    TEST(what_is_not_mapped_is_not_read),
	    TEST(nor_is_an_arena_that_cannot_be_there),
	    TEST(the_end_of_a_region_is_its_own),
	    TEST(damage_hides_nobody_elses),
	    TEST(a_lock_that_is_held_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
