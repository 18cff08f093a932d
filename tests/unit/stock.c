/*
 * stock.c - what waits at a CPU: when it is used, and when it is gathered.
 */
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "../../mm/page/stock.h"
#include "bytemap.h"
#include "pagemachine.h"
#include "percpu.h"

/* At the very end stocks are emptied once; then pages come from their chunk. */
static void
nothing_is_gathered_twice(void **state)
{
	(void)state;
	Page *held[30];
	size_t n;

	pagesimple(16 * MiB, 2);
	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	hostcpu(0);
	Pagestats st;
	pagestats(&st);
	assert_true(st.nfailed == 0 && st.nleast > 0);
	Page *chain = pagetakeall(&n);
	pagestats(&st);
	assert_true(st.nfailed == 1 && st.nleast == 0);
	assert_in_range(hostbarriers(), 1, 8);
	size_t before = hostbarriers();
	for (size_t i = 0; i < 1000; i++) {
		hostcpu(i % 2);
		assert_null(newpage(NOCLEAR, 0));
		assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	}
	for (size_t i = 0; i < nelem(held); i++) {
		held[i] = chain;
		chain = pagenext(chain);
		putpage(held[i]);
	}
	assert_int_equal(pagesfree(), nelem(held));
	for (size_t k = 0; k < 1000; k++) {
		hostcpu(k % 2);
		for (size_t i = 0; i < nelem(held); i++)
			assert_non_null(held[i] = newpage(NOCLEAR, 0));
		assert_null(newpage(NOCLEAR, 0));
		hostcpu(k / 2 % 2);
		for (size_t i = 0; i < nelem(held); i++)
			putpage(held[i]);
	}
	assert_int_equal(hostbarriers(), before);
	bytemapcheck();
	freepages(chain);
	/* With enough free again, the stocks are used again. */
	putpage(newpage(NOCLEAR, 0));
	size_t locked = hostlocked();
	for (size_t i = 0; i < 100; i++)
		putpage(newpage(NOCLEAR, 0));
	assert_int_equal(hostlocked(), locked);
	assert_int_equal(hostbarriers(), before);
	bytemapcheck();
}

/* All but so many pages, on two CPUs. */
static Page *
allbut(size_t left)
{
	size_t n;

	pagesimple(16 * MiB, 2);
	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	hostcpu(0);
	Page *chain = pagetakeall(&n);
	for (size_t i = 0; i < left; i++) {
		Page *pg = chain;

		chain = pagenext(chain);
		putpage(pg);
	}
	assert_int_equal(pagesfree(), left);
	return chain;
}

/* With few left stocks hold a share of them each, and no lock is taken. */
static void
a_few_wait_near_the_end(void **state)
{
	(void)state;
	for (size_t left = 40; left <= 400; left += 360) {
		Page *chain = allbut(left);

		for (size_t k = 0; k < 2; k++) {
			hostcpu((int)k);
			putpage(newpage(NOCLEAR, 0));
		}
		size_t locked = hostlocked();
		size_t before = hostbarriers();
		for (size_t k = 0; k < 1000; k++) {
			hostcpu(k % 2);
			putpage(newpage(NOCLEAR, 0));
		}
		assert_int_equal(hostlocked(), locked);
		assert_int_equal(hostbarriers(), before);
		for (Pagecpu *c = palloc.cpus; c != NULL; c = c->next)
			assert_in_range(pagecpun(c), 1, palloc.room);
		bytemapcheck();
		freepages(chain);
		bytemapcheck();
	}
}

