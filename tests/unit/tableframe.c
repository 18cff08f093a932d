/*
 * Page tables made of pages: where they come from, and when there is none.
 *
 * needs: arch/rampage.c arch/tablepages.c tests/host/metal.c tests/host/heap.c
 */
#include "unit.h"
#include "bytemap.h"
#include "heap.h"
#include "mmu.h"
#include "pagemachine.h"
#include "percpu.h"
#include "xalloc.h"

bool
istablepage(paddr_t pa)
{
	return pa % BY2PG == 0;
}

static size_t ntables;
static paddr_t highest;

/* Nobody else has it: it can be written all over. */
static paddr_t
table(void)
{
	paddr_t pa = kalloc_table();

	if (pa == NOADDR)
		return NOADDR;
	ntables++;
	highest = MAX(highest, pa);
	assert_true(cankaddr(pa) >= BY2PG);
	memset(kaddr(pa), 0x5a, BY2PG);
	return pa;
}

/* kaddr reaches the first cap bytes; each mapping of ours needs a table. */
static void
machine(size_t size, size_t cap, int ncpu)
{
	hostmachine(0, size, cap, ncpu);
	hostquiet();
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
}

static void
banksup(void)
{
	pagesup();
	ntables = 0;
	highest = 0;
	hosttables(table);
}

static void
up(size_t size, size_t cap, int ncpu)
{
	machine(size, cap, ncpu);
	pagebank(0, size / BY2PG, 0);
	banksup();
}

/* All pages and tables together are what there was. */
static void
everything_there_is_used(size_t cap)
{
	size_t nfree = pagesfree();
	size_t n;
	Page *chain = pagetakeall(&n);

	assert_true(ntables > 0);
	/* A frame alone in its granule is no page, but may be a table. */
	assert_in_range(n + ntables, nfree - 1, nfree + 1);
	assert_int_equal(pagesfree(), 0);
	bytemapcheck();
	freepages(chain);
	assert_int_equal(pagesfree(), n);
	bytemapcheck();
	assert_true(highest < cap);
}

static void
everything_is_used(size_t size, size_t cap)
{
	up(size, cap, 1);
	everything_there_is_used(cap);
}

static void
tables_come_from_pages_at_every_size(void **state)
{
	(void)state;
	for (size_t n = 8; n < 40; n += 3)
		everything_is_used(n * MiB / 2, n * MiB / 2);
	/* Whatever is left for the last granule, two frames among it. */
	for (size_t n = 1024; n < 1024 + 128; n++)
		everything_is_used(n * BY2PG, n * BY2PG);
}

static void
tables_come_from_under_the_cap(void **state)
{
	(void)state;
	for (size_t n = 4; n < 20; n += 3)
		everything_is_used(32 * MiB, n * MiB);
	/* What is beyond the cap is nothing but memory for tables. */
	everything_is_used(512 * MiB, 512 * MiB - BY2PG);
}

/*
 *	0      4M     6M  6M+32K        32M
 *	[ near )      [ cap          far )
 */
static void
tables_come_from_the_bank_below(void **state)
{
	(void)state;
	machine(32 * MiB, 6 * MiB + 8 * BY2PG, 1);
	pagebank(0, 4 * MiB / BY2PG, 0);
	pagebank(6 * MiB, 26 * MiB / BY2PG, 0);
	banksup();
	everything_there_is_used(4 * MiB);
	/* And if a page, not worth a Page, lies alone above. */
	machine(32 * MiB, 8 * MiB, 1);
	pagebank(0, 4 * MiB / BY2PG, 0);
	pagebank(6 * MiB, 1, 0);
	pagebank(8 * MiB, 24 * MiB / BY2PG, 0);
	banksup();
	everything_there_is_used(8 * MiB);
}

/*
 * What was set aside is bad but for two frames: the chunks describe themselves,
 * in frames that no page table is made of meanwhile.
 */
static void
chunks_may_hold_both_kinds_of_tables(void **state)
{
	(void)state;
	for (size_t n = 512; n < 1600; n += 31) {
		up(n * BY2PG, n * BY2PG, 1);
		Pagestats st;

		pagestats(&st);
		size_t nmeta = st.nmeta;
		pagefini();
		machine(n * BY2PG, n * BY2PG, 1);
		pagebank(0, n, 0);
		hostbad((n - nmeta + 2) * BY2PG, nmeta - 2);
		banksup();
		size_t nfree = pagesfree();
		size_t npages;
		freepages(pagetakeall(&npages));
		pagestats(&st);
		assert_int_equal(npages, pagesfree());
		assert_int_equal(npages, st.npages);
		assert_in_range(npages + ntables, nfree - 30, nfree);
		bytemapcheck();
	}
}

