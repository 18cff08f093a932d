/*
 * Pages by what their callers see: all of them, on machines of all shapes,
 * and what happens to those who misuse them.
 *
 * builds: san check
 */
#include "unit.h"
#include "bytemap.h"
#include "../../mm/checking.h"
#include "image.h"
#include "pagemachine.h"
#include "xalloc.h"

/* Take all, see that each holds its own contents, give all back. */
static size_t
useallpages(void)
{
	size_t nfree = pagesfree();
	size_t n;
	Page *chain = pagetakeall(&n);
	size_t good = 0;

	assert_int_equal(n, nfree);
	assert_int_equal(pagesfree(), 0);
	bytemapcheck();
	for (Page *pg = chain; pg != NULL; pg = pagenext(pg)) {
		uint64_t *w = kmap(pg);

		w[0] = w[511] = pagepa(pg);
		kunmap(w);
	}
	for (Page *pg = chain; pg != NULL; pg = pagenext(pg)) {
		uint64_t *w = kmap(pg);

		good += w[0] == pagepa(pg) && w[511] == pagepa(pg);
		kunmap(w);
		assert_ptr_equal(papage(pagepa(pg)), pg);
		assert_int_equal(framestate(pagepa(pg)), FRAMEALLOCATED);
	}
	assert_int_equal(good, n);
	freepages(chain);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
	return n;
}

