/*
 * Page tables made of RAM that came when pages ran already.
 */
#include "addmachine.h"

/* There is no other memory for page tables than what came. */
static void
what_comes_when_all_is_spent_is_used(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	tablesofpages();
	Pagestats before, after;
	size_t n;

	paddr_t pa = 20 * MiB;
	assert_non_null(pagetakeall(&n));
	for (size_t npages = 512; npages <= 2048; npages += 301) {
		nptables = 0;
		pagestats(&before);
		assert_null(pageadd(pa, npages));
		size_t nfree = pagesfree();
		Page *pg = newpage(NOCLEAR, 0);
		assert_non_null(pg);
		bytemapcheck();
		pagetakeall(&n);
		assert_in_range(nptables, 1, 30);
		/* A frame alone in its granule is no page, but may be a table.
		 */
		assert_in_range(n + 1 + nptables, nfree, nfree + 1);
		pagestats(&after);
		assert_int_equal(after.nfree, 0);
		assert_int_equal(after.npages + after.nmeta,
		    before.npages + before.nmeta + npages);
		bytemapcheck();
		pa += ROUNDUP(npages * BY2PG, 2 * MiB);
	}
}

/* A table is of what came last, as long as that is not opened. */
static void
tables_are_cut_off_what_came(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	Pagestats before, after;
	size_t n;

	pagetakeall(&n);
	assert_int_equal(kalloc_table(), NOADDR);
	assert_null(pageadd(30 * MiB, 512));
	assert_null(
	    pageadd(20 * MiB, 256 + 1 + 3)); /* tables, one page alone */
	pagestats(&before);
	assert_int_equal(kalloc_table(), 21 * MiB);
	assert_int_equal(kalloc_table(), 21 * MiB - BY2PG);
	pagestats(&after);
	assert_int_equal(after.npages, before.npages - 1);
	assert_int_equal(after.nfree, before.nfree - 1);
	assert_int_equal(after.nmeta, before.nmeta + 2);
	assert_int_equal(after.nmetaused, before.nmetaused + 2);
	assert_int_equal(framestate(21 * MiB - 2 * BY2PG), FRAMEFREE);
	for (size_t i = 2; i < 256; i++)
		assert_int_equal(kalloc_table(), 21 * MiB - i * BY2PG);
	bytemapcheck();
	assert_int_equal(kalloc_table(), 20 * MiB);
	assert_in_range(kalloc_table(), 30 * MiB, 32 * MiB);
	bytemapcheck();
	refuses(20 * MiB, 1, "overlaps RAM that was added before");
	/* Opened: none is cut any more, but free ones are taken. */
	Page *pg = newpage(NOCLEAR, 0);
	assert_non_null(pg);
	pagetakeall(&n);
	assert_int_equal(kalloc_table(), NOADDR);
	pagestats(&before);
	putpage(pg);
	assert_int_equal(kalloc_table(), pagepa(pg));
	bytemapcheck();
}

/* A frame that became a table is neither removed, nor does it come back. */
static void
tables_cannot_be_removed(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	size_t n;

	pagetakeall(&n);
	assert_null(pageadd(20 * MiB, 1024));
	paddr_t pa = kalloc_table();
	assert_in_range(pa, 23 * MiB, 24 * MiB);
	tablesofpages();
	for (int opened = 0; opened < 2; opened++) {
		assert_string_equal(
		    pageremove(pa, 1), "not RAM that pages are made of");
		assert_string_equal(
		    pageretire(pa), "not RAM that pages are made of");
		assert_string_equal(pageremove(pa - 64 * BY2PG, 65),
		    "not RAM that pages are made of");
		refuses(pa, 1, "overlaps RAM that was added before");
		assert_null(pageremove(pa - 200 * BY2PG, 10));
		assert_null(pageretire(pa - 100 * BY2PG));
		bytemapcheck();
		assert_null(pageadd(pa - 200 * BY2PG, 10));
		pa -= BY2PG; /* made while it was opened */
	}
	assert_true(nptables > 2);
	allwithin(0, 0);
}

/*
 *	0      8M       20M  22M  26M          38M   40M
 *	[ near )        [    |    )            [ far )
 *	                     nearend
 */
static void
tables_are_cut_where_kaddr_reaches(void **state)
{
	(void)state;
	machineat(40 * MiB, 64 * MiB, 22 * MiB);
	palloc.nearend = 11;
	size_t n;

	pagetakeall(&n);
	assert_null(pageadd(56 * MiB, 512));
	assert_int_equal(kalloc_table(), NOADDR);
	assert_null(pageadd(20 * MiB, 6 * MiB / BY2PG));
	bytemapcheck();
	assert_null(pageadd(60 * MiB, 512));
	size_t nfree = pagesfree();
	assert_int_equal(kalloc_table(), 22 * MiB - BY2PG);
	assert_int_equal(framestate(22 * MiB), FRAMEFREE);
	assert_int_equal(pagesfree(), nfree - 1);
	bytemapcheck();
	tablesofpages();
	Page *chain = pagetakeall(&n);
	assert_in_range(n + nptables, 2 * 512 - 30, 2 * 512);
	assert_in_range(pagesfree() + n + nptables, nfree - 1, nfree);
	bytemapcheck();
	/* The far chunks can be described when near pages come back. */
	assert_int_equal(kalloc_table(), NOADDR);
	assert_null(newpage(NOCLEAR, 0));
	freepages(chain);
	for (paddr_t at = 22 * MiB; at < 24 * MiB; at += 2 * MiB) {
		Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);

		assert_non_null(pg);
		assert_int_equal(pagepa(pg), at);
	}
	bytemapcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_comes_when_all_is_spent_is_used),
	    cmocka_unit_test(tables_are_cut_off_what_came),
	    cmocka_unit_test(tables_cannot_be_removed),
	    cmocka_unit_test(tables_are_cut_where_kaddr_reaches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
