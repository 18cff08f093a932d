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
up(size_t size, size_t cap, int ncpu)
{
	hostmachine(0, size, cap, ncpu);
	hostquiet();
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
	pagebank(0, size / BY2PG, 0);
	pagesup();
	ntables = 0;
	highest = 0;
	hosttables(table);
}

/* All pages and tables together are what there was. */
static void
everything_is_used(size_t size, size_t cap)
{
	up(size, cap, 1);
	size_t nfree = pagesfree();
	size_t n;
	Page *chain = pagetakeall(&n);

	assert_true(ntables > 0);
	assert_int_equal(n + ntables, nfree);
	assert_int_equal(pagesfree(), 0);
	bytemapcheck();
	freepages(chain);
	assert_int_equal(pagesfree(), n);
	bytemapcheck();
	assert_true(highest < cap);
}

static void
tables_come_from_pages_at_every_size(void **state)
{
	(void)state;
	for (size_t n = 8; n < 40; n += 3)
		everything_is_used(n * MiB / 2, n * MiB / 2);
}

static void
tables_come_from_under_the_cap(void **state)
{
	(void)state;
	for (size_t n = 4; n < 20; n += 3)
		everything_is_used(32 * MiB, n * MiB);
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
	    cmocka_unit_test(bad_frames_become_no_tables),
	    cmocka_unit_test(rampage_goes_on_with_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