/* The last chunk has two or three frames, too few for all that. */
static void
a_crumb_may_be_too_small_for_its_tables(void **state)
{
	(void)state;
	for (size_t n = 2; n < 12; n++) {
		machine(16 * MiB, 16 * MiB, 1);
		pagebank(0, 512, 0);
		pagebank(4 * MiB, n, 0);
		pagebank(8 * MiB, 10, 0);
		hostbad(8 * MiB + 2 * BY2PG, 8);
		banksup();
		size_t npages;
		Page *chain = pagetakeall(&npages);
		assert_in_range(npages, 480, 512 + n);
		bytemapcheck();
		freepages(chain);
		bytemapcheck();
		pagefini();
	}
}

/* Those that another CPU is describing now are left to it. */
static paddr_t meanwhile;

static void
probed(paddr_t pa)
{
	if (meanwhile != 0 || pa >= 2 * MiB)
		return;
	hostcpu(1);
	meanwhile = kalloc_table();
	hostcpu(0);
}

static bool
good(paddr_t pa)
{
	(void)pa;
	return true;
}

static void
what_another_cpu_opens_is_left_alone(void **state)
{
	(void)state;
	machine(8 * MiB, 8 * MiB, 2);
	pagebank(0, 512, 0);
	pagebank(4 * MiB, 9, 0); /* for tables, all of it */
	pagesup();
	meanwhile = 0;
	hostprobe(probed, good);
	Page *pg = newpage(NOCLEAR, 0);
	hostprobe(NULL, NULL);
	assert_int_equal(meanwhile, NOADDR);
	assert_non_null(pg);
	bytemapcheck();
}

/* After the rest was given up for want of memory to describe it. */
static void
what_was_given_up_is_no_table(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB, 1);
	pagebank(0, 16384, 0);
	hostbad(16 * MiB, 12288 - 2);
	pagesup();
	size_t npages;
	Page *chain = pagetakeall(&npages);
	assert_non_null(strstr(hostsaid(), "no good memory to describe"));
	assert_int_equal(kalloc_table(), NOADDR);
	freepages(chain);
	assert_int_not_equal(kalloc_table(), NOADDR);
	assert_int_equal(pagesfree(), npages - 1);
	bytemapcheck();
}

/* Pages that a table can be in are the last that are handed out. */
static void
near_pages_are_used_last(void **state)
{
	(void)state;
	up(32 * MiB, 8 * MiB, 1);
	hosttables(NULL);
	size_t n = 0;
	Page *pg;

	while ((pg = newpage(NOCLEAR, 0)) != NULL && pagepa(pg) >= 8 * MiB)
		n++;
	assert_in_range(n, 5500, 6144);
	assert_non_null(pg);
	for (Page *more; (more = newpage(NOCLEAR, 0)) != NULL;)
		assert_true(pagepa(more) < 8 * MiB);
	bytemapcheck();
	assert_int_equal(kalloc_table(), NOADDR);
	/* One far page is free, but no table can be there. */
	pg = papage(16 * MiB);
	putpage(pg);
	assert_int_equal(kalloc_table(), NOADDR);
	assert_ptr_equal(newpage(NOCLEAR, 0), pg);
	/* A near one can. */
	pg = papage(4 * MiB);
	putpage(pg);
	assert_int_equal(kalloc_table(), 4 * MiB);
	assert_null(newpage(NOCLEAR, 0));
	bytemapcheck();
}

static void
whole_near_chunks_are_used_last(void **state)
{
	(void)state;
	up(32 * MiB, 8 * MiB, 1);
	hosttables(NULL);
	for (size_t i = 0; i < 11; i++)
		assert_true(
		    pagepa(newhugepage(2 * MiB, NOCLEAR, 0)) >= 8 * MiB);
	for (size_t i = 0; i < 4; i++)
		assert_true(pagepa(newhugepage(2 * MiB, NOCLEAR, 0)) < 8 * MiB);
	assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	bytemapcheck();
}

/* None of the pages is reached: no table, no page, and nothing is lost. */
static void
no_near_page_is_a_true_no(void **state)
{
	(void)state;
	up(16 * MiB, BY2PG, 1);
	size_t nfree = pagesfree();

	assert_null(newpage(NOCLEAR, 0));
	assert_int_equal(pagesfree(), nfree);
	hosttables(NULL);
	size_t n;
	freepages(pagetakeall(&n));
	assert_int_equal(n, nfree);
	bytemapcheck();
}

