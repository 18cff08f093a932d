/*
 * RAM that becomes pages when pages run already.
 */
#include "addmachine.h"

/* How many of 8 MiB describe them: 4 granules a chunk, a page of byte map. */
enum { TABLES = 4 * 4 + 1 };

static void
what_comes_is_used_as_all_else(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	Pagestats before, after;

	pagestats(&before);
	assert_null(pageadd(20 * MiB, 2048));
	bytemapcheck();
	pagestats(&after);
	assert_int_equal(after.npages, before.npages + 2048 - TABLES);
	assert_int_equal(after.nfree, before.nfree + 2048 - TABLES);
	assert_int_equal(after.nmeta, before.nmeta + TABLES);
	assert_int_equal(framestate(20 * MiB), FRAMEFREE);
	assert_int_equal(framestate(28 * MiB - BY2PG), FRAMERESERVED);
	assert_int_equal(framestate(28 * MiB), FRAMERESERVED);
	assert_true(isallocated(20 * MiB) && isallocated(28 * MiB - 1));
	assert_false(isallocated(28 * MiB));
	assert_int_equal(allwithin(20 * MiB, 28 * MiB), 2048 - TABLES);
	pagestats(&after);
	assert_int_equal(after.nchunks, 12);
	Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_non_null(pg);
	puthugepage(pg);
	pg = newpagerun(1900, BY2PG, NOADDR);
	assert_in_range(pagepa(pg), 20 * MiB, 28 * MiB);
	putpagerun(pg, 1900);
	bytemapcheck();
}

/*
 *	18M   18M+508K                    24M+4K  24M+60K
 *	      [ 1 page of its granule ... 1 page | tables )
 */
static void
edges_of_one_page_are_left_alone(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	size_t nfree = pagesfree();
	paddr_t pa = 18 * MiB + 508 * KiB;
	paddr_t end = 24 * MiB + 4 * KiB;
	size_t npages = (end - pa) / BY2PG;
	size_t ntables = 13 + 1; /* granules; a page of byte map */

	assert_null(pageadd(pa, npages + ntables));
	assert_int_equal(pagesfree(), nfree + npages - 2);
	assert_int_equal(framestate(pa), FRAMERESERVED);
	assert_int_equal(framestate(pa + BY2PG), FRAMEFREE);
	bytemapcheck();
	assert_int_equal(allwithin(pa, end), npages - 2);
	assert_int_equal(framestate(end - BY2PG), FRAMERESERVED);
}

/*
 *	30M - 8K    30M         30M + 4K
 *	[ tables... 1 page      1 page of the next granule )
 *
 * What describes them costs more than they bring.
 */
static void
what_brings_no_page_is_too_small(void **state)
{
	static const char why[] = "too small to describe itself";
	paddr_t pa = 30 * MiB - BY2PG;

	(void)state;
	machine(64 * MiB, 64 * MiB);
	/* Of the next chunks, none begins a page of byte map. */
	assert_null(pageadd(20 * MiB, 512));
	size_t nfree = pagesfree();
	refuses(30 * MiB, 1, why);
	refuses(30 * MiB, 2, why);
	refuses(pa, 2, why); /* two tables */
	refuses(pa, 3, why);
	refuses(pa, 4, why); /* a page on each side */
	assert_int_equal(palloc.nlater, 1);
	assert_null(pageadd(pa, 5));
	assert_null(pageadd(40 * MiB, 3));
	assert_int_equal(pagesfree(), nfree + 2 + 2);
	bytemapcheck();
	assert_int_equal(allwithin(30 * MiB, 42 * MiB), 4);
}

static void
each_no_says_why(void **state)
{
	(void)state;
	machine(64 * MiB, 48 * MiB);
	refuses(20 * MiB + 1, 1, "no whole pages");
	refuses(20 * MiB, 0, "no whole pages");
	refuses(20 * MiB, SIZE_MAX / BY2PG, "no whole pages");
	refuses(PAMAX, 1, "no whole pages");
	refuses(0, 1, "overlaps RAM that was added before");
	refuses(KNOWN - BY2PG, 2, "overlaps RAM that was added before");
	refuses(46 * MiB, 1024, "kaddr does not reach all of it");
	assert_int_equal(memmapadd(24 * MiB, BY2PG, MemReserved), 0);
	refuses(23 * MiB, 1024, "not RAM");
	refuses(24 * MiB, 2, "not RAM");
	assert_int_equal(memmapalloc(30 * MiB, 1, 1, MemRAM), 30 * MiB);
	refuses(29 * MiB, 1024, "in use");
	assert_null(pageadd(35 * MiB, 256));
	refuses(36 * MiB - BY2PG, 2, "overlaps RAM that was added before");
	refuses(35 * MiB, 256, "overlaps RAM that was added before");
	refuses(34 * MiB, 10, "shares 2 MiB with RAM that was added before");
	refuses(40 * MiB, 0, "no whole pages");
	refuses(40 * MiB, 1, "too small to describe itself");
	assert_null(pageadd(36 * MiB, 512));
	allwithin(35 * MiB, 38 * MiB);
	stage = SPREALLOC;
	assert_panics(pageadd(40 * MiB, 512), "called too early");
}