/* Each of few left is had, and stocks are gathered seldom for that. */
static void
the_last_page_is_had(void **state)
{
	Page *held[100];

	(void)state;
	Page *chain = allbut(nelem(held));
	size_t before = hostbarriers();
	for (size_t k = 0; k < 100; k++) {
		for (size_t i = 0; i < nelem(held); i++) {
			hostcpu((i + k) / (1 + k) % 2);
			assert_non_null(held[i] = newpage(NOCLEAR, 0));
		}
		assert_null(newpage(NOCLEAR, 0));
		for (size_t i = 0; i < nelem(held); i++) {
			hostcpu(i / (1 + k) % 2);
			putpage(held[i]);
		}
	}
	assert_in_range(hostbarriers() - before, 100, 140);
	bytemapcheck();
	freepages(chain);
	bytemapcheck();
}

/* 2 MiB pages wait only where there is plenty: one is a stock's whole share. */
static void
no_large_page_waits_near_the_end(void **state)
{
	(void)state;
	Pagecpu *cpu = &thiscpu()->page;
	Page *chain = allbut(0);
	Page *rest = NULL;
	for (Page *next, *pg = chain; pg != NULL; pg = next) {
		next = pagenext(pg);
		if (pagepa(pg) / (4 * MiB) == 1)
			putpage(pg);
		else {
			pagesetnext(pg, rest);
			rest = pg;
		}
	}
	hostcpu(1);
	pagecpugone(thiscpu());
	hostcpu(0);
	assert_int_equal(palloc.room, 2 * 512 - TABLESPARE);
	Page *huge = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_non_null(huge);
	assert_int_equal(pagecpunhuge(cpu), 0);
	hostcpu(1);
	Page *other = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_non_null(other);
	hostcpu(0);
	for (int k = 0; k < 3; k++) {
		puthugepage(huge);
		assert_int_equal(pagecpunhuge(cpu), 0);
		hostcpu(k % 2);
		assert_ptr_equal(newhugepage(2 * MiB, NOCLEAR, 0), huge);
	}
	huge->held = 0;
	pagecpuputhuge(huge);
	hostcpu(1);
	assert_int_equal(pagecpunhuge(cpu), 0);
	assert_ptr_equal(pagecputakehuge(), huge);
	assert_int_equal(pagecpunhuge(&thiscpu()->page), 0);
	pagecpuputhuge(huge);
	puthugepage(other);
	freepages(rest);
	bytemapcheck();
}

/* No 2 MiB page, or none at all, a moment ago: that does not last. */
static void
a_no_ends_with_the_first_page(void **state)
{
	size_t n;

	(void)state;
	Page *chain = allbut(1);
	assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	hostcpu(1);
	Page *pg = newpage(NOCLEAR, 0);
	assert_non_null(pg);
	for (int k = 0; k < 3; k++) {
		assert_null(newpage(NOCLEAR, 0));
		size_t locked = hostlocked();
		hostcpu(k % 2);
		assert_null(newpage(NOCLEAR, 0));
		assert_int_equal(hostlocked(), locked);
		putpage(pg);
		hostcpu(1);
		assert_ptr_equal(newpage(NOCLEAR, 0), pg);
	}
	freepages(chain);
	putpage(pg);
	pagefini();
	/* A chunk that could not be opened can be, when there is memory. */
	pagesimple(16 * MiB, 1);
	hostrefuse(0);
	assert_null(newpage(NOCLEAR, 0));
	assert_null(newpage(NOCLEAR, 0));
	hostrefuse(SIZE_MAX);
	pagetakeall(&n);
	assert_true(n > 3000);
	bytemapcheck();
}

/* What is not opened yet is as good as free, unless it cannot be. */
static void
there_is_plenty_to_be_opened(void **state)
{
	(void)state;
	pagesimple(64 * MiB, 2);
	putpage(newpage(NOCLEAR, 0));
	pagecpugather();
	assert_int_equal(palloc.room, PAGECPUMAX);
	palloc.stuck = true;
	pagecpugather();
	assert_in_range(palloc.room, 1, PAGECPUMAX - 1);
	bytemapcheck();
}

