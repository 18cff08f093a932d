/*
 * xalloc: blocks, holes, banks, bad pages, misuse, the order of the boot.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include "unit.h"
#include "bytes.h"
#include "conf.h"
#include "heap.h"
#include "expect.h"
#include "xalloc.h"

/* The whole of xsummary's output; the caller frees it. */
static char *
summary(void)
{
	hostquiet();
	xsummary();
	return strdup(hostsaid());
}

static void
xalloc_gives_cleared_aligned_memory(void **state)
{
	(void)state;
	heapmachine(1, 8 * MiB, 0);
	for (size_t size = 0; size < 9000; size += 37) {
		uint8_t *p = xallocz(size, false);
		memset(p, 0xff, size);
		xfree(p);
		p = xalloc(size);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_true(zero(p, size));
		memset(p, 0xee, size);
	}
	uint8_t *p = xallocz(100, true);
	assert_true(zero(p, 100));
	xfree(NULL);
	xcheck();
}

/*
 *	[ a ][ b ][ c ][ d ][   free	a, c freed, then b: one hole
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

/* What xinit made is there again, to the line, whatever happened between. */
static void
after_any_sequence_the_holes_are_as_at_first(void **state)
{
	enum { N = 700 };
	static struct {
		void *p;
		size_t size;
	} live[N];

	(void)state;
	heapmachine(3, 2 * MiB, 0);
	char *before = summary();
	srand(1);
	for (int round = 0; round < 40000; round++) {
		unsigned i = (unsigned)rand() % N;
		if (live[i].p != NULL) {
			assert_true(filled(live[i].p, live[i].size, i));
			xfree(live[i].p);
			live[i].p = NULL;
			continue;
		}
		live[i].size = (size_t)rand() % (rand() % 9 ? 3000 : 60000);
		size_t align = 1ull << rand() % 13;
		size_t span = rand() % 3 ? 0 : 64 * KiB;
		live[i].p = rand() % 4 ? xallocz(live[i].size, false)
				       : xspanalloc(live[i].size, align, span);
		if (live[i].p != NULL)
			fill(live[i].p, live[i].size, i);
		if (round % 4096 == 0)
			xcheck();
	}
	for (unsigned i = 0; i < N; i++) {
		xfree(live[i].p);
		live[i].p = NULL;
	}
	char *after = summary();
	assert_string_equal(before, after);
	xcheck();
	free(before);
	free(after);
}

static void
xspanalloc_aligns_and_does_not_cross(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 0);
	for (size_t size = 1; size <= 64 * KiB; size = size * 2 + 1)
		for (size_t align = 1; align <= 128 * KiB; align *= 2)
			for (size_t span = 0; span <= 256 * KiB;
			     span = span * 4 + 256 * (span == 0)) {
				uint8_t *p = xspanalloc(size, align, span);
				if (span != 0 && size > span) {
					assert_null(p);
					continue;
				}
				assert_non_null(p);
				uintptr_t at = (uintptr_t)p;
				assert_int_equal(at % align, 0);
				if (span != 0)
					assert_int_equal(
					    at / span, (at + size - 1) / span);
				assert_true(zero(p, size));
				memset(p, 0xff, size);
				xfree(p);
			}
	xcheck();
	assert_int_equal(xholes(), 1);
	assert_non_null(xspanalloc(0, 4096, 4096));
	expectpanic(xspanalloc(8, 24, 0), "xspanalloc: align 0x18");
	expectpanic(xspanalloc(8, 0, 24), "span 0x18");
	expectpanic(xspanallocfor(XPOOL, 8, 3, 0), "xspanallocfor: align 0x3");
}

static void
sizes_that_wrap_or_are_too_large_are_refused(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	for (size_t size = SIZE_MAX; size > SIZE_MAX - 100; size--) {
		assert_null(xalloc(size));
		assert_null(xallocz(size, true));
		assert_null(xspanalloc(size, 4096, 0));
		assert_null(xspanalloc(16, 1ull << 63, 0));
	}
	for (size_t size = 1 * MiB; size != 0; size *= 2)
		assert_null(xalloc(size));
	assert_int_equal(xholes(), 1);
	xcheck();
}

