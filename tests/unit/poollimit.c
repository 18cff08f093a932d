/*
 * The pools where memory ends: a no only if nothing would help, and a request
 * that cannot be met takes nothing.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include "unit.h"
#include "rename.h"
#include "../../mm/heap/poolparts.h"
#include "bytes.h"
#include "expect.h"
#include "heap.h"
#include "image.h"
#include "page.h"
#include "pool.h"
#include "xalloc.h"

enum { N = 20000 };

static void *block[N];

static void *
bymalloc(size_t size)
{
	return malloc(size);
}

static void *
byalign(size_t size)
{
	return mallocalign(size, 64, 0, 0);
}

static void *
bypool(size_t size)
{
	return poolalloc(imagmem, size);
}

/* Blocks of this size until there are no more: how many. */
static size_t
takeall(size_t size)
{
	size_t n = 0;

	while (n < N && (block[n] = malloc(size)) != NULL)
		n++;
	return n;
}

/* After the first no, memory being what it is, there is no yes. */
static void
a_no_stays_a_no(void **state)
{
	static void *(*const calls[])(size_t) = {bymalloc, byalign, bypool};
	static const size_t sizes[] = {100, 4000, 20000, 200000};

	(void)state;
	for (size_t small = 48; small <= 4000; small = small * 5 / 2)
		for (size_t i = 0; i < nelem(sizes) * nelem(calls); i++) {
			size_t size = sizes[i / nelem(calls)];
			heapmachine(1, 1 * MiB, 0);
			size_t n = takeall(small);
			for (size_t k = 0; k < n; k++)
				if (k % 300 != 0)
					free(block[k]);
			while (calls[i % nelem(calls)](size) != NULL)
				continue;
			assert_null(calls[i % nelem(calls)](size));
			poolcheck(mainmem);
			poolcheck(imagmem);
		}
}

/* What waits at any CPU is free, and helps any other. */
static void
what_waits_elsewhere_helps(void **state)
{
	(void)state;
	for (size_t size = 16; size <= 4000; size *= 2) {
		heapmachine(1, 1 * MiB, 0);
		size_t before = xfreebytes();
		size_t n = takeall(size);
		hostcpu(1);
		while (n > 0)
			free(block[--n]);
		assert_true(magazinebytes(mainmem) > 0);
		hostcpu(0);
		assert_int_equal(poolused(mainmem), 0);
		assert_non_null(block[0] = malloc(900 * KiB));
		free(block[0]);
		poolcompact(mainmem);
		assert_int_equal(poolsize(mainmem), 0);
		assert_int_equal(xfreebytes(), before);
		poolcheck(mainmem);
	}
}

/* What is left of a large block does not keep its neighbours apart. */
static void
a_block_made_small_goes_among_the_small_ones(void **state)
{
	(void)state;
	enum { LARGE = 280 * KiB };
	heapmachine(1, 1 * MiB, 0);
	free(malloc(100));
	void *below = malloc(LARGE);
	uint8_t *p = malloc(LARGE);
	void *above = malloc(LARGE);
	assert_true(below != NULL && p != NULL && above != NULL);
	fill(p, 100, 1);
	p = realloc(p, 100);
	assert_true(filled(p, 100, 1));
	free(below);
	free(above);
	assert_non_null(malloc(800 * KiB));
	poolcheck(mainmem);
}

/* Nor does a small one stay where a much larger one could be. */
static void
a_block_made_smaller_takes_less(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	uint8_t *p = malloc(2000);
	fill(p, 2000, 1);
	size_t used = poolused(mainmem);
	p = realloc(p, 900);
	assert_true(filled(p, 900, 1));
	assert_in_range(poolused(mainmem), 900, used / 2);
	poolcheck(mainmem);
}

static unsigned nbarriers;

/* CPU 1, whose magazines are closed, goes to the slabs. */
static void
meanwhile(void)
{
	hostcpu(1);
	Magazine *m = magazine(KMAIN, classof(100));
	uint32_t n = magazinen(m);
	void *p = malloc(100);
	assert_non_null(p);
	assert_int_equal(magazinen(m), n);
	free(p);
	assert_int_equal(magazinen(m), n);
	hostcpu(0);
	nbarriers++;
}