/* Not in the memmap at all, and below or behind what is. */
static void
what_nobody_knows_is_no_ram(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	memmapinit(memmaptable, sizeof memmaptable);
	memmapadd(40 * MiB, 4 * MiB, MemRAM);
	refuses(38 * MiB, 1024, "not RAM");
	refuses(42 * MiB, 1024, "not RAM");
	assert_null(pageadd(40 * MiB, 1024));
	allwithin(40 * MiB, 44 * MiB);
}

/* kaddr reaches half of the bank: what lies higher need not be reached. */
static void
near_and_far_come_apart(void **state)
{
	(void)state;
	machine(64 * MiB, 8 * MiB);
	refuses(6 * MiB, 4096, "overlaps RAM that was added before");
	assert_null(pageadd(20 * MiB, 512));
	allwithin(20 * MiB, 22 * MiB);
	/* No page is reached, as what is lies below them. */
	machineat(40 * MiB, 64 * MiB, 24 * MiB);
	refuses(23 * MiB, 512, "kaddr does not reach all of it");
	refuses(24 * MiB, 512, "kaddr does not reach all of it");
	assert_null(pageadd(22 * MiB, 512));
	assert_null(pageadd(56 * MiB, 512));
	allwithin(0, 0);
	bytemapcheck();
}

static void
places_in_the_tables_are_counted(void **state)
{
	(void)state;
	machine(200 * GiB, 200 * GiB);
	hosttrust(true);
	Pagestats before, after;

	pagestats(&before);
	refuses(GiB, 140 * GiB / BY2PG, "the tables are full");
	assert_null(pageadd(GiB, 100 * GiB / BY2PG));
	refuses(110 * GiB, 40 * GiB / BY2PG, "the tables are full");
	for (size_t i = 1; i < NLATER; i++)
		assert_null(pageadd(150 * GiB + i * 2 * MiB, 512));
	refuses(160 * GiB, 512, "the tables are full");
	pagestats(&after);
	assert_int_equal(after.npages + after.nmeta,
	    before.npages + before.nmeta +
		(100 * GiB + (NLATER - 1) * 2 * MiB) / BY2PG);
	assert_int_equal(
	    after.nfree - before.nfree, after.npages - before.npages);
	Page *pg = newhugepage(GiB, NOCLEAR, 0);
	assert_int_equal(pagepa(pg), GiB);
	puthugepage(pg);
	hosttrust(false);
	bytemapcheck();
}

static bool
nothinggood(paddr_t pa)
{
	(void)pa;
	return false;
}

static void
nowhere(paddr_t pa)
{
	(void)pa;
}

/* No frame of a chunk holds its tables: it is lost, and its index with it. */
static void
a_chunk_that_cannot_be_described_is_the_last(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	allwithin(0, 0);
	size_t nfree = pagesfree();
	assert_null(pageadd(20 * MiB, 1024));
	hostprobe(nowhere, nothinggood);
	assert_non_null(newpagerun(1, 32 * MiB, NOADDR)); /* that at 0 */
	assert_non_null(pageremove(20 * MiB, 1));
	hostprobe(NULL, NULL);
	assert_int_equal(pagesfree(), nfree - 1);
	refuses(40 * MiB, 512, "the tables are full");
}