/* Every byte of a hole can be had, though not by two. */
static void
memory_runs_out_cleanly(void **state)
{
	enum { N = 1000 };
	static void *p[N];
	size_t n = 0;

	(void)state;
	heapmachine(1, 1 * MiB, 0);
	size_t free = xfreebytes();
	void *all = xallocz(free - 16 - 8, false);
	assert_non_null(all);
	assert_int_equal(xholes(), 0);
	assert_null(xalloc(1));
	xfree(all);
	assert_null(xallocz(free - 16 - 8 + 1, false));
	while ((p[n] = xallocz(4000, false)) != NULL)
		n++;
	assert_true(n > 1 * MiB / 4096);
	xcheck();
	for (size_t i = 0; i < n; i += 2)
		xfree(p[i]);
	assert_null(xallocz(8000, false));
	void *q = xallocz(4000, false);
	assert_non_null(q);
	xfree(q);
	for (size_t i = 1; i < n; i += 2)
		xfree(p[i]);
	assert_int_equal(xfreebytes(), free);
	assert_int_equal(xholes(), 1);
}

/*
 * A hole that the quick look does not find, because it is not surely large
 * enough, is found when there is no other.
 */
static void
the_last_hole_that_fits_is_found(void **state)
{
	enum { N = 12 };
	void *p[N];

	(void)state;
	heapmachine(1, 1 * MiB, 0);
	for (int i = 0; i < N; i++) {
		p[i] = xallocz(65536 - 100, false);
		assert_non_null(xallocz(16, false));
	}
	void *rest = xallocz(xfreebytes() - 24, false);
	assert_non_null(rest);
	for (int i = 0; i < N; i++)
		xfree(p[i]);
	void *q = xspanalloc(32768, 32768, 0);
	assert_non_null(q);
	xcheck();
}

static void
every_bank_is_used_and_those_of_others_left_alone(void **state)
{
	(void)state;
	heapmachine(5, 64 * KiB, 64);
	assert_int_equal(xholes(), 5);
	for (int i = 0; i < 5; i++)
		assert_non_null(xalloc(60000));
	assert_null(xalloc(60000));
	assert_int_equal(conf.nmem, 6);
}

/*
 *	bank [a)      [b)		three regions apart
 *	         [c)			given last: one hole
 */
static void
xhole_joins_both_neighbours(void **state)
{
	(void)state;
	hostmachine(0, 1 * MiB, 1 * MiB, 1);
	conf = (Conf){0};
	stage = SCONF;
	xinit();
	stage = SXALLOC;
	xhole(0, 4 * KiB);
	xhole(8 * KiB, 4 * KiB);
	assert_int_equal(xholes(), 2);
	xhole(4 * KiB, 4 * KiB);
	xcheck();
	assert_int_equal(xholes(), 1);
	assert_non_null(xalloc(12 * KiB - 80 - 40));
	xhole(12 * KiB, 12 * KiB); /* only below */
	assert_int_equal(xholes(), 1);
	void *low = xalloc(12 * KiB - 40);
	assert_non_null(low);
	xhole(40 * KiB, 8 * KiB); /* apart */
	void *p = xalloc(8 * KiB - 96 - 16 - 24);
	assert_int_equal(paddr(p), 40 * KiB + 96);
	xhole(32 * KiB, 8 * KiB); /* only above */
	xcheck();
	assert_int_equal(xholes(), 1);
	xfree(p);
	xcheck();
	assert_int_equal(xholes(), 1);
	xfree(low);
	assert_int_equal(xholes(), 2);
	xhole(28 * KiB, 4 * KiB); /* one page, only above */
	assert_int_equal(xholes(), 2);
	xhole(24 * KiB, 4 * KiB);
	xcheck();
	assert_int_equal(xholes(), 1);
}

static void
banks_that_overlap_are_no_banks(void **state)
{
	(void)state;
	hostmachine(0, 1 * MiB, 1 * MiB, 1);
	uintptr_t p = (uintptr_t)kaddr(0);
	Confmem banks[] = {
	    {0, 16, p, p + 64 * KiB},
	    {60 * KiB, 16, p + 60 * KiB, p + 124 * KiB},
	};
	conf = (Conf){.mem = banks, .nmem = 2};
	stage = SCONF;
	expectpanic(xinit(), "xinit: bank 1 overlaps another");
}

/*
 *	0  4K          2M    2M+4K	the first step ends in a bad page
 *	[1st)[ step    )[bad )[ not opened
 */
static void
a_step_may_end_in_bad_memory(void **state)
{
	static const size_t bad[] = {512};

	(void)state;
	heapbadmachine(4 * MiB, bad, 1);
	void *p = xallocz(5000, false);
	assert_int_equal(xbadpages(), 1);
	assert_int_equal(xholes(), 2);
	char *text = summary();
	free(text);
	xcheck();
	void *q = xallocz(2 * MiB - 5000, false);
	assert_non_null(q);
	assert_int_equal(paddr(q), HEAPBASE + 2 * MiB + 4 * KiB + 16);
	xcheck();
	xfree(p);
	xfree(q);
	assert_int_equal(xholes(), 2);
	xcheck();
}