/* Nothing is asked of the others while a lock is held, nor for nothing. */
static void
others_go_on_while_magazines_are_emptied(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	hostcpu(1);
	free(malloc(100));
	hostcpu(0);
	free(malloc(100));
	hostmeanwhile(meanwhile);
	nbarriers = 0;
	poolcompact(mainmem);
	assert_int_equal(nbarriers, 1);
	poolcompact(mainmem);
	assert_null(malloc(2 * MiB));
	assert_int_equal(nbarriers, 1);
	hostmeanwhile(NULL);
	poolcheck(mainmem);
	poolcompact(mainmem);
	assert_int_equal(poolused(mainmem), 0);
	assert_int_equal(poolsize(mainmem), 0);
}

/* Whatever is found, the monitor can still look at everything. */
static void
misuse_is_reported_with_no_lock_held(void **state)
{
	static const size_t sizes[] = {100, 4000, 50000};

	(void)state;
	for (size_t i = 0; i < nelem(sizes) * 2; i++) {
		heapmachine(1, 1 * MiB, 0);
		uint8_t *p = malloc(sizes[i / 2]);
		damage(i % 2 == 0 ? p - 1 : p + sizes[i / 2]);
		expectpanic(poolcheck(mainmem), "something wrote");
		assert_int_equal(mainmem->lock.holder, 0);
		poolsummary(mainmem);
	}
	heapmachine(1, 1 * MiB, 0);
	uint8_t *p = malloc(100);
	uint8_t *q = malloc(100);
	free(q);
	hostcpu(1);
	Magazine *m = magazine(KMAIN, classof(100));
	free(malloc(100));
	m->block[0] = p + 16; /* as if it had been freed */
	hostcpu(0);
	expectpanic(poolcompact(mainmem), "no block that was in use");
	assert_int_equal(mainmem->lock.holder, 0);
	heapmachine(1, 1 * MiB, 0);
	p = xalloc(1000);
	q = xalloc(1000);
	xfree(p);
	memblock(q)->bits ^= PREVFREE ^ FIRST;
	expectpanic(xcheck(), "block");
	assert_int_equal(xfreebytes(), xfreebytes());
}

/* What no machine has is refused with everything left as it is. */
static void
what_cannot_be_is_refused_at_once(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	free(malloc(100));
	size_t waiting = magazinebytes(mainmem);
	assert_true(waiting > 0);
	assert_null(malloc(SIZE_MAX));
	assert_null(mallocalign(SIZE_MAX, 64, 0, 0));
	assert_null(mallocalign(16, 1ull << 63, 0, 0));
	assert_null(mallocalign(128, 64, 16, 128));
	assert_null(mallocalign(128, 64, PTRDIFF_MIN + 16, 128));
	free(mallocalign(128, 64, PTRDIFF_MIN, 128));
	assert_null(realloc(NULL, SIZE_MAX - 100));
	assert_panics(smalloc(SIZE_MAX), "bytes are never to be had");
	void *p = malloc(100);
	/* What wraps to little, with a share of it on top. */
	for (size_t share = 1; share <= 64; share++)
		for (size_t more = share; more < 4096; more *= 2)
			assert_null(
			    realloc(p, SIZE_MAX / (share + 1) * share + more));
	free(p);
	assert_int_equal(magazinebytes(mainmem), waiting);
}

/* The hook says that nobody will free any; the first that fits is taken. */
static void
what_is_waited_for_is_not_there(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	size_t n = takeall(1000);
	assert_panics(smalloc(1000), "smalloc: no memory, and nobody left");
	free(block[n - 1]);
	assert_non_null(smalloc(1000));
}

