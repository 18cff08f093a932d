/*
 * Pages chosen by address: runs, pages taken out; and a CPU that leaves.
 */
#include "unit.h"
#include "../../mm/page/where.h"
#include "bytemap.h"
#include "pagemachine.h"
#include "percpu.h"

/* All are together, at the right place, and only the caller's. */
static void
isrun(Page *pg, size_t npages, size_t align, paddr_t below)
{
	assert_non_null(pg);
	assert_int_equal(pagepa(pg) % align, 0);
	assert_true(pagepa(pg) + npages * BY2PG <= below);
	for (size_t i = 0; i < npages; i++) {
		assert_int_equal(pagepa(&pg[i]), pagepa(pg) + i * BY2PG);
		assert_int_equal(pagerefs(&pg[i]), 1);
		assert_int_equal(framestate(pagepa(&pg[i])), FRAMEALLOCATED);
		memset(kmap(&pg[i]), 1, BY2PG);
	}
	bytemapcheck();
}

static void
runs_of_any_length_can_be_had(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	size_t nfree = pagesfree();

	for (size_t n = 1; n < 3000; n = n * 3 + 1)
		for (size_t align = BY2PG; align <= 4 * MiB; align *= 8) {
			Page *pg = newpagerun(n, align, NOADDR);

			isrun(pg, n, align, NOADDR);
			assert_int_equal(pagesfree(), nfree - n);
			putpagerun(pg, n);
			assert_int_equal(pagesfree(), nfree);
			bytemapcheck();
		}
	assert_null(newpagerun(9000, BY2PG, NOADDR));
	assert_panics(newpagerun(0, BY2PG, NOADDR), "0 pages");
	assert_panics(newpagerun(1, 3 * BY2PG, NOADDR), "multiples of");
}

static void
runs_stay_below_an_address(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	size_t n = 0;
	Page *pg;

	for (; (pg = newpagerun(7, BY2PG, 3 * MiB)) != NULL; n += 7)
		isrun(pg, 7, BY2PG, 3 * MiB);
	assert_in_range(n, 768 - 13, 768);
	isrun(newpagerun(7, BY2PG, NOADDR), 7, BY2PG, NOADDR);
	assert_null(newpagerun(1, BY2PG, BY2PG - 1));
}

/* Every other page is taken: no run of two, until one comes back. */
static void
a_run_needs_neighbours(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 2);
	size_t n;
	Page *odd = NULL;

	for (Page *next, *pg = pagetakeall(&n); pg != NULL; pg = next) {
		next = pagenext(pg);
		if (pagepa(pg) / BY2PG % 2 == 0)
			putpage(pg);
		else if (pagepa(pg) == 2 * MiB + 5 * BY2PG)
			odd = pg;
	}
	assert_null(newpagerun(2, BY2PG, NOADDR));
	hostcpu(1);
	putpage(odd); /* it waits at CPU 1 */
	hostcpu(0);
	Page *pg = newpagerun(3, BY2PG, NOADDR);
	isrun(pg, 3, BY2PG, NOADDR);
	assert_int_equal(pagepa(pg), 2 * MiB + 4 * BY2PG);
	bytemapcheck();
}

static void
runs_cross_chunks_that_were_whole(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	Page *huge = newhugepage(2 * MiB, NOCLEAR, 0);
	size_t nfree = pagesfree();
	Page *pg = newpagerun(1500, BY2PG, NOADDR);

	isrun(pg, 1500, BY2PG, NOADDR);
	putpagerun(pg, 1500);
	/* Free below the chunk's start, in use at it: nothing is taken. */
	Page *other = newpagerun(1, 2 * MiB, NOADDR);
	pg = newpagerun(1, 2 * MiB, NOADDR);
	assert_true(pagepa(pg) > 0);
	assert_string_equal(pageremove(pagepa(pg) - 3 * BY2PG, 5), "in use");
	assert_int_equal(pagesfree(), nfree - 2);
	bytemapcheck();
	putpage(pg);
	putpage(other);
	puthugepage(huge);
	assert_int_equal(pagesfree(), nfree + 512);
	bytemapcheck();
}

/*
 *	0         3M    4M       		so far open
 *	[ taken   ]     |    )
 *	          [ run )
 */
