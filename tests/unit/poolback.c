/*
 * The pools give memory back: from arenas in which a few blocks still live.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include "unit.h"
#include "rename.h"
#include "../../mm/heap/poolparts.h"
#include "bytemap.h"
#include "bytes.h"
#include "heap.h"
#include "page.h"
#include "percpu.h"
#include "pool.h"
#include "xalloc.h"

enum { N = 26000, KEPT = 7, GAP = 16 /* pages below an aligned block */ };

static uint8_t *block[N];
static size_t size[N];

/* Blocks of all sizes, some of each freed again meanwhile. */
static void
fillup(unsigned seed)
{
	srand(seed);
	for (unsigned i = 0; i < N; i++) {
		if (block[i] != NULL)
			continue;
		size[i] = 16 + (size_t)rand() % (i % 64 == 0 ? 60000 : 2000);
		block[i] = malloc(size[i]);
		assert_non_null(block[i]);
		fill(block[i], size[i], i);
	}
}

static bool
iskept(unsigned i)
{
	return i % (N / KEPT) == N / KEPT / 2;
}

static void
freeall(bool but)
{
	for (unsigned k = 0; k < N; k++) {
		unsigned i = k * 7919 % N;
		if (block[i] == NULL || (but && iskept(i)))
			continue;
		assert_true(filled(block[i], size[i], i));
		hostcpu(k % 2);
		free(block[i]);
		block[i] = NULL;
	}
	hostcpu(0);
}

/* What stays with a few blocks in use is little, and nothing at last. */
static void
giveback(size_t most)
{
	for (unsigned round = 0; round < 3; round++) {
		fillup(round);
		poolcheck(mainmem);
		freeall(true);
		poolcompact(mainmem);
		poolcheck(mainmem);
		assert_true(poolsize(mainmem) <= most);
		assert_false(poolcompact(mainmem));
		if (round == 1)
			continue; /* and fill up around the rest */
		freeall(false);
		poolcompact(mainmem);
		poolcheck(mainmem);
		assert_int_equal(poolsize(mainmem), 0);
		assert_int_equal(poolused(mainmem), 0);
	}
}

static void
holes_of_arenas_go_back(void **state)
{
	(void)state;
	heapmachine(1, 128 * MiB, 0);
	size_t before = xfreebytes();
	giveback(KEPT * 66 * KiB);
	assert_int_equal(xfreebytes(), before);
	assert_int_equal(xholes(), 1);
	xcheck();
}

static void
frames_of_mapped_arenas_go_back(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, 32768);
	heappages();
	size_t nfree = pagesfree();
	giveback(KEPT * (2 * MiB + 68 * KiB) + 2 * MiB);
	size_t mapped = hostmapped();
	giveback(KEPT * (2 * MiB + 68 * KiB) + 2 * MiB);
	assert_int_equal(pagesfree(), nfree);
	assert_int_equal(hostmapped(), mapped);
}

/* A page of each 2 MiB is taken: nobody has them whole. All that are. */
static Page *
nohuge(void)
{
	Page *all = NULL;
	Page *kept = NULL;
	Page *pg;

	while ((pg = newpage(NOCLEAR, 0)) != NULL) {
		pagesetnext(pg, all);
		all = pg;
	}
	while ((pg = all) != NULL) {
		all = pagenext(pg);
		if (pagepa(pg) % (2 * MiB) == 0) {
			pagesetnext(pg, kept);
			kept = pg;
		} else
			putpage(pg);
	}
	return kept;
}

/* Where whole 2 MiB pages are not to be had, nothing but what lives stays. */
static void
single_frames_go_back_too(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, 32768);
	heappages();
	Page *kept = nohuge();
	size_t nfree = pagesfree();
	giveback(KEPT * 80 * KiB + 8 * KiB);
	assert_int_equal(pagesfree(), nfree);
	freepages(kept);
}