static void
every_page_can_be_had_and_comes_back(void **state)
{
	(void)state;
	pagesimple(64 * MiB, 1);
	size_t n = useallpages();
	Pagestats st;

	assert_int_equal(useallpages(), n);
	pagestats(&st);
	assert_int_equal(st.npages, n);
	assert_int_equal(st.nfree, n);
	assert_in_range(st.nmeta - st.nmetaused, 0, 2);
	assert_int_equal(st.npages + st.nmeta, conf.npage);
	assert_true(st.nmeta <= conf.npage / 100);
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

static void
a_fresh_page_has_one_holder_and_no_past(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *pg = newpage(NOCLEAR, 0x7ffffffff000);

	assert_int_equal(pagerefs(pg), 1);
	assert_int_equal(pageva(pg), 0x7ffffffff000);
	assert_int_equal(pagedaddr(pg), 0);
	assert_null(pagenext(pg));
	assert_int_equal(pagesize(pg), BY2PG);
	pagesetva(pg, 0xffff800000001fff);
	assert_int_equal(pageva(pg), 0xffff800000001000);
	assert_int_equal(pagerefs(pg), 1);
	pagesetdaddr(pg, 77);
	pagesetnext(pg, pg);
	putpage(pg);
	assert_ptr_equal(newpage(NOCLEAR, 0x1000), pg);
	assert_int_equal(pageva(pg), 0x1000);
	assert_int_equal(pagedaddr(pg), 0);
	assert_null(pagenext(pg));
	putpage(pg);
	bytemapcheck();
}

static bool
iszero(Page *pg)
{
	uint8_t *p = kmap(pg);
	bool zero = p[0] == 0 && memcmp(p, p + 1, pagesize(pg) - 1) == 0;

	kunmap(p);
	return zero;
}

/* A page just freed is in the caches, one never used is not. */
static void
cleared_pages_are_zero_hot_or_cold(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *pg[4];

	for (size_t i = 0; i < nelem(pg); i++) {
		pg[i] = newpage(CLEAR, 0);
		assert_true(iszero(pg[i]));
		assert_int_equal(hostheat(), COLD);
		memset(kmap(pg[i]), 1, BY2PG);
	}
	for (size_t i = 0; i < nelem(pg); i++)
		putpage(pg[i]);
	for (size_t i = 0; i < nelem(pg); i++) {
		pg[i] = newpage(CLEAR, 0);
		assert_true(iszero(pg[i]));
		assert_int_equal(hostheat(), HOT);
	}
	assert_true(iszero(newpage(CLEAR, 0)));
	assert_int_equal(hostheat(), COLD);
	memset(kmap(pg[0]), 7, BY2PG);
	copypage(pg[0], pg[1]);
	assert_memory_equal(kmap(pg[0]), kmap(pg[1]), BY2PG);
	zeropage(pg[1]);
	assert_true(iszero(pg[1]));
	assert_false(iszero(pg[0]));
}

/*
 *	0        3 pages                    701 pages    in 2 MiB chunks
 *	[kernel 2)[ pages ..................)            one bank
 */
static void
banks_may_begin_and_end_anywhere(void **state)
{
	(void)state;
	for (size_t first = 0; first < 3; first++)
		for (size_t npages = 1500; npages < 1503; npages++) {
			pagemachine(0, 16 * MiB, 1);
			pagebank(first * BY2PG, npages, 2);
			pagesup();
			Pagestats st;
			pagestats(&st);
			assert_int_equal(st.npages + st.nmeta, npages - 2);
			assert_int_equal(
			    framestate((first + 1) * BY2PG), FRAMERESERVED);
			assert_int_equal(
			    framestate((first + 2) * BY2PG), FRAMEFREE);
			assert_int_equal(framestate((first + npages) * BY2PG),
			    FRAMERESERVED);
			useallpages();
			assert_int_equal(
			    framestate((first + 1) * BY2PG), FRAMERESERVED);
			assert_int_not_equal(
			    framestate((first + 2) * BY2PG), FRAMERESERVED);
			assert_null(papage((first + 1) * BY2PG));
			pagefini();
		}
}

static void
pages_live_at_zero_and_above_four_terabytes(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	assert_non_null(newpage(NOCLEAR, 0));
	Page *pg = papage(0);
	assert_non_null(pg);
	assert_int_equal(framestate(0), FRAMEALLOCATED);
	pagefini();

	paddr_t high = (1ull << 52) - 64 * MiB;
	pagemachine(high, 64 * MiB, 1);
	pagebank(high, 64 * MiB / BY2PG, 100);
	pagesup();
	pg = newpage(CLEAR, 0);
	assert_true(pagepa(pg) >= high + 100 * BY2PG);
	putpage(pg);
	useallpages();
	pagefini();
}

/* The direct map reaches none of them: kaddr would panic. */
static void
pages_above_the_direct_map_work(void **state)
{
	(void)state;
	for (int poison = 0; poison < 2; poison++) {
		pagemachine(0, 16 * MiB, 1);
		hostmachine(0, 16 * MiB, 0, 1);
		pagebank(0, 16 * MiB / BY2PG, 0);
		pagesup();
		pagepoison(poison);
		useallpages();
		Page *a = newpage(CLEAR, 0);
		Page *b = newpage(NOCLEAR, 0);
		copypage(a, b);
		assert_true(iszero(b));
		zeropage(b);
		Page *huge = newhugepage(2 * MiB, CLEAR, 0);
		assert_non_null(huge);
		puthugepage(huge);
		bytemapcheck();
	}
}

/* Every other page is a bank of its own, for most of the machine. */
static void
thousands_of_one_page_banks_work(void **state)
{
	(void)state;
	pagemachine(0, 128 * MiB, 1);
	for (size_t i = 0; i < 10000; i++)
		pagebank(2 * i * BY2PG, 1, 0);
	pagesup();
	Pagestats st;
	pagestats(&st);
	assert_true(st.npages > 10000 - 2 * 10000 / 64);
	assert_int_equal(st.npages + st.nmeta, 10000);
	assert_int_equal(useallpages(), st.npages);
	assert_int_equal(framestate(BY2PG), FRAMERESERVED);
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

/* A page alone in its 512 KiB costs a page to describe: it is left alone. */
static void
lonely_pages_are_not_worth_their_keep(void **state)
{
	(void)state;
	pagemachine(0, 512 * MiB, 1);
	for (size_t i = 0; i < 50; i++)
		pagebank(i * 4 * MiB, 1, 0);
	pagebank(398 * MiB, 1, 0);
	pagebank(399 * MiB, MiB / BY2PG, 0);
	pagebank(400 * MiB, 4 * MiB / BY2PG, 0);
	pagebank(404 * MiB + MiB, 2, 1);
	pagesup();
	Pagestats st;
	pagestats(&st);
	/* One too many: the one on top served for tables. */
	assert_int_equal(st.npages + st.nmeta, 5 * MiB / BY2PG + 1);
	assert_int_equal(framestate(0), FRAMERESERVED);
	assert_int_equal(framestate(398 * MiB), FRAMERESERVED);
	assert_int_equal(framestate(399 * MiB), FRAMEFREE);
	useallpages();
	assert_int_equal(framestate(0), FRAMERESERVED);
}

/* A bank in the middle of another's chunk, and one that is all kernel. */
static void
banks_share_chunks(void **state)
{
	(void)state;
	pagemachine(0, 32 * MiB, 1);
	pagebank(0, 300, 300);
	pagebank(300 * BY2PG, 10, 0);
	pagebank(400 * BY2PG, 1000, 10);
	pagebank(2000 * BY2PG, 100, 0);
	pagebank(2560 * BY2PG, 600, 0);
	pagebank(4000 * BY2PG, 7, 7);
	pagesup();
	Pagestats st;
	pagestats(&st);
	assert_int_equal(st.npages + st.nmeta, 10 + 990 + 100 + 600);
	useallpages();
	assert_int_equal(framestate(299 * BY2PG), FRAMERESERVED);
	assert_int_not_equal(framestate(309 * BY2PG), FRAMERESERVED);
	assert_int_equal(framestate(310 * BY2PG), FRAMERESERVED);
}

/* Nothing lies between two stretches, whatever is said of their ends. */
static void
the_hole_between_spans_is_nobodys(void **state)
{
	(void)state;
	pagemachine(0, 32 * MiB, 1);
	pagebank(0, 4 * MiB / BY2PG, 0);
	pagebank(8 * MiB, 8 * MiB / BY2PG, 0);
	pagesup();
	useallpages();
	for (paddr_t pa = 4 * MiB; pa < 8 * MiB; pa += MiB) {
		assert_int_equal(framestate(pa), FRAMERESERVED);
		assert_null(papage(pa));
	}
	assert_int_equal(framestate(16 * MiB), FRAMERESERVED);
}

static void
bad_pages_are_never_handed_out(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	hostbad(5 * BY2PG, 1);
	hostbad(511 * BY2PG, 3);
	hostbad(1024 * BY2PG, 512);
	pagesup();
	size_t before = pagesfree();
	size_t n;
	freepages(pagetakeall(&n));
	assert_int_equal(n, before - 516);
	useallpages();
	assert_int_equal(framestate(5 * BY2PG), FRAMERESERVED);
	assert_int_not_equal(framestate(6 * BY2PG), FRAMERESERVED);
	assert_int_equal(framestate(1100 * BY2PG), FRAMERESERVED);
	Pagestats st;
	pagestats(&st);
	assert_int_equal(st.nquarantine, 516);
	assert_non_null(strstr(hostsaid(), "2 of 512 pages from 0 on are bad"));
	assert_non_null(strstr(hostsaid(), "512 of 512 pages"));
	hostquiet();
	pallocprint();
	assert_non_null(strstr(hostsaid(), " quarantined=516 "));
}

/* Tablepages are never put in memory that does not hold them. */
static void
bad_frames_for_tables_are_replaced(void **state)
{
	(void)state;
	for (size_t nbad = 1; nbad < 30; nbad++) {
		pagemachine(0, 16 * MiB, 1);
		pagebank(0, 4096, 0);
		hostbad((4096 - nbad) * BY2PG, nbad);
		pagesup();
		size_t n;
		freepages(pagetakeall(&n));
		Pagestats st;
		pagestats(&st);
		assert_int_equal(st.nquarantine, nbad);
		assert_int_equal(st.npages, n);
		assert_int_equal(useallpages(), n);
		pagefini();
		assert_int_equal(hostmapped(), 0);
	}
}

/* Nor in the frames of the chunk itself, when those set aside are all bad. */
static void
a_chunk_may_have_to_hold_its_own_tables(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	hostbad(4060 * BY2PG, 30);
	hostbad(500 * BY2PG, 5);
	hostbad(510 * BY2PG, 2);
	pagesup();
	size_t n;
	freepages(pagetakeall(&n));
	Pagestats st;
	pagestats(&st);
	assert_int_equal(st.nquarantine, 37);
	assert_int_equal(st.npages, n);
	useallpages();
}

/* The map claims twice what there is. */
static void
memory_that_is_not_there_is_done_without(void **state)
{
	(void)state;
	pagemachine(0, 64 * MiB, 1);
	pagebank(0, 60 * MiB / BY2PG, 0);
	pagebank(60 * MiB, 4 * MiB / BY2PG, 0);
	pagesup();
	Pagestats st;
	pagestats(&st);
	paddr_t meta = 64 * MiB - st.nmeta * BY2PG;
	pagemachine(0, 64 * MiB, 1);
	pagebank(0, 60 * MiB / BY2PG, 0);
	pagebank(60 * MiB, 4 * MiB / BY2PG, 0);
	hostbad(meta + 2 * BY2PG, (st.nmeta - 2));
	hostbad(16 * MiB, (meta - 16 * MiB) / BY2PG);
	pagesup();
	size_t n;
	freepages(pagetakeall(&n));
	assert_in_range(n, 3900, 4096);
	pagestats(&st);
	assert_int_equal(st.npages, n);
	assert_int_equal(st.nchunks, 8);
	assert_non_null(strstr(hostsaid(), "no good memory to describe"));
	assert_int_equal(useallpages(), n);
	assert_int_equal(framestate(50 * MiB), FRAMERESERVED);
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

/* What was set aside is all bad, and the kernel's share is not. */
static void
tables_fall_back_on_the_kernels_share(void **state)
{
	(void)state;
	pagemachine(0, 32 * MiB, 1);
	pagebank(0, 8192, 2048);
	conf.mem[0].kbase = (uintptr_t)kaddr(0);
	conf.mem[0].klimit = conf.mem[0].kbase + 8 * MiB;
	hostbad(8 * MiB, 6144);
	xinit();
	pagesup();
	assert_null(newpage(NOCLEAR, 0));
	bytemapcheck();
	pagefini();
	assert_int_equal(hostmapped(), 0);
	conf = (Conf){.nmem = 0};
	xinit();
}

static void
memory_that_is_all_bad_yields_no_page(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	hostbad(0, 4096);
	assert_panics(preallocpages(), "no memory for a list of");

	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	hostbad(0, 4060);
	pagesup();
	assert_null(newpage(NOCLEAR, 0));
	assert_int_equal(kalloc_frame(), NOADDR);
	assert_int_equal(pagesfree(), 0);
	bytemapcheck();
}

/* The frames set aside are bad but one, which the list of stretches gets. */
static void
tables_need_one_good_frame_for_what_is_not_there(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	pagesup();
	Pagestats st;
	pagestats(&st);
	size_t nmeta = st.nmeta;
	pagefini();
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	hostbad((4096 - nmeta + 1) * BY2PG, nmeta - 1);
	assert_panics(preallocpages(), "no good frame");
}

static void
too_little_memory_is_said(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	assert_panics(preallocpages(), "0 pages need 1 of them");
	for (size_t n = 1; n < 20; n++) {
		pagemachine(0, 16 * MiB, 1);
		pagebank(0, n, 0);
		if (n < 7)
			assert_panics(
			    preallocpages(), "to describe the others");
		else {
			pagesup();
			useallpages();
		}
	}
}

static void
no_addresses_for_tables_is_said(void **state)
{
	(void)state;
	for (size_t n = 0; n < 5; n++) {
		pagemachine(0, 16 * MiB, 1);
		pagebank(0, 4096, 0);
		hostrefuse(n);
		if (n == 1)
			assert_panics(preallocpages(), "no memory for a list");
		else
			assert_panics(preallocpages(), "no addresses for");
	}
}

/* A table that cannot be mapped leaves everything as it was. */
static void
tables_that_cannot_be_mapped_can_be_later(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 0);
	hostbad(4080 * BY2PG, 3);
	pagesup();
	size_t nfree = pagesfree();
	size_t mapped = hostmapped();
	Pagestats before;
	pagestats(&before);

	for (size_t n = 0; n < 6; n++) {
		Pagestats after;

		hostrefuse(n);
		assert_null(newpage(NOCLEAR, 0));
		assert_int_equal(hostmapped(), mapped);
		pagestats(&after);
		assert_int_equal(after.nfailed, before.nfailed + n + 1);
		after.nfailed = before.nfailed;
		assert_memory_equal(&after, &before, sizeof after);
		bytemapcheck();
	}
	hostrefuse(SIZE_MAX);
	freepages(pagetakeall(&nfree));
	useallpages();
}

static paddr_t
stopping(void)
{
	panic("stopped");
}

/* Whoever goes on after a panic does not wait for what never ends. */
static void
an_opening_that_was_stopped_is_said(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	hosttables(stopping);
	assert_panics(newpage(NOCLEAR, 0), "stopped");
	hosttables(NULL);
	assert_panics(newpage(NOCLEAR, 0), "while it opened a chunk");
	assert_panics(newhugepage(2 * MiB, NOCLEAR, 0), "while it opened");
}

static void
freeing_twice_is_caught(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *pg = newpage(NOCLEAR, 0x5000);

	putpage(pg);
	assert_panics(putpage(pg), "is free already, last used at 0x5000");
	assert_panics(pageref(pg), "is free already");
	assert_panics(kfree_frame(pagepa(pg)), "is free already");
	assert_panics(freepages(pg), "is free already");
	bytemapcheck();
}

static void
what_is_no_page_is_caught(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *pg = newpage(NOCLEAR, 0);
	char other[64];

	assert_panics(putpage((Page *)(void *)other), "is no page");
	assert_panics(putpage(NULL), "is no page");
	assert_panics(putpage((Page *)((char *)pg + 8)), "is no page");
	assert_panics(putpage(pg + 2000), "is no page");
	assert_panics(freepages(pg + 2000), "is no page");
	assert_panics(pageref((Page *)((char *)pg + 31)), "is no page");
	pagefini();

	/* The bank ends within the chunk, and within its first 512 KiB. */
	pagemachine(0, 8 * MiB, 1);
	pagebank(0, 100, 0);
	pagesup();
	pg = newpage(NOCLEAR, 0);
	assert_panics(putpage(papage(0) + 101), "of no frame of ours");
	assert_panics(putpage(papage(0) + 200), "of no frame of ours");
}

static void
frames_that_are_not_ours_are_caught(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	paddr_t pa = kalloc_frame();

	assert_int_equal(framestate(pa), FRAMEALLOCATED);
	assert_panics(kfree_frame(pa + 1), "no frame of ours is at");
	assert_panics(kfree_frame(8 * MiB), "no frame of ours is at");
	assert_panics(kfree_frame(4 * MiB), "no frame of ours is at");
	assert_panics(kfree_frame(NOADDR), "no frame of ours is at");
	pageref(papage(pa));
	assert_panics(kfree_frame(pa), "has 2 references");
	putpage(papage(pa));
	kfree_frame(pa);
	assert_panics(kfree_frame(pa), "is free already");
	bytemapcheck();
}

static void
a_shared_page_is_freed_by_its_last_holder(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	size_t nfree = pagesfree();
	Page *pg = newpage(NOCLEAR, 0x3000);

	assert_ptr_equal(pageref(pageref(pg)), pg);
	assert_int_equal(pagerefs(pg), 3);
	assert_panics(freepages(pg), "has 3 references");
	pagesetva(pg, 0x4000);
	assert_int_equal(pagerefs(pg), 3);
	putpage(pg);
	putpage(pg);
	assert_int_equal(pagesfree(), nfree - 1);
	putpage(pg);
	assert_int_equal(pagesfree(), nfree);
	assert_panics(putpage(pg), "is free already");
}

static void
too_many_references_are_caught(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *pg = newpage(NOCLEAR, 0x3000);

	__atomic_fetch_add(&pg->held, PAGEREFMAX - 2, __ATOMIC_RELAXED);
	pageref(pg);
	assert_int_equal(pagerefs(pg), PAGEREFMAX);
	assert_panics(pageref(pg), "has 134217727 references already");
}

static void
order_is_kept(void **state)
{
	(void)state;
	pagemachine(0, 8 * MiB, 1);
	pagebank(0, 2048, 0);
	stage = SCONF;
	assert_panics(preallocpages(),
	    "preallocpages: called too early: needs xinit, the machine is at "
	    "confinit");
	stage = SXALLOC;
	assert_panics(pageinit(), "pageinit: called too early");
	assert_panics(newpage(NOCLEAR, 0), "newpage: called too early");
	assert_panics(newpage(CLEAR, 0), "newpage: called too early");
	assert_panics(putpage(NULL), "putpage: called too early");
	assert_panics(pageref(NULL), "pageref: called too early");
	assert_panics(
	    newhugepage(2 * MiB, CLEAR, 0), "newhugepage: called too early");
	assert_panics(kfree_frame(0), "kfree_frame: called too early");
	assert_panics(kalloc_frame(), "called too early: needs pageinit");
	assert_panics(bytemapcheck(), "bytemapcheck: called too early");
	assert_panics(pagepoison(true), "pagepoison: called too early");
	assert_panics(imageopen(NULL, NULL, 1), "imageopen: called too early");
	pagesup();
	assert_panics(preallocpages(), "preallocpages: called too late");
	assert_panics(pageinit(), "pageinit: called too late");
}

static void
poisoned_pages_show_who_wrote_to_them(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *early = newpage(NOCLEAR, 0);

	pagepoison(true);
	Page *pg = newpage(CLEAR, 0);
	paddr_t pa = pagepa(pg);
	putpage(early);
	putpage(pg);
	assert_int_equal(framestate(pa), FRAMEFREE);
	assert_panics(putpage(pg), "is free already, freed by 0x");
	pg = newpage(NOCLEAR, 0x1000);
	assert_int_equal(pagedaddr(pg), 0);
	uint64_t *w = kmap(pg);
	assert_int_equal(w[0], w[511]);
	putpage(pg);
	bytemapcheck();
	w[100] = 5;
	assert_panics(
	    newpage(NOCLEAR, 0), "but then written to: 0x5 at byte 800");
	kunmap(w);
}

static void
check_builds_poison_from_the_start(void **state)
{
	(void)state;
	pagemachine(0, 8 * MiB, 1);
	pagebank(0, 2048, 0);
	pagesboot();
	Page *pg = newpage(CLEAR, 0);
	putpage(pg);
	assert_int_equal(*(uint64_t *)kmap(pg) != 0, CHECKING);
}

static void
poison_can_be_turned_off(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	pagepoison(true);
	size_t nfree = pagesfree();
	useallpages();
	Page *pg = newhugepage(2 * MiB, CLEAR, 0);
	assert_non_null(pg);
	assert_true(iszero(pg));
	puthugepage(pg);
	useallpages();
	pagepoison(false);
	assert_int_equal(useallpages(), nfree);
	pg = newpage(NOCLEAR, 0);
	assert_int_equal(pagedaddr(pg), 0);
	pagepoison(true);
	putpage(pg);
	pg = newpage(NOCLEAR, 0);
	putpage(pg);
	bytemapcheck();
}

/* What was freed while there was poison is an ordinary free page then. */
static void
poison_leaves_no_marks(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	pagepoison(true);
	Page *pg = newpage(NOCLEAR, 0);
	putpage(pg);
	assert_panics(putpage(pg), "is free already, freed by");
	pagepoison(false);
	assert_panics(putpage(pg), "is free already, last used at");
	assert_int_equal(pagedaddr(pg), 0);
}

/* A frame about to be handed out has references: someone wrote to its Page. */
static void
a_damaged_free_page_is_caught(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	pagepoison(true);
	Page *pg = newpage(NOCLEAR, 0);
	putpage(pg);
	pg->held = 3;
	assert_panics(newpage(NOCLEAR, 0), "was free, but has 3 references");
}

/* Chunk A lacks two pages, chunk B all but one: B's one goes first. */
static void
the_fullest_chunk_is_used_first(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	pagepoison(true); /* no stock: each page comes from its chunk */
	Page *a[510];
	Page *b[511];

	for (size_t i = 0; i < nelem(b); i++)
		b[i] = newpage(NOCLEAR, 0);
	Page *last = newpage(NOCLEAR, 0);
	for (size_t i = 0; i < 2; i++)
		a[i] = newpage(NOCLEAR, 0);
	assert_int_equal(pagepa(a[0]) >> 21, (pagepa(b[0]) >> 21) + 1);
	putpage(b[7]);
	assert_ptr_equal(newpage(NOCLEAR, 0), b[7]);
	a[2] = newpage(NOCLEAR, 0);
	assert_int_equal(pagepa(a[2]) >> 21, pagepa(a[0]) >> 21);
	putpage(last);
	bytemapcheck();
}

/* Pages waiting at CPU 1 are no reason for CPU 0 to go without. */
static void
no_page_is_lost_at_another_cpu(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 3);
	size_t nfree = pagesfree();
	size_t n;

	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	hostcpu(2);
	putpage(newpage(NOCLEAR, 0));
	assert_int_equal(pagesfree(), nfree);
	hostcpu(0);
	Page *chain = pagetakeall(&n);
	assert_int_equal(n, nfree);
	hostcpu(1);
	assert_null(newpage(NOCLEAR, 0));
	freepages(chain);
	hostcpu(0);
	useallpages();
}

static void
the_first_call_of_a_cpu_may_be_putpage(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 2);
	size_t nfree = pagesfree();
	Page *pg = newpage(NOCLEAR, 0);

	hostcpu(1);
	putpage(pg);
	assert_int_equal(pagesfree(), nfree);
	assert_ptr_equal(newpage(NOCLEAR, 0), pg);
	putpage(pg);
	hostcpu(0);
	useallpages();
}