static void
a_run_may_begin_in_what_is_open(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	for (size_t i = 0; i < 1024; i++)
		assert_in_range(pagepa(newpage(NOCLEAR, 0)), 0, 4 * MiB - 1);
	assert_int_equal(palloc.nopen, 2);
	for (paddr_t pa = 3 * MiB; pa < 4 * MiB; pa += BY2PG)
		putpage(papage(pa));
	paddr_t end = 3 * MiB + 700 * BY2PG;
	isrun(newpagerun(700, BY2PG, end), 700, BY2PG, end);
	assert_int_equal(palloc.nopen, 3);
}

/*
 *	0         8M        16M		kaddr reaches the first 8 MiB
 *	[ near    | far     )
 */
static void
near_and_far_are_runs_apart(void **state)
{
	(void)state;
	hostmachine(0, 16 * MiB, 8 * MiB, 1);
	hostquiet();
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
	pagebank(0, 4096, 0);
	pagesup();
	size_t nfree = pagesfree();
	assert_null(newpagerun(2049, BY2PG, NOADDR));
	bytemapcheck();
	Page *near = newpagerun(2048, BY2PG, 8 * MiB);
	isrun(near, 2048, BY2PG, 8 * MiB);
	assert_null(newpagerun(1, BY2PG, 8 * MiB));
	Page *far = newpagerun(1900, BY2PG, NOADDR);
	isrun(far, 1900, BY2PG, NOADDR);
	assert_int_equal(pagepa(far), 8 * MiB);
	putpagerun(near, 2048);
	putpagerun(far, 1900);
	assert_int_equal(pagesfree(), nfree);
	/* What leaves for good may be of both kinds; or else neither does. */
	Page *pg = newpagerun(1, 4 * MiB, 4 * MiB + BY2PG);
	assert_string_equal(
	    pageremove(pagepa(pg), 4 * MiB / BY2PG + 7), "in use");
	bytemapcheck();
	putpage(pg);
	assert_null(pageremove(8 * MiB - 5 * BY2PG, 12));
	assert_int_equal(pagesfree(), nfree - 12);
	bytemapcheck();
}

/* All of a chunk that waits at a CPU as one page, and is known as one. */
static void
a_run_may_have_been_a_huge_page(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *one = newpage(NOCLEAR, 0);
	putpage(one);
	assert_null(pageretire(pagepa(one))); /* it waits at this CPU */
	pagesimple(8 * MiB, 1);
	Page *huge = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_int_equal(pagepa(huge), 0);
	assert_string_equal(pageretire(MiB), "in use");
	bytemapcheck();
	puthugepage(huge);
	Page *pg = newpagerun(512, BY2PG, 2 * MiB);
	isrun(pg, 512, BY2PG, 2 * MiB);
	assert_int_equal(pagesize(pg), BY2PG);
	putpagerun(pg, 512);
	bytemapcheck();
}

static paddr_t wanted;
static Page *stolen;

/* CPU 1 takes a page of what CPU 0 has just found free. */
static void
steal(void)
{
	hostcpu(1);
	stolen = newpagerun(1, BY2PG, wanted + BY2PG);
	hostcpu(0);
}

/* Whenever that is, the run is another one, and nobody else's. */
static void
a_run_may_be_taken_meanwhile(void **state)
{
	(void)state;
	for (size_t n = 0; n < 12; n++) {
		pagesimple(16 * MiB, 2);
		Page *pg = newpagerun(700, BY2PG, NOADDR);

		wanted = pagepa(pg);
		putpagerun(pg, 700);
		pagecpugather();
		size_t nfree = pagesfree();
		stolen = NULL;
		hostunlocked(n, steal);
		pg = newpagerun(700, BY2PG, NOADDR);
		hostunlocked(0, NULL);
		isrun(pg, 700, BY2PG, NOADDR);
		size_t nstolen = stolen != NULL;
		for (size_t i = 0; i < 700; i++)
			assert_ptr_not_equal(&pg[i], stolen);
		assert_int_equal(pagesfree(), nfree - 700 - nstolen);
		putpagerun(pg, 700);
		if (stolen != NULL)
			putpage(stolen);
		bytemapcheck();
	}
}

static bool opened;
static size_t nopened;