static void
xhole_takes_whole_pages_it_does_not_have(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, 16);
	paddr_t gap = HEAPBASE + 64 * KiB;
	size_t free = xfreebytes();
	xhole(gap, 0);
	xhole(gap + 1, 4 * KiB - 1);
	xhole(gap, 4 * KiB - 1);
	assert_int_equal(xfreebytes(), free);
	expectpanic(xhole(HEAPBASE, 4 * KiB), "already");
	expectpanic(xhole(gap - 4 * KiB, 8 * KiB), "already");
	heapmachine(1, 64 * KiB, 16);
	expectpanic(xhole(gap, 8 * KiB), "not in the direct map");
	expectpanic(xhole(gap, SIZE_MAX), "not in the direct map");
	expectpanic(xhole(0, 4 * KiB), "not in the direct map");
}

/* Nothing is handed out that overlaps a bad page, and all else is. */
static void
without(const size_t *bad, size_t nbad, size_t npages)
{
	static void *p[1000];
	size_t n = 0;

	heapbadmachine(npages * BY2PG, bad, nbad);
	while ((p[n] = xallocz(500, false)) != NULL)
		n++;
	for (size_t i = 0; i < n; i++) {
		paddr_t pa = paddr(p[i]);
		fill(p[i], 500, (unsigned)i);
		for (size_t j = 0; j < nbad; j++) {
			paddr_t b = HEAPBASE + bad[j] * BY2PG;
			assert_true(pa + 508 <= b || pa - 16 >= b + BY2PG);
		}
	}
	assert_int_equal(xbadpages(), nbad);
	assert_true(n >= (npages - nbad) * 7 - 8);
	xcheck();
	size_t holes = 0;
	for (size_t i = 0; i < n; i++) {
		assert_true(filled(p[i], 500, (unsigned)i));
		xfree(p[i]);
	}
	xcheck();
	for (size_t i = 0; i < npages; i++) {
		bool isbad = false;
		bool wasbad = i == 0;
		for (size_t j = 0; j < nbad; j++) {
			isbad |= bad[j] == i;
			wasbad |= bad[j] + 1 == i;
		}
		holes += !isbad && wasbad;
	}
	assert_int_equal(xholes(), holes);
	char *text = summary();
	free(text);
}

static void
bad_pages_are_left_out(void **state)
{
	static const size_t first[] = {0, 1, 2};
	static const size_t middle[] = {3, 4, 7, 9};
	static const size_t last[] = {14, 15};
	static const size_t all[] = {0, 1, 2, 3};
	static const size_t some[] = {0, 2, 4, 6, 8, 10, 12, 15};

	(void)state;
	without(NULL, 0, 16);
	without(first, nelem(first), 16);
	without(middle, nelem(middle), 16);
	without(last, nelem(last), 16);
	without(some, nelem(some), 16);
	heapbadmachine(4 * BY2PG, all, 4);
	assert_int_equal(xbadpages(), 4);
	assert_int_equal(xholes(), 0);
	assert_null(xalloc(1));
}

/* The bad page at 3 MiB is not found before somebody needs memory there. */
static void
memory_is_probed_as_it_is_reached(void **state)
{
	static const size_t bad[] = {3 * MiB / BY2PG};

	(void)state;
	heapbadmachine(16 * MiB, bad, 1);
	assert_int_equal(xholes(), 1);
	assert_non_null(xalloc(100));
	assert_int_equal(xbadpages(), 0);
	assert_non_null(xalloc(1900 * KiB));
	assert_int_equal(xbadpages(), 0);
	xcheck();
	void *p = xallocz(2 * MiB, false);
	assert_non_null(p);
	assert_int_equal(xbadpages(), 1);
	assert_true(paddr(p) > HEAPBASE + 3 * MiB);
	xcheck();
	assert_non_null(xallocz(900 * KiB, false)); /* below it */
	char *text = summary();
	free(text);
	assert_null(xallocz(12 * MiB, false));
}

/* The whole of 1 TiB as one hole; memory is touched where it is used. */
static void
start_up_does_not_depend_on_size(void **state)
{
	(void)state;
	heapmachine(1, 1 * TiB, 0);
	assert_int_equal(xholes(), 1);
	assert_true(xfreebytes() > 1 * TiB - 4 * KiB);
	assert_non_null(xalloc(100));
	xcheck();
	heapmachine(1, 1 * MiB, 0);
}