static void
holeanywhere(size_t nfree)
{
	for (size_t i = 0; i < BY2PG / 16; i++) {
		void *p = malloc(5000 + i * 16);
		void *q = malloc(40000);
		void *r = malloc(5000);
		free(q);
		poolcompact(mainmem);
		poolcheck(mainmem);
		q = malloc(40000);
		poolcheck(mainmem);
		free(p);
		free(q);
		free(r);
		poolcompact(mainmem);
		assert_int_equal(pagesfree(), nfree);
	}
}

/* Wherever in a page it begins and ends; large pages are used if there are. */
static void
a_hole_may_begin_and_end_anywhere(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, 32768);
	heappages();
	size_t nfree = pagesfree();
	uint8_t *big = malloc(8 * MiB);
	paddr_t pa = ROUNDDOWN(paddr(big + 4 * MiB), 2 * MiB);
	assert_int_equal(pagesize(papage(pa)), 2 * MiB);
	free(big);
	holeanywhere(nfree);
	Page *kept = nohuge();
	big = malloc(MiB);
	assert_int_equal(pagesize(papage(paddr(big))), BY2PG);
	holeanywhere(pagesfree());
	free(big);
	freepages(kept);
}

/* Frames are mapped for what is asked for, not for what lies below it. */
static void
an_aligned_block_maps_what_it_uses(void **state)
{
	static const size_t aligns[] = {64 * KiB, 2 * MiB, 32 * MiB, GiB};

	(void)state;
	heapmachine(1, 64 * KiB, 32768);
	heappages();
	size_t nfree = pagesfree();
	for (size_t i = 0; i < nelem(aligns) * 4; i++) {
		size_t align = aligns[i / 4];
		size_t size = 5 * MiB * (i % 4) + 64 * KiB;
		uint8_t *p[3];
		for (size_t k = 0; k < nelem(p); k++) {
			p[k] = mallocalign(size, align, 0, 0);
			assert_non_null(p[k]);
			assert_int_equal((uintptr_t)p[k] % align, 0);
			fill(p[k], size, (unsigned)k);
			poolcheck(mainmem);
			/* Small gaps, arenas, and the last 2 MiB page. */
			assert_in_range(nfree - pagesfree(), size / BY2PG,
			    (k + 1) * ((size + 2 * MiB) / BY2PG + 3 + GAP));
		}
		for (size_t k = 0; k < nelem(p); k++) {
			assert_true(filled(p[k], size, (unsigned)k));
			free(p[k]);
		}
		poolcompact(mainmem);
		poolcheck(mainmem);
		assert_int_equal(poolsize(mainmem), 0);
		assert_int_equal(pagesfree(), nfree);
	}
}

/* Tables give out at any page, also a 2 MiB one, on the way to a block. */
static void
what_cannot_be_mapped_goes_back(void **state)
{
	void *p = NULL;
	unsigned tried = 0;

	(void)state;
	for (size_t n = 0; p == NULL; n += 1 + n / 16) {
		heapmachine(1, 64 * KiB, 32768);
		heappages();
		size_t nfree = pagesfree();
		hostrefuse(n);
		p = malloc(8 * MiB);
		poolcheck(mainmem);
		free(p);
		poolcompact(mainmem);
		assert_int_equal(poolsize(mainmem), 0);
		assert_int_equal(pagesfree(), nfree);
		tried++;
		assert_true(tried < 200);
	}
	assert_true(tried > 4);
}