static void
openoneself(paddr_t pa)
{
	(void)pa;
	if (opened)
		return;
	opened = true;
	nopened = palloc.nopen;
	hostcpu(1);
	assert_true(chunkopen(palloc.node)); /* worth looking again, later */
	hostcpu(0);
	assert_int_equal(palloc.nopen, nopened);
}

static bool
good(paddr_t pa)
{
	(void)pa;
	return true;
}

static void
one_chunk_is_opened_at_a_time(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 2);
	opened = false;
	hostprobe(openoneself, good);
	assert_non_null(newpage(NOCLEAR, 0));
	hostprobe(NULL, NULL);
	assert_int_equal(palloc.nopen, nopened + 1);
	bytemapcheck();
}

/* Only what could be a run is opened, and up to there at once. */
static void
an_aligned_run_opens_what_it_lies_in(void **state)
{
	(void)state;
	pagemachine(0, 5 * GiB, 1);
	hosttrust(true);
	pagebank(MiB, 4 * GiB / BY2PG, 0);
	pagesup();
	assert_null(newpagerun(1, 1ull << 50, BY2PG + NOADDR / 2));
	assert_null(newpagerun(4 * GiB / BY2PG + 300, GiB, NOADDR));
	assert_in_range(palloc.nopen, 0, 1);
	for (size_t i = 1; i <= 3; i++) { /* tables are at 4 GiB */
		Page *pg = newpagerun(1, GiB, NOADDR);
		assert_int_equal(pagepa(pg), i * GiB);
		assert_int_equal(palloc.nopen, i * 512 + 1);
	}
	assert_null(newpagerun(1, GiB, NOADDR));
	Page *pg = newpagerun(700, 4 * MiB, 2 * GiB);
	assert_int_equal(pagepa(pg) % (4 * MiB), 0);
	assert_true(pagepa(pg) + 700 * BY2PG <= 2 * GiB);
	bytemapcheck();
	pagefini();
}

/* A no costs others nothing, if there is nothing that they could give. */
static void
nobody_is_asked_twice_for_nothing(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 2);
	hostcpu(1);
	Page *pg = newpage(NOCLEAR, 0);
	putpage(newpage(NOCLEAR, 0));
	hostcpu(0);
	hostbarrier(NULL);
	for (size_t i = 0; i < 3; i++) {
		assert_null(newpagerun(5000, BY2PG, NOADDR));
		assert_null(newpagerun(1, BY2PG, 0));
		assert_string_equal(pageremove(pagepa(pg), 1), "in use");
		assert_string_equal(pageretire(pagepa(pg)), "in use");
		assert_int_equal(hostbarriers(), 1);
	}
}

static void
runs_need_pages_and_tables(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	hostrefuse(0);
	assert_string_equal(
	    pageremove(4 * MiB, 3), "of a chunk that cannot be opened now");
	assert_null(newpagerun(600, BY2PG, NOADDR));
	hostrefuse(SIZE_MAX);
	assert_null(pageremove(4 * MiB, 3));
	assert_non_null(newpagerun(600, BY2PG, NOADDR));
	bytemapcheck();
	stage = SXALLOC;
	assert_panics(newpagerun(1, BY2PG, NOADDR), "called too early");
	assert_panics(pageremove(0, 1), "called too early");
	assert_panics(pageretire(0), "called too early");
}