static void
misuse_of_xfree_is_caught(void **state)
{
	static uint8_t elsewhere[64] __attribute__((aligned(16)));
	uint8_t local[64] __attribute__((aligned(16)));

	(void)state;
	heapmachine(2, 1 * MiB, 0);
	uint8_t *a = xalloc(100);
	uint8_t *b = xalloc(100);
	uint8_t *c = xalloc(100000);
	(void)b;
	expectpanic(xfree(a + 1), "is no block of xalloc");
	expectpanic(xfree(a + 16), "no block, or something wrote below");
	expectsaid("in the block of");
	expectsaid("busy owner 0x");
	expectpanic(xfree(c + 4096), "no block, or something wrote below");
	expectpanic(xfree(elsewhere + 16), "is no block of xalloc");
	expectsaid("is in no region");
	expectpanic(xfree(local + 16), "is no block of xalloc");
	expectpanic(xfree((void *)0x10), "is no block of xalloc");
	expectpanic(xfree(c + 200000), "xfree: 0x"); /* in a hole */
	xfree(a);
	expectpanic(xfree(a), "is free already; its owner was 0x");
	xfree(c);
	expectpanic(xfree(c), "is free already");
	xcheck();
}

/* Also when it was joined with what lay below, or handed out inside another. */
static void
a_second_free_after_joining_is_caught(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	void *a = xalloc(20000);
	void *b = xalloc(20000);
	xfree(a);
	xfree(b);
	expectpanic(xfree(b), "is free already");
	void *both = xallocz(40000, false);
	expectpanic(xfree(b), "free already");
	memset(both, 0x55, 40000);
	expectpanic(xfree(b), "no block, or something wrote below");
	xfree(both);
}

static void
a_byte_written_beyond_either_end_is_caught(void **state)
{
	(void)state;
	for (size_t size = 0; size < 70; size++) {
		heapmachine(1, 1 * MiB, 0);
		uint8_t *p = xalloc(size);
		damage(p + size);
		expectpanic(xfree(p), "something wrote above it");
		heapmachine(1, 1 * MiB, 0);
		p = xalloc(size);
		poke(p + size, 0);
		expectpanic(xfree(p), "something wrote above it");
		heapmachine(1, 1 * MiB, 0);
		p = xalloc(size);
		damage(p - 1);
		expectpanic(xfree(p), "something wrote below it");
	}
}

static void
xmerge_joins_blocks_next_to_each_other(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	char *before = summary();
	uint8_t *a = xalloc(1000);
	uint8_t *b = xalloc(2000);
	uint8_t *c = xalloc(3000);
	assert_int_equal(xmerge(a, c), 0);
	assert_int_equal(xmerge(b, a), 0);
	assert_int_equal(xmerge(b, c), 1);
	assert_int_equal(xmerge(a, b), 1);
	memset(a, 0xaa, (size_t)(c + 3000 - a));
	expectpanic(xfree(b), "no block");
	xfree(a);
	char *after = summary();
	assert_string_equal(before, after);
	a = xalloc(1000);
	b = xalloc(1000);
	damage(a + 1000);
	expectpanic(xmerge(a, b), "something wrote above");
	expectpanic(xmerge(b, a), "something wrote above");
	expectpanic(xmerge(b, NULL), "no block");
	free(before);
	free(after);
}

static void
xsummary_prints_what_9front_prints(void **state)
{
	char want[200];

	(void)state;
	heapmachine(1, 64 * KiB, 0);
	uintptr_t p = (uintptr_t)kaddr(HEAPBASE);
	char *text = summary();
	snprintf(want, sizeof want,
	    "1 holes free\n%#jx %#jx %zu\n%zu bytes free\n",
	    (uintmax_t)(p + 80), (uintmax_t)(p + 64 * KiB - 16),
	    (size_t)(64 * KiB - 96), (size_t)(64 * KiB - 96));
	assert_string_equal(text, want);
	free(text);
}