/* Nothing waits anywhere: a barrier would not make a chunk whole. */
static void
nobody_is_asked_for_what_he_has_not(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 2);
	size_t n;
	for (Page *next, *pg = pagetakeall(&n); pg != NULL; pg = next) {
		next = pagenext(pg);
		if (pagepa(pg) % (2 * MiB) != 0)
			putpage(pg);
	}
	assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	assert_true(pagesfree() > 3000);
	size_t before = hostbarriers();
	for (size_t i = 0; i < 100; i++)
		assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
	assert_int_equal(hostbarriers(), before);
}

/* A chain goes where single pages go: to the stock, without the lock. */
static void
a_chain_is_freed_without_the_lock(void **state)
{
	(void)state;
	Page *chain = NULL;

	pagesimple(16 * MiB, 1);
	for (size_t i = 0; i < 300; i++) {
		Page *pg = newpage(NOCLEAR, 0);

		pagesetnext(pg, chain);
		chain = pg;
	}
	size_t locked = hostlocked();
	freepages(chain);
	assert_int_equal(hostlocked(), locked);
	bytemapcheck();
}

/* Pages came back on the way to the lock: the topmost is taken, and warm. */
static void
what_came_meanwhile_is_used(void **state)
{
	Page *pg[10];

	(void)state;
	pagesimple(16 * MiB, 1);
	for (size_t i = 0; i < nelem(pg); i++)
		pg[i] = newpage(CLEAR, 0);
	for (size_t i = 0; i < nelem(pg); i++)
		putpage(pg[i]);
	assert_ptr_equal(pagecputake(), pg[9]);
	assert_ptr_equal(newpage(CLEAR, 0), pg[8]);
	assert_int_equal(hostheat(), HOT);
	/* And 2 MiB pages went. */
	Page *huge = newhugepage(2 * MiB, NOCLEAR, 0);
	uint32_t n = thiscpu()->page.nhuge;
	huge->held = 0;
	pagecpuputhuge(huge);
	assert_int_equal(thiscpu()->page.nhuge, n + 1);
	assert_ptr_equal(pagecputakehuge(), huge);
	assert_int_equal(thiscpu()->page.nhuge, n);
}

/* As pages come back there is room for more, at twice as many each time. */
static void
room_doubles(void **state)
{
	(void)state;
	Page *chain = allbut(0);
	uint32_t room = palloc.room;
	unsigned times = 0;

	assert_int_equal(room, 0);
	for (unsigned i = 0; chain != NULL; i++) {
		Page *pg = chain;

		chain = pagenext(chain);
		hostcpu(i / 100 % 2);
		putpage(pg);
		if (palloc.room == room)
			continue;
		assert_in_range(
		    palloc.room, MAX(16, MIN(2 * room, PAGECPUMAX)), i / 2 + 1);
		room = palloc.room;
		times++;
	}
	assert_int_equal(room, PAGECPUMAX);
	assert_in_range(times, 5, 8);
	bytemapcheck();
}

/* The same by large ones. */
static void
room_grows_by_large_pages(void **state)
{
	Page *huge[16];
	size_t n = 0;

	(void)state;
	pagesimple(32 * MiB, 2);
	while ((huge[n] = newhugepage(2 * MiB, NOCLEAR, 0)) != NULL)
		n++;
	Page *chain = pagetakeall(&(size_t){0});
	assert_null(newpage(NOCLEAR, 0));
	assert_int_equal(palloc.room, 0);
	while (n > 0)
		puthugepage(huge[--n]);
	assert_int_equal(palloc.room, PAGECPUMAX);
	freepages(chain);
	bytemapcheck();
}

/* As long as anyone gathers, stocks stay shut; who comes new has one so, too.
 */