/* Of a block of single pages and whole 2 MiB ones, mapped one by one. */
static void
what_cannot_be_mapped_is_given_back(void **state)
{
	size_t refused = 0;
	void *p;

	(void)state;
	heapmachine(1, 1 * MiB, 16 * MiB / BY2PG);
	heappages();
	size_t n = pagesfree();
	for (;; refused++) {
		hostrefuse(refused);
		if ((p = malloc(7 * MiB)) != NULL)
			break;
		poolcompact(mainmem);
		assert_int_equal(pagesfree(), n);
	}
	assert_in_range(refused, 3, 2000);
	free(p);
	hostrefuse(SIZE_MAX);
	poolcompact(mainmem);
	assert_int_equal(pagesfree(), n);
}

/*
 * Of three blocks one is free, and too small: a walk would stop at the last of
 * the three, which seems to be a hole.
 */
static void
blocks_are_not_walked_twice_for_nothing(void **state)
{
	(void)state;
	if (CHECKING)
		skip(); /* they are walked each time, and the fault is found */
	heapmachine(1, 4 * MiB, 0);
	size_t n = takeall(5936);
	assert_true(n > 400);
	for (size_t i = 0; i < n; i += 3)
		free(block[i]);
	while (malloc(6000) != NULL)
		continue;
	Block *b = memblock(block[5]);
	b->bits ^= BUSY;
	for (size_t size = 6000; size < 2 * MiB; size *= 2) {
		assert_null(malloc(size));
		assert_false(poolcompact(mainmem));
	}
	b->bits ^= BUSY;
	free(block[4]);
	b->bits ^= BUSY;
	expectpanic(malloc(60000), "its end says otherwise");
}

static void
realloc_to_less_never_fails(void **state)
{
	static const size_t sizes[] = {40, 500, 2000, 3000, 4336, 5000, 90000};

	(void)state;
	for (size_t i = 0; i < nelem(sizes); i++)
		for (size_t less = 1; less < sizes[i]; less = less * 2 + 1) {
			heapmachine(1, 512 * KiB, 0);
			uint8_t *p = malloc(sizes[i]);
			fill(p, sizes[i], 1);
			for (size_t size = 256 * KiB; size > 0; size /= 2)
				takeall(size);
			p = realloc(p, less);
			assert_non_null(p);
			assert_int_equal(msize(p), less);
			assert_true(filled(p, less, 1));
			poolcheck(mainmem);
			free(p);
		}
}

enum { FRAMES = 64 * MiB / BY2PG, CACHED = 1000 };

/* CACHED pages in an image's cache, used by nobody. */
static void
cachesome(Image *i)
{
	static Page *hash[1024];

	assert_int_equal(imageopen(i, hash, 1024), 0);
	for (size_t k = 0; k < CACHED; k++) {
		Page *pg = newpage(NOCLEAR, 0);
		pagesetdaddr(pg, k * BY2PG);
		assert_int_equal(cachepage(pg, i), 0);
		putpage(pg);
	}
}

/* No page is taken for it, and no cache gives up any. */
static void
more_than_there_is_takes_no_page(void **state)
{
	static Image image;
	static Image other;
	Pagestats before, after;

	(void)state;
	heapmachine(1, 64 * KiB, FRAMES);
	heappages();
	cachesome(&image);
	pagestats(&before);
	size_t most = pagesmost();
	assert_int_equal(most, before.nfree + CACHED);
	assert_null(malloc(most * BY2PG));
	assert_null(malloc(GiB));
	pagestats(&after);
	assert_int_equal(after.nchunks, before.nchunks);
	assert_int_equal(after.nleast, before.nleast);
	assert_int_equal(image.npages, CACHED);
	/* But what there is with those is had. */
	void *p = malloc((most - CACHED / 2) * BY2PG);
	assert_non_null(p);
	assert_in_range(image.npages, 0, CACHED / 2);
	free(p);
	imageclose(&image);
	poolcompact(mainmem);
	assert_int_equal(pagesmost(), pagesfree());
	cachesome(&other);
	imageclose(&other);
	assert_int_equal(pagesmost(), pagesfree());
}

static void
giveitup(void)
{
	imagereclaim(CACHED);
}

