/*
 * scan.c - all free pages tried, and what is bad found, on a machine whose
 * clock goes on by a while at each look.
 *
 * needs: kern/monitor/scan.c kern/monitor/progress.c kern/tell/sizetext.c
 * needs: kern/format.c tests/host/heap.c
 */
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "badram.h"
#include "bootinfo.h"
#include "conf.h"
#include "cpu.h"
#include "heap.h"
#include "image.h"
#include "page.h"
#include "../../kern/monitor/more.h"
#include "../../kern/monitor/progress.h"
#include "../../kern/monitor/scan.h"

enum { NFRAMES = 4096, HZ = 1000000000 };

static Bootinfo block = {.tschz = HZ};
Bootinfo *bootinfo = &block;

static uint64_t now, step;
static size_t looks, stop; /* for a key; Ctrl-C is the stop-th, if not 0 */
static size_t fault;       /* a fault is that one, if not 0 */
static bool locked;        /* by who takes pages, as it comes */
static size_t late;        /* one at the late-th unlock at the end, if not 0 */
static size_t enough;      /* or at the first after it with so many free */
static size_t stops;       /* of the pager, before the end is said */
static jmp_buf faulted;

uint64_t
cycles(void)
{
	return now += step;
}

bool
morebreak(void)
{
	if (++looks == fault) {
		if (locked)
			pageslock();
		longjmp(faulted, 1);
	}
	return looks == stop;
}

static void
fails(void)
{
	if (pagesfree() >= enough)
		longjmp(faulted, 1);
	hostunlocked(0, fails);
}

void
morestop(void)
{
	stops++;
	if (late != 0)
		hostunlocked(late - 1, fails);
	assert_int_equal(hosttimes("tried in"), 0);
}

static int
setup(void **state)
{
	(void)state;
	badraminit();
	heapmachine(1, 16 * MiB, NFRAMES);
	heappages();
	hostquiet();
	now = step = looks = stop = fault = stops = late = enough = 0;
	locked = false;
	progresswatched();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	stage = SMACH;
	return 0;
}

/* As at a boot: nothing is said, and no key is looked for. */
static void
nobody_watches_at_first(void **state)
{
	Progress p = progressbegin("", 2);

	(void)state;
	hostquiet();
	now += 10ull * HZ;
	assert_true(progressat(&p, 1));
	progressend(&p, 1);
	assert_false(progressbroken());
	assert_int_equal(looks, 0);
	progresswatched();
	assert_true(progressat(&p, 1));
	progressend(&p, 1);
	assert_said("    4 KB of 8 KB, 4 KB/s, 1 s left; ^C ends it    \r"
		    "    4 KB of 8 KB, in 10.0 s                        \r\n");
	hostquiet();
	stop = looks + 1;
	assert_false(progressat(&p, 1));
	progressend(&p, 1); /* broken off: it stays as it was */
	assert_said("\n");
	hostloud();
}

static void
all_is_tried_and_given_back(void **state)
{
	Pagestats st;
	Page *pg = newpage(CLEAR, 0);
	size_t n = pagesfree();
	char line[80];

	(void)state;
	step = HZ / 2;
	scan(&(Span){.size = 0});
	pagestats(&st);
	assert_int_equal(st.nfree, n);
	assert_int_equal(st.nquarantine, 0);
	assert_mentioned("taken      2 MB of 15.8 MB, 2 MB/s, 6 s left");
	assert_mentioned("\rtaken   15.8 MB of 15.8 MB, in ");
	assert_mentioned("\nwritten    2 MB of 15.8 MB, 2 MB/s, 6 s left");
	assert_mentioned("\rwritten 15.8 MB of 15.8 MB, in ");
	assert_mentioned("\rread      14 MB of 1");
	assert_mentioned("/s, ");
	assert_mentioned(" s left; ^C ends it");
	assert_mentioned("\rread    15.8 MB of 15.8 MB, in ");
	sprintf(line, ".%zu MB of free memory",
	    (size_t)(n * BY2PG * 10 / MiB % 10));
	assert_mentioned(line);
	assert_mentioned(" s, 0 bad pages\n");
	putpage(pg);
}