static void
pages_leave_for_good_or_it_is_said_why(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 1);
	pagebank(0, 3000, 100);
	pagesup();
	Pagestats before, after;
	Page *pg = newpage(NOCLEAR, 0);

	pagestats(&before);
	assert_string_equal(pageremove(1, 5), "no whole pages");
	assert_string_equal(pageremove(4 * MiB, 0), "no whole pages");
	for (int shift = 1; shift < 24; shift++)
		assert_string_equal(
		    pageremove(4 * MiB, (SIZE_MAX >> shift) + 2),
		    shift <= 21 ? "no whole pages"
				: "not RAM that pages are made of");
	assert_string_equal(
	    pageremove(NOADDR - BY2PG + 1, 1), "no whole pages");
	assert_string_equal(pageretire(NOADDR), "no whole pages");
	assert_string_equal(pageremove(0, 5), "not RAM that pages are made of");
	assert_string_equal(
	    pageremove(GiB, 5), "not RAM that pages are made of");
	assert_string_equal(pageremove(pagepa(pg), 1), "in use");
	assert_string_equal(pageremove(pagepa(pg) - 3 * BY2PG, 4), "in use");
	assert_string_equal(pageretire(pagepa(pg) + 5), "in use");
	pagestats(&after);
	assert_int_equal(after.npages, before.npages);
	assert_int_equal(after.nfree, before.nfree);
	bytemapcheck();

	assert_null(pageremove(3 * MiB, 700));
	assert_string_equal(
	    pageremove(3 * MiB, 1), "not RAM that pages are made of");
	assert_null(pageretire(6 * MiB + 5));
	pagestats(&after);
	assert_int_equal(after.npages, before.npages - 701);
	assert_int_equal(after.nfree, before.nfree - 701);
	assert_int_equal(after.nquarantine, before.nquarantine + 1);
	assert_int_equal(framestate(3 * MiB), FRAMERESERVED);
	bytemapcheck();
	size_t n;
	for (Page *p = pagetakeall(&n); p != NULL; p = pagenext(p)) {
		assert_true(
		    pagepa(p) < 3 * MiB || pagepa(p) >= 3 * MiB + 700 * BY2PG);
		assert_int_not_equal(pagepa(p), 6 * MiB);
	}
	assert_int_equal(n, after.nfree);
}

static void
a_cpu_that_leaves_gives_back_what_it_held(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 3);
	size_t nfree = pagesfree();

	hostcpu(1);
	Percpu *gone = thiscpu();
	putpage(newpage(NOCLEAR, 0));
	puthugepage(newhugepage(2 * MiB, NOCLEAR, 0));
	hostcpu(0);
	putpage(newpage(NOCLEAR, 0));
	pagecpugone(gone);
	assert_int_equal(gone->page.n, 0);
	memset(gone, 0xff, sizeof *gone);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
	size_t n;
	freepages(pagetakeall(&n));
	assert_int_equal(n, nfree);
	/* It comes again, and leaves again; one that never was here, too. */
	memset(gone, 0, sizeof *gone);
	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	hostcpu(2);
	pagecpugone(thiscpu());
	pagecpugone(gone);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
}

/* Before it asks who has any, there is none that waits any more. */
static void
what_another_cpu_has_just_gathered_is_found(void **state)
{
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		pagesimple(32 * MiB, 1);
		Page *pg = newpage(NOCLEAR, 0);
		paddr_t pa = pagepa(pg);

		putpage(pg);
		assert_true(pagecpucouldhave(1));
		hostunlocked(k, pagecpugather);
		assert_null(pageretire(pa));
		hostunlocked(0, NULL);
	}
}

static void
who_was_stopped_while_it_opened_does_not_wait_for_itself(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	assert_false(isopen(3));
	palloc.opener = &thiscpu()->page;
	palloc.opening = 1;
	assert_false(chunksopento(3));
	palloc.opening = 0;
	assert_true(chunksopento(3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_of_any_length_can_be_had),
	    cmocka_unit_test(runs_stay_below_an_address),
	    cmocka_unit_test(a_run_needs_neighbours),
	    cmocka_unit_test(runs_cross_chunks_that_were_whole),
	    cmocka_unit_test(a_run_may_begin_in_what_is_open),
	    cmocka_unit_test(near_and_far_are_runs_apart),
	    cmocka_unit_test(a_run_may_have_been_a_huge_page),
	    cmocka_unit_test(a_run_may_be_taken_meanwhile),
	    cmocka_unit_test(one_chunk_is_opened_at_a_time),
	    cmocka_unit_test(an_aligned_run_opens_what_it_lies_in),
	    cmocka_unit_test(nobody_is_asked_twice_for_nothing),
	    cmocka_unit_test(runs_need_pages_and_tables),
	    cmocka_unit_test(pages_leave_for_good_or_it_is_said_why),
	    cmocka_unit_test(a_cpu_that_leaves_gives_back_what_it_held),
	    cmocka_unit_test(what_another_cpu_has_just_gathered_is_found),
	    cmocka_unit_test(
		who_was_stopped_while_it_opened_does_not_wait_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