/* A frame that waits at this CPU is good enough, too. */
static void
a_waiting_page_may_become_a_table(void **state)
{
	(void)state;
	up(16 * MiB, 16 * MiB, 1);
	hosttables(NULL);
	while (pagesfree() > 100)
		assert_non_null(newpage(NOCLEAR, 0));
	for (size_t i = 0; i < 100; i++)
		assert_int_not_equal(kalloc_table(), NOADDR);
	assert_int_equal(kalloc_table(), NOADDR);
	assert_int_equal(pagesfree(), 0);
	bytemapcheck();
}

static void
a_waiting_page_out_of_reach_becomes_none(void **state)
{
	(void)state;
	up(32 * MiB, 8 * MiB, 1);
	hosttables(NULL);
	putpage(newpage(NOCLEAR, 0));
	size_t n = 0;
	while (kalloc_table() != NOADDR)
		n++;
	assert_int_equal(n, 8 * MiB / BY2PG);
	assert_true(pagepa(newpage(NOCLEAR, 0)) >= 8 * MiB);
	bytemapcheck();
}

/* Of those that wait, the freed ones are still known as warm. */
static void
waiting_pages_keep_their_heat(void **state)
{
	Page *pg[40];

	(void)state;
	up(4 * MiB, 4 * MiB, 1);
	hosttables(NULL);
	for (size_t i = 0; i < nelem(pg); i++)
		pg[i] = newpage(CLEAR, 0);
	for (size_t i = 0; i < nelem(pg); i++)
		putpage(pg[i]);
	while (pagesfree() > thiscpu()->page.ncold + 10)
		assert_int_not_equal(kalloc_table(), NOADDR);
	for (size_t i = 0; i < 20; i++) {
		assert_non_null(newpage(CLEAR, 0));
		assert_int_equal(hostheat(), i < 10 ? HOT : COLD);
	}
	up(4 * MiB, 4 * MiB, 1);
	hosttables(NULL);
	putpage(newpage(NOCLEAR, 0));
	while (pagesfree() > 1)
		assert_int_not_equal(kalloc_table(), NOADDR);
	assert_int_not_equal(kalloc_table(), NOADDR);
	assert_int_equal(kalloc_table(), NOADDR);
	bytemapcheck();
	stage = SXALLOC;
	assert_panics(kalloc_table(), "called too early: needs pageinit");
}

static void
bad_frames_become_no_tables(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 2048, 0);
	hostbad(7 * MiB, 200);
	pagesup();
	for (size_t i = 0; i < 200; i++) {
		paddr_t pa = table();

		assert_true(pa < 7 * MiB || pa >= 7 * MiB + 200 * BY2PG);
	}
	size_t n;
	freepages(pagetakeall(&n));
	bytemapcheck();
}

/* What rampage gives when xalloc has no more, and the pages are reached. */
static void
rampage_goes_on_with_pages(void **state)
{
	(void)state;
	hostmachine(0, 16 * MiB, 16 * MiB, 1);
	hostquiet();
	conf = (Conf){.mem = pagebanks};
	stage = SCONF;
	pagebank(0, 4096, 0);
	pagebanks[0].kbase = (uintptr_t)kaddr(0);
	pagebanks[0].klimit = pagebanks[0].kbase + MiB;
	xinit();
	stage = SXALLOC;
	pagesup();
	size_t nfree = pagesfree();
	size_t n = 0;
	for (void *p; (p = rampage()) != NULL; n++)
		memset(p, 0x5a, BY2PG);
	assert_in_range(n, nfree, nfree + 256);
	assert_int_equal(pagesfree(), 0);
	xcheck();
	bytemapcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables_come_from_pages_at_every_size),
	    cmocka_unit_test(tables_come_from_under_the_cap),
	    cmocka_unit_test(near_pages_are_used_last),
	    cmocka_unit_test(whole_near_chunks_are_used_last),
	    cmocka_unit_test(no_near_page_is_a_true_no),
	    cmocka_unit_test(a_waiting_page_may_become_a_table),
	    cmocka_unit_test(a_waiting_page_out_of_reach_becomes_none),
	    cmocka_unit_test(waiting_pages_keep_their_heat),
	    cmocka_unit_test(tables_come_from_the_bank_below),
	    cmocka_unit_test(chunks_may_hold_both_kinds_of_tables),
	    cmocka_unit_test(a_crumb_may_be_too_small_for_its_tables),
	    cmocka_unit_test(what_another_cpu_opens_is_left_alone),
	    cmocka_unit_test(what_was_given_up_is_no_table),
	    cmocka_unit_test(bad_frames_become_no_tables),
	    cmocka_unit_test(rampage_goes_on_with_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
