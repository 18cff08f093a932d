/*
 * Whole pages of 2 MiB and 1 GiB.
 */
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "pagemachine.h"

enum { MANY = 600 };

static Page *huge[MANY];

static size_t
takehuge(size_t size)
{
	size_t n = 0;

	while (n < MANY && (huge[n] = newhugepage(size, NOCLEAR, 0)) != NULL)
		n++;
	return n;
}

static void
puthuge(size_t n)
{
	while (n > 0)
		puthugepage(huge[--n]);
}

/* 16 chunks; the last holds the tables. */
static void
all_whole_chunks_can_be_had(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	size_t nfree = pagesfree();
	size_t n = takehuge(2 * MiB);

	assert_int_equal(n, 15);
	assert_int_equal(pagesfree(), nfree - 15 * 512);
	for (size_t i = 0; i < n; i++) {
		paddr_t pa = pagepa(huge[i]);

		assert_int_equal(pa % (2 * MiB), 0);
		assert_int_equal(pagesize(huge[i]), 2 * MiB);
		assert_int_equal(pagerefs(huge[i]), 1);
		assert_int_equal(framestate(pa), FRAMEALLOCATED);
		assert_int_equal(framestate(pa + MiB), FRAMEALLOCATED);
		assert_ptr_equal(papage(pa), huge[i]);
		memset(kaddr(pa), (int)i, 2 * MiB);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(((uint8_t *)kaddr(pagepa(huge[i])))[MiB], i);
	bytemapcheck();
	puthuge(n);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
	assert_int_equal(takehuge(2 * MiB), 15);
}

/* Each CPU takes small pages out of one chunk, that is whole again later. */
static void
small_pages_spoil_few_chunks_and_not_for_ever(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 2);
	Page *a = newpage(NOCLEAR, 0);
	hostcpu(1);
	Page *b = newpage(NOCLEAR, 0);
	size_t n = takehuge(2 * MiB);

	assert_in_range(n, 13, 14);
	puthuge(n);
	putpage(a);
	putpage(b);
	assert_int_equal(takehuge(2 * MiB), 15);
	bytemapcheck();
}

/* More than wait at a CPU, back and forth, and seen by another CPU. */
static void
huge_pages_wait_at_a_cpu_and_are_not_lost(void **state)
{
	(void)state;
	pagesimple(128 * MiB, 2);
	size_t nfree = pagesfree();
	size_t n = takehuge(2 * MiB);

	assert_int_equal(n, 63);
	puthuge(n);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
	assert_int_equal(takehuge(2 * MiB), n);
	puthuge(n);
	hostcpu(1);
	assert_int_equal(takehuge(2 * MiB), n);
	assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	puthuge(n);
	hostcpu(0);
	size_t nsmall;
	freepages(pagetakeall(&nsmall));
	assert_int_equal(nsmall, nfree);
	bytemapcheck();
}

static void
huge_pages_are_cleared_and_remember(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	Page *pg = newhugepage(2 * MiB, CLEAR, 0x40000000);
	uint8_t *p = kaddr(pagepa(pg));

	assert_true(p[0] == 0 && memcmp(p, p + 1, 2 * MiB - 1) == 0);
	assert_int_equal(pageva(pg), 0x40000000);
	memset(p, 1, 2 * MiB);
	zeropage(pg);
	assert_true(p[0] == 0 && memcmp(p, p + 1, 2 * MiB - 1) == 0);
	pageref(pg);
	puthugepage(pg);
	assert_int_equal(pagerefs(pg), 1);
	pagesetdaddr(pg, 1);
	pagesetnext(pg, pg);
	puthugepage(pg);
	assert_ptr_equal(newhugepage(2 * MiB, NOCLEAR, 0), pg);
	assert_null(pagenext(pg));
	assert_int_equal(pagedaddr(pg), 0);
	puthugepage(pg);
	size_t n;
	Page *chain = pagetakeall(&n);
	freepages(chain);
	bytemapcheck();
}

static void
misuse_of_huge_pages_is_caught(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);
	Page *small = newpage(NOCLEAR, 0);

	assert_panics(newhugepage(4 * MiB, NOCLEAR, 0), "no pages have");
	assert_panics(putpage(pg), "is one of 2097152 bytes");
	assert_panics(kfree_frame(pagepa(pg)), "is one of 2097152 bytes");
	assert_panics(putpage(pg + 1), "is free already");
	assert_panics(puthugepage(pg + 1), "is free already");
	assert_panics(puthugepage(small), "has 1 references");
	assert_panics(puthugepage(pg + 512 * 20), "is no page");
	puthugepage(pg);
	assert_panics(puthugepage(pg), "is free already");
	putpage(small);
}

static void
a_chunk_with_a_bad_page_is_never_whole(void **state)
{
	(void)state;
	pagemachine(0, 32 * MiB, 1);
	pagebank(0, 8192, 0);
	hostbad(5 * MiB, 1);
	pagesup();
	size_t n = takehuge(2 * MiB);

	assert_int_equal(n, 14);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(pagepa(huge[i]), 4 * MiB);
}

static void
no_page_is_left_when_all_are_huge(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	size_t n;
	size_t nhuge = takehuge(2 * MiB);
	size_t nfree = pagesfree();
	Page *chain = pagetakeall(&n);

	assert_int_equal(n, nfree);
	assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	puthuge(nhuge);
	freepages(chain);
	bytemapcheck();
}