/* Addresses kept for the magazine are too few for the slab behind it. */
static void
a_visit_may_come_back_for_more(void **state)
{
	(void)state;
	for (size_t n = 0; n < 24; n++) {
		Page *all = NULL;
		Page *pg;

		heapmachine(1, 64 * KiB, 4096);
		heappages();
		while ((pg = newpage(NOCLEAR, 0)) != NULL) {
			pagesetnext(pg, all);
			all = pg;
		}
		while (poolalloc(imagmem, 512) != NULL)
			;
		for (size_t i = 0; i < n && (pg = all) != NULL; i++) {
			all = pagenext(pg);
			putpage(pg);
		}
		hostwidest(24 * KiB);
		void *p = malloc(1000);
		poolcheck(mainmem);
		hostwidest(SIZE_MAX);
		assert_true(n > 0 || p == NULL);
		free(p);
		/* With any addresses, and pages for them, there is no no. */
		p = malloc(100);
		assert_true(p != NULL || n < 16);
		free(p);
		poolcompact(mainmem);
		assert_int_equal(poolsize(mainmem), 0);
		assert_int_equal(pagesfree(), n);
		freepages(all);
	}
}

/* Pages are fetched for a slab with no lock held: blocks are of one then, too.
 */
static void
slabs_are_of_fetched_pages(void **state)
{
	static uint8_t *small[4000]; /* more than the kernel's share */

	(void)state;
	heapmachine(1, 64 * KiB, 4096);
	heappages();
	size_t before = hostlocked();
	for (size_t i = 0; i < nelem(small); i++)
		assert_non_null(small[i] = malloc(64));
	assert_in_range(hostlocked() - before, 1, 500);
	for (size_t i = 0; i < nelem(small); i++)
		free(small[i]);
	poolcheck(mainmem);
}

static void *third;

/* While the first to be freed is on its way, another CPU frees one, too. */
static void
freethird(void)
{
	void *p = third;

	third = NULL;
	hostcpu(1);
	free(p);
	hostcpu(0);
}

/*
 * Three arenas, none with room for another one's block. The first to be empty
 * is kept, the second is on its way back when the third becomes empty: that one
 * must wait, but no longer than until all is compacted.
 */
static void
arenas_that_wait_for_each_other_go_back(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, 512 * MiB / BY2PG);
	heappages();
	size_t nfree = pagesfree();
	void *first = malloc(1 * MiB);
	void *second = malloc(64 * MiB);
	third = malloc(200 * MiB);
	assert_non_null(third);
	free(first);
	hostmeanwhile(freethird);
	free(second);
	assert_null(third);
	hostmeanwhile(NULL);
	poolcheck(mainmem);
	assert_true(poolcompact(mainmem));
	poolcheck(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(pagesfree(), nfree);
}

/*
 * Two with a block high above their first page, which is a part of its own.
 * Both parts are on their way at once: the two first pages follow, one after
 * the other.
 */
static void
first_pages_of_arenas_go_back_too(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, 512 * MiB / BY2PG);
	heappages();
	void *kept = malloc(1 * MiB);
	size_t size = poolsize(mainmem);
	void *first = mallocalign(70 * MiB, 32 * MiB, 0, 0);
	third = mallocalign(330 * MiB, 32 * MiB, 0, 0);
	assert_non_null(third);
	free(kept);
	hostmeanwhile(freethird);
	free(first);
	assert_null(third);
	hostmeanwhile(NULL);
	poolcheck(mainmem);
	assert_int_equal(poolsize(mainmem), size);
	poolcompact(mainmem);
	assert_int_equal(poolsize(mainmem), 0);
}

/* Blocks of each pool, small ones, freed: they wait here. */
static void
leavesome(void)
{
	Pool *const pools[] = {mainmem, imagmem, secrmem};
	void *p[3][100];

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 100; k++)
			p[i][k] = poolalloc(pools[i], 16 + k * 8);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 100; k++)
			poolfree(pools[i], p[i][k]);
}

static size_t
held(void)
{
	return poolsize(mainmem) + poolsize(imagmem) + poolsize(secrmem);
}