static void
calls_out_of_order_are_named(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	void *p = xalloc(10);
	stage = SMEM;
	expectpanic(xinit(), "xinit: called too early: needs confinit");
	stage = SCONF;
	expectpanic(xalloc(1), "xalloc: called too early: needs xinit, the "
			       "machine is at confinit");
	expectpanic(xallocz(1, true), "xallocz: called too early");
	expectpanic(xspanalloc(1, 0, 0), "xspanalloc: called too early");
	expectpanic(xspanallocfor(XRAMPAGE, 1, 0, 0), "called too early");
	expectpanic(xfree(p), "xfree: called too early");
	expectpanic(xhole(0, 4096), "xhole: called too early");
	expectpanic(xmerge(p, p), "xmerge: called too early");
	expectpanic(xsummary(), "xsummary: called too early");
	expectpanic(xcheck(), "xcheck: called too early");
	expectpanic((void)xholes(), "xholes: called too early");
	expectpanic((void)xfreebytes(), "xfreebytes: called too early");
	stage = SPAGES;
	expectpanic(xalloc(1), "xalloc: called too late: works until "
			       "preallocpages, the machine is at pageinit");
	expectpanic(xallocz(1, false), "xallocz: called too late");
	expectpanic(xspanalloc(1, 0, 0), "xspanalloc: called too late");
	xfree(xspanallocfor(XRAMPAGE, 4096, 4096, 0));
	xfree(p);
	xcheck();
}

/* The largest block there is now. */
static size_t
largest(void)
{
	size_t size = xfreebytes();
	void *p;

	while ((p = xallocz(size, false)) == NULL)
		size -= 16;
	xfree(p);
	return size;
}

/* Blocks of all sizes, so few of each that all wait for their own size. */
static void
blocks_that_wait_are_joined_when_needed(void **state)
{
	void *p[1000];
	size_t n = 0;

	(void)state;
	heapmachine(1, 128 * KiB, 0);
	size_t size = largest();
	while ((p[n] = xallocz(16 * (n / 8), false)) != NULL)
		n++;
	assert_in_range(n, 100, nelem(p) - 1);
	while (n > 0)
		xfree(p[--n]);
	assert_non_null(xallocz(size, false)); /* nobody counts them before */
}

/* More blocks of one size than could be counted as waiting. */
static void
few_blocks_of_a_size_wait(void **state)
{
	void *p[700];

	(void)state;
	heapmachine(1, MiB, 0);
	size_t nfree = xfreebytes();
	size_t nholes = xholes();
	for (size_t i = 0; i < nelem(p); i++)
		assert_non_null(p[i] = xalloc(100));
	for (size_t i = 0; i < nelem(p); i++)
		xfree(p[i]);
	assert_int_equal(xfreebytes(), nfree);
	assert_int_equal(xholes(), nholes);
	xcheck();
}

/* The tag of one live block on another, of the same size and owner. */
static void
a_tag_is_good_in_one_place_only(void **state)
{
	uint8_t *p[2];

	(void)state;
	heapmachine(1, MiB, 0);
	for (size_t i = 0; i < 2; i++)
		p[i] = xalloc(40);
	for (size_t i = 0; i < 8; i++) {
		poke(p[1] - 8 + i, peek(p[0] - 8 + i));
		poke(p[1] + 40 + i, peek(p[0] + 40 + i));
	}
	expectpanic(xfree(p[1]), "something wrote below it");
	xfree(p[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(xalloc_gives_cleared_aligned_memory),
	    cmocka_unit_test(xfree_joins_both_neighbours),
	    cmocka_unit_test(after_any_sequence_the_holes_are_as_at_first),
	    cmocka_unit_test(xspanalloc_aligns_and_does_not_cross),
	    cmocka_unit_test(sizes_that_wrap_or_are_too_large_are_refused),
	    cmocka_unit_test(memory_runs_out_cleanly),
	    cmocka_unit_test(the_last_hole_that_fits_is_found),
	    cmocka_unit_test(every_bank_is_used_and_those_of_others_left_alone),
	    cmocka_unit_test(xhole_joins_both_neighbours),
	    cmocka_unit_test(banks_that_overlap_are_no_banks),
	    cmocka_unit_test(a_step_may_end_in_bad_memory),
	    cmocka_unit_test(xhole_takes_whole_pages_it_does_not_have),
	    cmocka_unit_test(bad_pages_are_left_out),
	    cmocka_unit_test(memory_is_probed_as_it_is_reached),
	    cmocka_unit_test(start_up_does_not_depend_on_size),
	    cmocka_unit_test(misuse_of_xfree_is_caught),
	    cmocka_unit_test(a_second_free_after_joining_is_caught),
	    cmocka_unit_test(a_byte_written_beyond_either_end_is_caught),
	    cmocka_unit_test(xmerge_joins_blocks_next_to_each_other),
	    cmocka_unit_test(xsummary_prints_what_9front_prints),
	    cmocka_unit_test(calls_out_of_order_are_named),
	    cmocka_unit_test(blocks_that_wait_are_joined_when_needed),
	    cmocka_unit_test(few_blocks_of_a_size_wait),
	    cmocka_unit_test(a_tag_is_good_in_one_place_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