static void
what_was_removed_comes_back(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	Pagestats before, after;
	size_t free = pagesfree();

	assert_null(pageremove(3 * MiB, 700));
	assert_null(pageretire(8 * MiB));
	pagestats(&before);
	refuses(3 * MiB - BY2PG, 701, "overlaps RAM that was added before");
	/* Each frame is claimed, and given back, with the lock held. */
	size_t nlocks = hostlocked();
	assert_non_null(pageadd(3 * MiB, 701));
	assert_int_equal(hostlocked() - nlocks, 701 + 700);
	refuses(3 * MiB, 701, "overlaps RAM that was added before");
	refuses(8 * MiB, 1, "overlaps RAM that was added before");
	assert_null(pageadd(3 * MiB + BY2PG, 10));
	assert_null(pageadd(3 * MiB, 1));
	refuses(3 * MiB, 700, "overlaps RAM that was added before");
	hostbad(3 * MiB + 20 * BY2PG, 2);
	assert_null(pageadd(3 * MiB + 11 * BY2PG, 689));
	pagestats(&after);
	assert_int_equal(after.nquarantine, before.nquarantine + 2);
	assert_int_equal(after.npages, before.npages + 698);
	assert_int_equal(after.nfree, before.nfree + 698);
	assert_int_equal(framestate(3 * MiB + 20 * BY2PG), FRAMERESERVED);
	refuses(3 * MiB + 20 * BY2PG, 1, "overlaps RAM that was added before");
	bytemapcheck();
	assert_int_equal(allwithin(3 * MiB, 3 * MiB + 700 * BY2PG), 698);
	assert_int_equal(pagesfree(), free - 3 - nptables);
}

/* Poison leaves marks in the Pages of free frames: they are no others'. */
static void
poison_is_no_sign_of_removal(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	pagepoison(true);
	putpage(newpage(NOCLEAR, 0));
	Page *pg = newpage(NOCLEAR, 0);
	paddr_t pa = pagepa(pg);

	putpage(pg);
	assert_null(pageremove(pa, 1));
	pagepoison(false);
	assert_null(pageadd(pa, 1));
	bytemapcheck();
	allwithin(0, 0);
}

/* With so little left that all stocks are shut, what comes opens them. */
static void
stocks_open_again(void **state)
{
	(void)state;
	machine(64 * MiB, 64 * MiB);
	size_t n;

	assert_null(pageremove(2 * MiB, 3000));
	Page *chain = pagetakeall(&n);
	assert_int_equal(palloc.room, 0);
	assert_null(pageadd(2 * MiB, 3000));
	assert_int_equal(palloc.room, PAGECPUMAX);
	freepages(chain);
	bytemapcheck();
}

static const char *other;
static paddr_t otherpa;

/* CPU 1 adds the same, or its neighbour in the same 2 MiB. */
static void
addtoo(void)
{
	hostcpu(1);
	other = pageadd(otherpa, 300);
	hostcpu(0);
}

/* Whenever that is, one of them gets it. */
static void
two_add_at_once(void **state)
{
	(void)state;
	static const paddr_t at[] = {20 * MiB, 20 * MiB + 300 * BY2PG};

	for (size_t i = 0; i < 2; i++) {
		otherpa = at[i];
		for (size_t n = 0; n < 8; n++) {
			machine(64 * MiB, 64 * MiB);
			size_t nfree = pagesfree();
			other = NULL;
			hostunlocked(n, addtoo);
			const char *why = pageadd(20 * MiB, 300);
			hostunlocked(0, NULL);
			assert_true(why == NULL || other == NULL);
			assert_in_range(pagesfree(), nfree + 290, nfree + 300);
			allwithin(20 * MiB, 22 * MiB);
		}
	}
}

/* What describes chunks is mapped by tables made of pages. */
static int
tableall(void **state)
{
	(void)state;
	tabled = true;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_comes_is_used_as_all_else),
	    cmocka_unit_test(edges_of_one_page_are_left_alone),
	    cmocka_unit_test(what_brings_no_page_is_too_small),
	    cmocka_unit_test(each_no_says_why),
	    cmocka_unit_test(what_nobody_knows_is_no_ram),
	    cmocka_unit_test(near_and_far_come_apart),
	    cmocka_unit_test(places_in_the_tables_are_counted),
	    cmocka_unit_test(a_chunk_that_cannot_be_described_is_the_last),
	    cmocka_unit_test(what_was_removed_comes_back),
	    cmocka_unit_test(poison_is_no_sign_of_removal),
	    cmocka_unit_test(stocks_open_again),
	    cmocka_unit_test(two_add_at_once),
	};
	/* Those that do not count each page where a table may be. */
	const struct CMUnitTest tabledtests[] = {
	    cmocka_unit_test(what_comes_is_used_as_all_else),
	    cmocka_unit_test(each_no_says_why),
	    cmocka_unit_test(what_nobody_knows_is_no_ram),
	    cmocka_unit_test(a_chunk_that_cannot_be_described_is_the_last),
	    cmocka_unit_test(what_was_removed_comes_back),
	    cmocka_unit_test(poison_is_no_sign_of_removal),
	    cmocka_unit_test(stocks_open_again),
	    cmocka_unit_test(two_add_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       cmocka_run_group_tests(tabledtests, tableall, NULL);
}