/* Banks [0, 2.5 GiB) and [4 GiB, 6 GiB): 1 GiB pages at 0, 1, 4 (tables on
 * top).
 */
static void
gigabytes_can_be_had_where_whole(void **state)
{
	(void)state;
	pagemachine(0, 6 * GiB, 1);
	hosttrust(true);
	pagebank(0, 2 * GiB / BY2PG + 512 * 256, 0);
	pagebank(4 * GiB, 2 * GiB / BY2PG, 0);
	pagesup();
	size_t nfree = pagesfree();
	size_t n = takehuge(GiB);

	assert_int_equal(n, 3);
	assert_int_equal(pagepa(huge[0]), 0);
	assert_int_equal(pagepa(huge[1]), GiB);
	assert_int_equal(pagepa(huge[2]), 4 * GiB);
	assert_int_equal(pagesize(huge[2]), GiB);
	assert_int_equal(pagesfree(), nfree - 3 * (GiB / BY2PG));
	assert_int_equal(framestate(GiB + 5 * MiB), FRAMEALLOCATED);
	bytemapcheck();
	assert_panics(putpage(huge[0]), "is one of 1073741824 bytes");
	puthuge(n);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
	Page *small = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_int_equal(takehuge(GiB), 2);
	puthugepage(small);
	bytemapcheck();
}

static void
gigabytes_may_lie_in_two_banks(void **state)
{
	(void)state;
	pagemachine(0, 3 * GiB, 1);
	hosttrust(true);
	pagebank(0, GiB / 2 / BY2PG, 0);
	pagebank(GiB / 2, (2 * GiB + GiB / 2) / BY2PG, 0);
	pagesup();
	assert_int_equal(takehuge(GiB), 2);
	assert_int_equal(pagepa(huge[0]), 0);
	bytemapcheck();
}

/* The bank begins inside a gigabyte, and tables cannot be mapped. */
static void
gigabytes_are_lined_up_or_refused(void **state)
{
	(void)state;
	pagemachine(0, 3 * GiB, 1);
	hosttrust(true);
	pagebank(2 * MiB, 3 * GiB / BY2PG - 512, 0);
	pagesup();
	hostrefuse(100);
	assert_null(newhugepage(GiB, NOCLEAR, 0));
	hostrefuse(SIZE_MAX);
	assert_int_equal(takehuge(GiB), 1);
	assert_int_equal(pagepa(huge[0]), GiB);
	bytemapcheck();
}

/* When all is somebody's, and then a gigabyte is not: there is plenty. */
static void
a_gigabyte_opens_the_stocks(void **state)
{
	size_t n;

	(void)state;
	pagemachine(0, GiB + 64 * MiB, 1);
	hosttrust(true);
	pagebank(0, (GiB + 64 * MiB) / BY2PG, 0);
	pagesup();
	Page *giga = newhugepage(GiB, NOCLEAR, 0);
	assert_non_null(giga);
	Page *chain = pagetakeall(&n);
	assert_int_equal(palloc.room, 0);
	puthugepage(giga);
	assert_int_equal(palloc.room, PAGECPUMAX);
	freepages(chain);
	bytemapcheck();
}

/* Nothing is opened where no gigabyte can be whole. */
static void
no_gigabyte_is_hoped_for_in_vain(void **state)
{
	Pagestats st;

	(void)state;
	pagemachine(0, 2 * GiB, 1);
	hosttrust(true);
	pagebank(0, 512 * MiB / BY2PG, 0);
	pagebank(512 * MiB + BY2PG, GiB / BY2PG, 0);
	pagesup();
	assert_null(newhugepage(GiB, NOCLEAR, 0));
	pagestats(&st);
	assert_int_equal(st.nchunks, 0);
	pagefini();
	/* The one that there is has a page in use. */
	pagemachine(0, 2 * GiB, 1);
	hosttrust(true);
	pagebank(0, (GiB + 100 * MiB) / BY2PG, 0);
	pagesup();
	Page *pg = newpage(NOCLEAR, 0);
	assert_null(newhugepage(GiB, NOCLEAR, 0));
	pagestats(&st);
	assert_int_equal(st.nchunks, 1);
	putpage(pg);
	assert_int_equal(takehuge(GiB), 1);
	bytemapcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_whole_chunks_can_be_had),
	    cmocka_unit_test(small_pages_spoil_few_chunks_and_not_for_ever),
	    cmocka_unit_test(huge_pages_wait_at_a_cpu_and_are_not_lost),
	    cmocka_unit_test(huge_pages_are_cleared_and_remember),
	    cmocka_unit_test(misuse_of_huge_pages_is_caught),
	    cmocka_unit_test(a_chunk_with_a_bad_page_is_never_whole),
	    cmocka_unit_test(no_page_is_left_when_all_are_huge),
	    cmocka_unit_test(gigabytes_can_be_had_where_whole),
	    cmocka_unit_test(gigabytes_may_lie_in_two_banks),
	    cmocka_unit_test(gigabytes_are_lined_up_or_refused),
	    cmocka_unit_test(a_gigabyte_opens_the_stocks),
	    cmocka_unit_test(no_gigabyte_is_hoped_for_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