static void
stocks_are_of_one_room(void **state)
{
	(void)state;
	Page *chain = allbut(100);
	assert_in_range(palloc.room, 8, 50);
	pagecpugatherers(1);
	pagecpugather();
	assert_int_equal(palloc.room, 0);
	pagecpugatherers(-1);
	pagecpuresume();
	assert_int_equal(palloc.room, 46); /* of 100, but for tables' */
	putpage(newpage(NOCLEAR, 0));
	assert_int_equal(pagecpun(&thiscpu()->page), 23);
	pagecpugone(thiscpu());
	assert_int_equal(palloc.ncpus, 1);
	assert_int_equal(palloc.room, 92);
	putpage(newpage(NOCLEAR, 0));
	assert_int_equal(palloc.ncpus, 2);
	bytemapcheck();
	freepages(chain);
	bytemapcheck();
}

static size_t barriers;

static void
barrier(void)
{
	if (++barriers > 10)
		fail_msg("it would go on so for ever");
}

/* CPU 1 opens a chunk, has all of it, and there is no memory for another. */
static void
otheropens(void)
{
	hostcpu(1);
	hostrefuse(SIZE_MAX);
	do
		assert_non_null(newpage(NOCLEAR, 0));
	while (pagesfree() > palloc.count.unopened);
	hostrefuse(0);
	hostcpu(0);
}

/* The claim of CPU 1 failed, as CPU 0 was at it; now it goes on. */
static void
othertried(void)
{
	Hunt h = {.next = OPEN, .open = &palloc.node[0]};

	hostcpu(1);
	palloc.opening = 1;
	assert_true(hunt(&h));
	palloc.opening = 0;
	hostcpu(0);
}

/* Who cannot open a chunk gathers once, whatever others do. */
static void
a_stuck_chunk_is_a_no(void **state)
{
	void (*const others[])(void) = {otheropens, othertried};
	size_t n;

	(void)state;
	for (size_t i = 0; i < nelem(others); i++) {
		pagesimple(16 * MiB, 2);
		hostcpu(1);
		putpage(newpage(NOCLEAR, 0));
		hostcpu(0);
		hostrefuse(0);
		pagetakeall(&n);
		barriers = 0;
		hostbarrier(barrier);
		hostunlocked(3, others[i]);
		assert_null(newpage(NOCLEAR, 0));
		assert_in_range(barriers, 0, 3);
		hostbarrier(NULL);
		/* And with memory it is open. */
		hostrefuse(SIZE_MAX);
		assert_non_null(newpage(NOCLEAR, 0));
		assert_false(palloc.stuck);
		assert_int_equal(palloc.room, PAGECPUMAX);
		bytemapcheck();
	}
}

static paddr_t victim;

static void
otherretires(void)
{
	hostcpu(1);
	assert_null(pageretire(victim));
	hostcpu(0);
}

/* What waits can be retired, once; what somebody has cannot. */
static void
one_of_two_retires_a_page(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 2);
	Page *pg = newpage(NOCLEAR, 0);
	victim = pagepa(pg);
	putpage(pg);
	hostunlocked(0, otherretires);
	assert_string_equal(pageretire(victim), "in use");
	Page *huge = newhugepage(2 * MiB, NOCLEAR, 0);
	putpage(newpage(NOCLEAR, 0));
	size_t before = hostbarriers();
	assert_string_equal(pageretire(pagepa(huge) + 5 * BY2PG), "in use");
	assert_int_equal(hostbarriers(), before);
	puthugepage(huge);
	assert_null(pageretire(pagepa(huge) + 5 * BY2PG));
	bytemapcheck();
}

static void
bringstables(void)
{
	hostrefuse(SIZE_MAX);
}

/* A chunk that could not be opened is tried again after all that waited came.
 */
static void
gathering_may_unstick(void **state)
{
	size_t n;

	(void)state;
	pagesimple(16 * MiB, 2);
	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	hostcpu(0);
	hostrefuse(0);
	Page *chain = pagetakeall(&n);
	for (int i = 0; i < 100; i++) {
		Page *pg = chain;

		chain = pagenext(chain);
		putpage(pg);
	}
	putpage(newpage(NOCLEAR, 0));
	hostbarrier(bringstables);
	assert_non_null(newhugepage(2 * MiB, NOCLEAR, 0));
	hostbarrier(NULL);
	freepages(chain);
	bytemapcheck();
}