static void
the_lines_say_what_there_is(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 4096, 96);
	pagesup();
	Pagestats st;
	pagestats(&st);
	hostquiet();
	pallocprint();
	bytemapprint();
	char want[256];
	snprintf(want, sizeof want,
	    "mem9: palloc pages=%zu free=%zu pagestruct=32 chunks=0 "
	    "quarantined=0 longest=0 held=0\n"
	    "mem9: bytemap free=%zu allocated=0 reserved=%zu\n",
	    st.npages, st.npages, st.npages, 96 + st.nmeta);
	assert_string_equal(hostsaid(), want);
}

/* 4 TiB in some banks: next to nothing is touched before the first page. */
static void
start_up_does_not_grow_with_memory(void **state)
{
	(void)state;
	pagemachine(0, 4 * TiB, 1);
	hosttrust(true);
	pagebank(0, GiB / BY2PG, 1000);
	pagebank(4 * GiB, (4 * TiB - 4 * GiB) / BY2PG, 0);
	pagesup();
	assert_true(hostmapped() <= 1);
	Page *pg = newpage(NOCLEAR, 0);
	assert_non_null(pg);
	assert_true(hostmapped() <= 10);
	assert_int_equal(framestate(3 * TiB), FRAMEFREE);
	assert_int_equal(framestate(2 * GiB), FRAMERESERVED);
	assert_int_equal(framestate(4 * TiB - BY2PG), FRAMERESERVED);
	assert_int_equal(framestate(8 * TiB), FRAMERESERVED);
	bytemapcheck();
	pagefini();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_page_can_be_had_and_comes_back),
	    cmocka_unit_test(a_fresh_page_has_one_holder_and_no_past),
	    cmocka_unit_test(cleared_pages_are_zero_hot_or_cold),
	    cmocka_unit_test(banks_may_begin_and_end_anywhere),
	    cmocka_unit_test(pages_live_at_zero_and_above_four_terabytes),
	    cmocka_unit_test(pages_above_the_direct_map_work),
	    cmocka_unit_test(thousands_of_one_page_banks_work),
	    cmocka_unit_test(lonely_pages_are_not_worth_their_keep),
	    cmocka_unit_test(banks_share_chunks),
	    cmocka_unit_test(the_hole_between_spans_is_nobodys),
	    cmocka_unit_test(bad_pages_are_never_handed_out),
	    cmocka_unit_test(bad_frames_for_tables_are_replaced),
	    cmocka_unit_test(a_chunk_may_have_to_hold_its_own_tables),
	    cmocka_unit_test(memory_that_is_not_there_is_done_without),
	    cmocka_unit_test(tables_fall_back_on_the_kernels_share),
	    cmocka_unit_test(memory_that_is_all_bad_yields_no_page),
	    cmocka_unit_test(tables_need_one_good_frame_for_what_is_not_there),
	    cmocka_unit_test(too_little_memory_is_said),
	    cmocka_unit_test(no_addresses_for_tables_is_said),
	    cmocka_unit_test(tables_that_cannot_be_mapped_can_be_later),
	    cmocka_unit_test(an_opening_that_was_stopped_is_said),
	    cmocka_unit_test(freeing_twice_is_caught),
	    cmocka_unit_test(what_is_no_page_is_caught),
	    cmocka_unit_test(frames_that_are_not_ours_are_caught),
	    cmocka_unit_test(a_shared_page_is_freed_by_its_last_holder),
	    cmocka_unit_test(too_many_references_are_caught),
	    cmocka_unit_test(order_is_kept),
	    cmocka_unit_test(poisoned_pages_show_who_wrote_to_them),
	    cmocka_unit_test(check_builds_poison_from_the_start),
	    cmocka_unit_test(poison_can_be_turned_off),
	    cmocka_unit_test(poison_leaves_no_marks),
	    cmocka_unit_test(a_damaged_free_page_is_caught),
	    cmocka_unit_test(the_fullest_chunk_is_used_first),
	    cmocka_unit_test(no_page_is_lost_at_another_cpu),
	    cmocka_unit_test(the_first_call_of_a_cpu_may_be_putpage),
	    cmocka_unit_test(the_lines_say_what_there_is),
	    cmocka_unit_test(start_up_does_not_grow_with_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