/* Nobody looks at its Percpu any more; and it may come again. */
static void
a_cpu_that_leaves_gives_back_what_it_held(void **state)
{
	(void)state;
	heapcpus(3);
	heapmachine(1, 32 * MiB, 16);
	hostcpu(1);
	Percpu *gone = thiscpu();
	hostcpu(2);
	Percpu *never = thiscpu();
	for (size_t i = 0; i < 3; i++) {
		hostcpu(0);
		leavesome();
		hostcpu(1);
		leavesome();
		hostcpu(0);
		poolcpugone(never);
		poolcpugone(gone);
		for (size_t k = 0; k < sizeof gone->pool; k++)
			assert_int_equal(((uint8_t *)&gone->pool)[k], 0);
		memset(&gone->pool, 0xff, sizeof gone->pool);
		assert_int_equal(poolused(mainmem), 0);
		poolcompact(mainmem);
		poolcompact(imagmem);
		poolcompact(secrmem);
		assert_int_equal(held(), 0);
		memset(&gone->pool, 0, sizeof gone->pool);
	}
	/* The one that asks is the one that leaves. */
	leavesome();
	poolcpugone(thiscpu());
	assert_int_equal(poolused(secrmem), 0);
	heapcpus(2);
}

static Percpu *leaving;
static bool usedagain;

/* CPU 1 is not quite gone: a block of its waits again. */
static void
useagain(void)
{
	hostcpu(1);
	free(malloc(40));
	hostcpu(0);
	usedagain = true;
}

/* Another CPU begins to gather, and ends that when it is waited for. */
static bool begun;
static bool waitedfor;

static void
gatherends(void)
{
	mainmem->ngather--;
	waitedfor = true;
}

static void
gatherbegins(void)
{
	mainmem->ngather++;
	begun = true;
}

/* Wherever that is, but for the very end, when the CPU is forgotten. */
static void
who_gathers_is_waited_for(void **state)
{
	size_t ntoolate = 0;
	size_t n = 0;

	(void)state;
	do {
		heapmachine(1, 32 * MiB, 16);
		begun = waitedfor = false;
		hostawaited(gatherends);
		hostcpu(1);
		leaving = thiscpu();
		leavesome();
		hostcpu(0);
		hostunlocked(n++, gatherbegins);
		poolcpugone(leaving);
		hostunlocked(0, NULL);
		ntoolate += begun && !waitedfor;
		mainmem->ngather = 0;
	} while (begun);
	assert_in_range(n, 5, 100);
	assert_int_equal(ntoolate, 1);
	hostawaited(NULL);
}

/* Wherever that is, it is seen: what was freed there does not get lost. */
static void
what_comes_late_goes_back_too(void **state)
{
	(void)state;
	for (size_t n = 0; n < 9; n++) {
		heapmachine(1, 32 * MiB, 16);
		hostcpu(1);
		leaving = thiscpu();
		leavesome();
		hostcpu(0);
		usedagain = false;
		hostunlocked(n, useagain);
		poolcpugone(leaving);
		hostunlocked(0, NULL);
		assert_true(usedagain || n > 5);
		poolcheck(mainmem);
		poolcompact(mainmem);
		poolcompact(imagmem);
		poolcompact(secrmem);
		assert_int_equal(held(), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holes_of_arenas_go_back),
	    cmocka_unit_test(frames_of_mapped_arenas_go_back),
	    cmocka_unit_test(single_frames_go_back_too),
	    cmocka_unit_test(an_aligned_block_maps_what_it_uses),
	    cmocka_unit_test(a_hole_may_begin_and_end_anywhere),
	    cmocka_unit_test(what_cannot_be_mapped_goes_back),
	    cmocka_unit_test(a_visit_may_come_back_for_more),
	    cmocka_unit_test(slabs_are_of_fetched_pages),
	    cmocka_unit_test(arenas_that_wait_for_each_other_go_back),
	    cmocka_unit_test(first_pages_of_arenas_go_back_too),
	    cmocka_unit_test(a_cpu_that_leaves_gives_back_what_it_held),
	    cmocka_unit_test(what_comes_late_goes_back_too),
	    cmocka_unit_test(who_gathers_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