/* With fewer free than it has no barrier makes a chunk whole, or a run. */
static void
nothing_is_gathered_for_what_cannot_be(void **state)
{
	(void)state;
	Page *chain = allbut(100);
	size_t before = hostbarriers();
	for (int i = 0; i < 100; i++) {
		hostcpu(i % 2);
		putpage(newpage(NOCLEAR, 0));
		assert_null(newhugepage(2 * MiB, NOCLEAR, 0));
		assert_null(newpagerun(101, BY2PG, NOADDR));
		assert_null(newhugepage(GiB, NOCLEAR, 0));
		assert_string_equal(pageretire(pagepa(chain)), "in use");
	}
	assert_int_equal(hostbarriers(), before);
	freepages(chain);
	bytemapcheck();
}

/* All that is left waits at another CPU, but for what tables can be of. */
static void
a_table_is_had_near_the_end(void **state)
{
	Page *held[200];

	(void)state;
	allbut(nelem(held));
	for (size_t i = 0; i < nelem(held); i++)
		assert_non_null(held[i] = newpage(NOCLEAR, 0));
	hostcpu(1);
	for (size_t i = 0; i < nelem(held); i++)
		putpage(held[i]);
	hostcpu(0);
	size_t before = hostbarriers();
	for (size_t n = pagesfree(); n > TABLESPARE; n--) {
		assert_int_equal(pagesfree(), n);
		if (palloc.room > 0)
			assert_true(palloc.count.nfree >= TABLESPARE);
		assert_non_null(newpage(NOCLEAR, 0));
	}
	assert_in_range(hostbarriers() - before, 1, 8);
	for (size_t n = TABLESPARE; n > 0; n--)
		assert_int_not_equal(kalloc_table(), NOADDR);
	assert_int_equal(kalloc_table(), NOADDR);
	assert_null(newpage(NOCLEAR, 0));
	bytemapcheck();
}

/* One CPU wants a large page, others small ones, when there are a few MiB. */
static void
large_pages_do_not_take_all_that_is_left(void **state)
{
	size_t n;

	(void)state;
	pagesimple(32 * MiB, 4);
	freepages(pagetakeall(&n));
	for (int c = 0; c < 4; c++) {
		hostcpu(c);
		putpage(newpage(NOCLEAR, 0));
	}
	pagecpugather();
	size_t before = hostbarriers();
	for (int k = 0; k < 1000; k++) {
		hostcpu(0);
		puthugepage(newhugepage(2 * MiB, NOCLEAR, 0));
		hostcpu(1 + k % 3);
		putpage(newpage(NOCLEAR, 0));
	}
	assert_in_range(hostbarriers() - before, 0, 10);
	bytemapcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(room_doubles),
	    cmocka_unit_test(room_grows_by_large_pages),
	    cmocka_unit_test(stocks_are_of_one_room),
	    cmocka_unit_test(a_stuck_chunk_is_a_no),
	    cmocka_unit_test(one_of_two_retires_a_page),
	    cmocka_unit_test(gathering_may_unstick),
	    cmocka_unit_test(nothing_is_gathered_for_what_cannot_be),
	    cmocka_unit_test(a_table_is_had_near_the_end),
	    cmocka_unit_test(large_pages_do_not_take_all_that_is_left),
	    cmocka_unit_test(nothing_is_gathered_twice),
	    cmocka_unit_test(a_few_wait_near_the_end),
	    cmocka_unit_test(the_last_page_is_had),
	    cmocka_unit_test(there_is_plenty_to_be_opened),
	    cmocka_unit_test(no_large_page_waits_near_the_end),
	    cmocka_unit_test(a_no_ends_with_the_first_page),
	    cmocka_unit_test(nobody_is_asked_for_what_he_has_not),
	    cmocka_unit_test(a_chain_is_freed_without_the_lock),
	    cmocka_unit_test(what_came_meanwhile_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