/* Also one whose pages go from the cache to the free ones as it is asked. */
static void
all_there_is_is_counted(void **state)
{
	static Image image;

	(void)state;
	heapmachine(1, 64 * KiB, FRAMES);
	heappages();
	cachesome(&image);
	size_t most = pagesmost();
	hostunlocked(0, giveitup);
	assert_in_range(pagesmost(), most, most + CACHED);
	assert_int_equal(image.npages, 0);
	hostunlocked(0, NULL);
	imageclose(&image);
}

/* A place that needs less may do; one that needs as much is not tried. */
static void
too_much_at_one_place_is_not_at_another(void **state)
{
	Visit v = {.toomuch = 100};
	uintptr_t at = 2 * MiB;

	(void)state;
	for (uintptr_t n = 99; n <= 101; n++) {
		uintptr_t end = at + n * BY2PG;

		assert_int_equal(
		    visitneeds(&v, 0, at, end, end), n < 100 ? LATER : CLOSED);
		assert_int_equal(v.lacks, n < 100);
	}
}

/* Is there such a block anywhere? */
static bool
canbe(size_t size, size_t align, size_t offset, size_t span)
{
	for (size_t at = 0; at < 4096; at += GRAIN)
		if ((at + offset) % align == 0 &&
		    (span == 0 || size == 0 ||
			at / span == (at + size - 1) / span))
			return true;
	return false;
}

static void
what_fits_nowhere_takes_nothing(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	for (size_t size = 0; size < 400; size += 8)
		for (size_t align = 16; align <= 512; align *= 2)
			for (size_t i = 0; i < 35 * 6; i++) {
				size_t offset = i % 35 * GRAIN;
				size_t span = 16ull << i / 35;
				void *p = mallocalign(
				    size, align, (ptrdiff_t)offset, span);
				assert_int_equal(p != NULL,
				    canbe(size, align, offset, span));
				free(p);
			}
	poolcompact(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	for (int i = 0; i < 100; i++)
		assert_null(mallocalign(128, 64, 16, 128));
	assert_int_equal(poolsize(mainmem), 0);
}

/* xalloc has one hole of size bytes, and nothing else. Its free bytes. */
static size_t
lefthole(size_t size)
{
	heapmachine(1, 2 * MiB, 0);
	void *hold = xallocz(size, false);
	for (size_t rest = 2 * MiB; rest > 0; rest /= 2)
		while (xallocz(rest, false) != NULL)
			continue;
	xfree(hold);
	return xfreebytes();
}

/* Nor does what it needs on the way stay, or stand in the way. */
static void
the_last_hole_is_used_or_left_alone(void **state)
{
	(void)state;
	for (size_t left = 0; left < 40 * KiB; left += 1040)
		for (size_t size = 16; size <= 32 * KiB; size = size * 5 / 2) {
			size_t before = lefthole(left);
			free(malloc(size));
			poolcompact(mainmem);
			assert_int_equal(xfreebytes(), before);
			bool had = malloc(size) != NULL;
			if (left >= PGROUND(size + 200) + 64)
				assert_true(had);
			if (!had)
				assert_int_equal(poolsize(mainmem), 0);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_no_stays_a_no),
	    cmocka_unit_test(what_waits_elsewhere_helps),
	    cmocka_unit_test(a_block_made_small_goes_among_the_small_ones),
	    cmocka_unit_test(a_block_made_smaller_takes_less),
	    cmocka_unit_test(others_go_on_while_magazines_are_emptied),
	    cmocka_unit_test(misuse_is_reported_with_no_lock_held),
	    cmocka_unit_test(what_cannot_be_is_refused_at_once),
	    cmocka_unit_test(what_is_waited_for_is_not_there),
	    cmocka_unit_test(what_cannot_be_mapped_is_given_back),
	    cmocka_unit_test(blocks_are_not_walked_twice_for_nothing),
	    cmocka_unit_test(realloc_to_less_never_fails),
	    cmocka_unit_test(more_than_there_is_takes_no_page),
	    cmocka_unit_test(all_there_is_is_counted),
	    cmocka_unit_test(too_much_at_one_place_is_not_at_another),
	    cmocka_unit_test(what_fits_nowhere_takes_nothing),
	    cmocka_unit_test(the_last_hole_is_used_or_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