/* A clock that stands makes no rate, and no report. */
static void
a_quick_one_says_the_end(void **state)
{
	(void)state;
	scan(&(Span){.size = 0});
	assert_int_equal(hosttimes("left"), 0);
	assert_mentioned(" tried in 0.0 s, 0 bad pages");
}

static void
bad_pages_are_found_and_left_out(void **state)
{
	Page *pg = newpage(NOCLEAR, 0);
	Page *two = newpage(NOCLEAR, 0);
	paddr_t pa = pagepa(pg);
	Pagestats st;
	char line[100];

	(void)state;
	putpage(pg);
	putpage(two);
	hostbad(pa, 1);
	hostbad(pagepa(two), 1);
	scan(&(Span){pa, BY2PG});
	sprintf(line,
	    "ramscan: the page at %#jx does not hold what is written "
	    "to it; it is out of use\n",
	    pa);
	assert_mentioned(line);
	assert_int_equal(hosttimes("does not hold"), 1);
	assert_mentioned("ramscan: 4 KB of free memory tried in 0.0 s, 1 bad "
			 "page\n");
	pagestats(&st);
	assert_int_equal(st.nquarantine, 1);
	assert_int_equal(badrampages(), 1);
	hostquiet();
	scan(&(Span){.size = 0});
	assert_int_equal(hosttimes("does not hold"), 1);
	assert_mentioned(", 1 bad page\n");
	assert_int_equal(badrampages(), 2);
	Badrange r;
	assert_true(badramnext(pa, &r));
	assert_in_range(pa, r.pa, r.end - 1);
}

/* What is found bad as it is first taken counts, too. */
static void
so_are_those_that_nobody_had_yet(void **state)
{
	Pagestats st;

	(void)state;
	hostbad(conf.mem[1].base + 3000 * BY2PG, 1);
	scan(&(Span){.size = 0});
	pagestats(&st);
	assert_int_equal(st.nquarantine, 1);
	assert_int_equal(st.nleast, st.nfree); /* one less than there were */
	assert_mentioned(", 1 bad page\n");
}

/* Nobody sees later that all was taken for a while. */
static void
it_is_no_shortage(void **state)
{
	static Page *hash[4];
	Image i = {.next = NULL};
	Page *pg = newpage(CLEAR, 0);
	Pagestats was, is;

	(void)state;
	assert_int_equal(imageopen(&i, hash, nelem(hash)), 0);
	pagesetdaddr(pg, 0x7000);
	assert_int_equal(cachepage(pg, &i), 0);
	putpage(pg); /* now the cache's alone */
	pagestats(&was);
	assert_true(was.nleast > 0);
	scan(&(Span){.size = 0});
	pagestats(&is);
	assert_int_equal(is.nfailed, was.nfailed);
	assert_int_equal(is.nleast, was.nleast);
	assert_int_equal(is.nfree, was.nfree);
	assert_ptr_equal(lookpage(&i, 0x7000), pg);
	putpage(pg);
	imageclose(&i);
}

/*
 *	page	[  0  ][  1  ][  2  ][  3  ]
 *	span	          [      ]		1 and 2, and no other
 */
static void
pages_that_are_partly_asked_for_are_tried(void **state)
{
	paddr_t pa = conf.mem[1].base + 1024 * BY2PG;

	(void)state;
	scan(&(Span){pa + BY2PG + 100, BY2PG});
	assert_mentioned("ramscan: 8 KB of free memory tried");
	hostquiet();
	scan(&(Span){pa + BY2PG - 1, 1});
	assert_mentioned("ramscan: 4 KB of free memory tried");
	hostquiet();
	scan(&(Span){pa + BY2PG, 1});
	assert_mentioned("ramscan: 4 KB of free memory tried");
	assert_int_equal(stops, 3);
}

static void
where_nothing_is_free_that_is_said(void **state)
{
	(void)state;
	scan(&(Span){conf.mem[0].base, 1});
	assert_said("ramscan: no free page to try; the kernel's share, what is "
		    "in use or bad are not\n");
}

/* A fault ends it, wherever: what it had is free again, what is bad is not. */
static void
a_fault_in_it_loses_nothing(void **state)
{
	(void)state;
	size_t n = pagesfree();
	Page *pg = newpage(NOCLEAR, 0);
	hostbad(pagepa(pg), 1);
	putpage(pg);
	scanabandoned();
	assert_said("");
	for (fault = 1;; fault++) {
		looks = 0;
		hostquiet();
		if (setjmp(faulted) == 0) {
			scan(&(Span){.size = 0});
			break;
		}
		scanabandoned();
		assert_mentioned("what it had is free again\n");
		assert_int_equal(pagesfree(), n - badrampages());
	}
	assert_in_range(fault, 30, 100);
	assert_int_equal(pagesfree(), n - 1);
}

/* Nor does one at the end, but for the page it is at. */
static void
nor_does_one_as_it_gives_back(void **state)
{
	(void)state;
	size_t n = pagesfree();
	for (late = 1; late < 4; late++) {
		size_t was = pagesfree();

		hostquiet();
		if (setjmp(faulted) == 0) {
			scan(&(Span){.size = 0});
			fail();
		}
		scanabandoned();
		assert_mentioned("what it had is free again\n");
		assert_in_range(pagesfree(), was - 1, was);
	}
	assert_in_range(n - pagesfree(), 0, 3);
}

/* Who would free pages would wait for itself, and that for ever. */
static void
under_the_lock_they_stay_taken(void **state)
{
	Pagestats st;
	char line[80];

	(void)state;
	size_t n = pagesfree();
	locked = true;
	fault = 3;
	if (setjmp(faulted) == 0) {
		scan(&(Span){conf.mem[1].base, 100 * BY2PG});
		fail();
	}
	assert_true(pagesbusy());
	scanabandoned();
	pagesunlock();
	assert_false(pagesbusy());
	pagestats(&st);
	assert_int_equal(st.nfree, n - 3 * 256);
	sprintf(line, "ramscan: that ended it; %d pages stay taken\n", 3 * 256);
	assert_said(line);
	hostquiet();
	scanabandoned();
	assert_said("");
}

/* No more are said than are left, where some are free again already. */
static void
those_that_are_free_again_do_not_stay(void **state)
{
	char line[80];

	(void)state;
	size_t n = pagesfree();
	late = 1;
	enough = 100;
	if (setjmp(faulted) == 0) {
		scan(&(Span){.size = 0});
		fail();
	}
	size_t left = n - pagesfree();
	assert_in_range(left, 1, n - 100);
	pageslock();
	scanabandoned();
	pagesunlock();
	sprintf(line, "ramscan: that ended it; %zu pages stay taken\n", left);
	assert_said(line);
}

/* A clock of no rate, or one that flies: no division by nothing. */
static void
any_clock_will_do(void **state)
{
	(void)state;
	block.tschz = 0;
	step = 1ull << 50;
	scan(&(Span){.size = 0});
	assert_mentioned(", 4 KB/s, ");
	block.tschz = HZ;
}

static void
it_can_be_broken_off(void **state)
{
	(void)state;
	size_t n = pagesfree();
	for (stop = 1; stop < 1000; stop++) {
		hostquiet();
		looks = 0;
		scan(&(Span){.size = 0});
		assert_int_equal(pagesfree(), n);
		if (hosttimes("^C: broken off\n") == 0)
			break;
		assert_int_equal(hosttimes("tried"), 0);
	}
	assert_in_range(stop, 3 * (NFRAMES / 256 - 2), 3 * NFRAMES / 256);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_watches_at_first),
	    TEST(all_is_tried_and_given_back),
	    TEST(a_quick_one_says_the_end),
	    TEST(bad_pages_are_found_and_left_out),
	    TEST(so_are_those_that_nobody_had_yet),
	    TEST(it_is_no_shortage),
	    TEST(pages_that_are_partly_asked_for_are_tried),
	    TEST(where_nothing_is_free_that_is_said),
	    TEST(a_fault_in_it_loses_nothing),
	    TEST(nor_does_one_as_it_gives_back),
	    TEST(under_the_lock_they_stay_taken),
	    TEST(those_that_are_free_again_do_not_stay),
	    TEST(any_clock_will_do),
	    TEST(it_can_be_broken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
