/*
 * pagenodes.c - pages by node: a CPU's own first, then the nearest; back where
 * they came from; counted by node; and nothing for RAM that is not there.
 */
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "memmap.h"
#include "pagemachine.h"
#include "percpu.h"

enum { NODESIZE = 8 * MiB, MOSTHELD = 16384, NCPU = 4 };

static Page *held[MOSTHELD];
static size_t nheld;

/* This thread is CPU n, of that node. */
static void
cpuof(int n, uint32_t node)
{
	hostcpu(n);
	pagenode(thiscpu(), node);
}

/* n nodes that make one bank, and CPU i is in node i. */
static void
up(uint32_t n)
{
	pagemachine(0, n * NODESIZE, NCPU);
	pagenodes(n, NODESIZE);
	pagebank(0, n * NODESIZE / BY2PG, 0);
	pagesup();
	for (int i = NCPU; i-- > 0;)
		cpuof(i, (uint32_t)i % n);
	nheld = 0;
}

static uint32_t
nodeofpage(const Page *pg)
{
	return (uint32_t)(pagepa(pg) / NODESIZE);
}

static size_t
nodefree(uint32_t node)
{
	Nodestats st;

	nodestats(node, &st);
	return st.nfree;
}

static size_t
nodechunks(uint32_t node)
{
	Nodestats st;

	nodestats(node, &st);
	return st.nchunks;
}

/* A page more, or NULL. */
static Page *
have(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg != NULL) {
		assert_in_range(nheld, 0, MOSTHELD - 1);
		assert_int_equal(pagerefs(pg), 1);
		held[nheld++] = pg;
	}
	return pg;
}

static void
dropall(void)
{
	while (nheld > 0)
		putpage(held[--nheld]);
}

/* Nothing has got lost: all nodes together have all there is. */
static void
addsup(void)
{
	size_t npages = 0;
	size_t nchunks = 0;
	Pagestats all;
	Nodestats st;

	bytemapcheck();
	pagestats(&all);
	for (uint32_t i = 0; i < nodecount(); i++) {
		nodestats(i, &st);
		npages += st.npages;
		nchunks += st.nchunks;
	}
	assert_int_equal(npages, all.npages);
	assert_int_equal(nchunks, all.nchunks);
}

static void
own_pages_first_then_the_nearest(void **state)
{
	static const uint32_t order[NCPU] = {2, 1, 0, 3};
	size_t got[NCPU] = {0};
	size_t at = 0;

	(void)state;
	up(NCPU);
	hostcpu(2);
	while (have() != NULL) {
		uint32_t node = nodeofpage(held[nheld - 1]);

		if (node != order[at]) {
			assert_int_equal(nodefree(order[at]), 0);
			at++;
		}
		assert_int_equal(node, order[at]);
		got[node]++;
	}
	assert_int_equal(at, 3);
	assert_int_equal(pagesfree(), 0);
	for (uint32_t i = 0; i < NCPU; i++) {
		Nodestats st;

		nodestats(i, &st);
		assert_int_equal(got[i], st.npages);
	}
	dropall();
	addsup();
	assert_int_equal(nodefree(2), got[2]);
}

static void
freed_pages_are_the_next_of_their_own_node(void **state)
{
	(void)state;
	up(2);
	hostcpu(1);
	for (int i = 0; i < 1500; i++)
		assert_int_equal(nodeofpage(have()), 1);
	size_t before = nodefree(1);
	assert_int_equal(nodefree(0), NODESIZE / BY2PG);
	hostcpu(0);
	dropall();
	assert_in_range(nodefree(1) - before, 1500 - PAGECPUAWAY, 1500);
	addsup();
	for (int i = 0; i < 2000; i++)
		assert_int_equal(nodeofpage(have()), 0);
	addsup();
}

/* A CPU without RAM of its own has the nearest's, as if they were its own. */
static void
a_node_without_ram_lives_on_the_nearest(void **state)
{
	(void)state;
	pagemachine(0, 4 * NODESIZE, 1);
	pagenodes(4, NODESIZE);
	pagebank(0, NODESIZE / BY2PG, 0);
	pagebank(2 * NODESIZE, 2 * NODESIZE / BY2PG, 0);
	pagesup();
	cpuof(0, 1);
	nheld = 0;
	assert_int_equal(nodeofpage(have()), 0);
	size_t locked = hostlocked();
	for (int i = 0; i < 500; i++)
		assert_int_equal(nodeofpage(have()), 0);
	assert_int_equal(hostlocked(), locked);
	dropall();
	assert_int_equal(nodefree(1), 0);
	addsup();
}

/* Nor does every page cost a lock when its own node is full. */
static void
who_lives_on_another_nodes_memory_takes_few_locks(void **state)
{
	(void)state;
	up(2);
	hostcpu(0);
	while (nodeofpage(have()) == 0)
		;
	size_t locked = hostlocked();
	for (int i = 0; i < 640; i++)
		assert_int_equal(nodeofpage(have()), 1);
	assert_in_range(hostlocked() - locked, 1, 3 * 640 / 16);
	size_t n = nheld;
	locked = hostlocked();
	for (int i = 0; i < 640; i++)
		putpage(held[--nheld]);
	assert_in_range(hostlocked() - locked, 1, 640 / 16);
	assert_int_equal(n - nheld, 640);
	dropall();
	addsup();
}

/* As soon as its own node has pages again, it gets those. */
static void
home_again(void **state)
{
	Page *own;

	(void)state;
	up(2);
	hostcpu(0);
	own = have();
	while (nodeofpage(have()) == 0)
		;
	for (int i = 0; i < 5; i++)
		have();
	hostcpu(1); /* which gives it back to its node */
	for (size_t i = 0; i < 2000; i++)
		putpage(held[i]);
	memmove(held, held + 2000, (nheld - 2000) * sizeof held[0]);
	nheld -= 2000;
	hostcpu(0);
	assert_in_range(nodefree(0), 2000 - PAGECPUAWAY, 2000);
	for (size_t i = 0; i < 2000 - PAGECPUAWAY; i++)
		assert_int_equal(nodeofpage(have()), 0);
	assert_int_equal(nodeofpage(own), 0);
	dropall();
	addsup();
}

/* Freed away from home, pages of several nodes go back by themselves. */
static void
pages_of_many_nodes_wait_together(void **state)
{
	(void)state;
	up(4);
	for (int i = 0; i < 4; i++) {
		hostcpu(i);
		for (int k = 0; k < 100; k++)
			assert_int_equal(nodeofpage(have()), (uint32_t)i);
	}
	hostcpu(3);
	for (size_t k = 0; k < 100; k++)
		for (size_t i = 0; i < 4; i++)
			putpage(held[i * 100 + k]);
	nheld = 0;
	addsup();
	Pagestats st;
	pagestats(&st);
	assert_int_equal(st.nfree, st.npages);
	while (nodeofpage(have()) == 3)
		;
	for (int k = 0; k < 100; k++)
		assert_int_equal(nodeofpage(have()), 2);
	dropall();
	addsup();
	pagecpugone(thiscpu());
	addsup();
	assert_int_equal(thiscpu()->page.node, 3);
	assert_int_equal(nodeofpage(have()), 3);
}

static void
huge_pages_are_of_their_own_node_too(void **state)
{
	Page *pg[8];

	(void)state;
	up(2);
	hostcpu(0); /* all of node 0 is open */
	while (nheld < NODESIZE / BY2PG)
		have();
	dropall();
	pagepoison(false); /* nothing waits */
	hostcpu(1);
	for (int i = 0; i < 7; i++) {
		pg[i] = newhugepage(2 * MiB, NOCLEAR, 0);
		assert_non_null(pg[i]);
		/* What else node 1 has are tables. */
		assert_int_equal(nodeofpage(pg[i]), i < 3);
		addsup();
	}
	assert_null(newhugepage(GiB, NOCLEAR, 0));
	addsup();
	hostcpu(0);
	for (int i = 0; i < 7; i++)
		puthugepage(pg[i]);
	addsup();
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    nodeofpage(pg[i] = newhugepage(2 * MiB, NOCLEAR, 0)), 0);
	hostcpu(1);
	for (int i = 0; i < 4; i++)
		puthugepage(pg[i]);
	addsup();
}

/*
 *	0      1G    +8M    +16M
 *	[ 0          )[ 1     )
 */
static void
a_gigabyte_of_its_own_node(void **state)
{
	static Nodes given = {.n = 2,
	    .nranges = 2,
	    .range = {{0, GiB + 8 * MiB, 0}, {GiB + 8 * MiB, 2 * GiB, 1}}};

	(void)state;
	pagemachine(0, GiB + 16 * MiB, 1);
	nodesset(&given);
	pagebank(0, (GiB + 16 * MiB) / BY2PG, 0);
	pagesup();
	Page *huge = newhugepage(GiB, NOCLEAR, 0);
	assert_int_equal(pagepa(huge), 0);
	puthugepage(huge);
	putpage(newpage(NOCLEAR, 0)); /* and waits with others of it */
	assert_int_not_equal(thiscpu()->page.n, 0);
	huge = newhugepage(GiB, NOCLEAR, 0);
	assert_int_equal(pagepa(huge), 0);
	assert_int_equal(nodechunks(1), 0);
	puthugepage(huge);
	addsup();
}

/* So many of node 1 that stocks open again, and the first of node 0. */
static size_t
reclaimheld(size_t npages)
{
	(void)npages;
	for (int i = 0; i < PAGECPUMAX + 10; i++)
		putpage(held[--nheld]);
	Page *last = held[--nheld];
	putpage(held[0]);
	held[0] = last;
	return PAGECPUMAX + 11;
}

static void
a_reclaimed_page_of_its_own_node_is_first(void **state)
{
	(void)state;
	up(2);
	hostcpu(0);
	while (have() != NULL)
		;
	palloc.reclaim = reclaimheld;
	assert_int_equal(nodeofpage(have()), 0);
	assert_int_equal(nodefree(0), 0);
	assert_in_range(thiscpu()->page.naway, 1, 10);
	dropall();
	addsup();
}

/* Free so many that are held of a node; by this CPU. */
static void
dropsome(uint32_t node, size_t n)
{
	for (size_t i = 0; n > 0; i++)
		if (nodeofpage(held[i]) == node) {
			putpage(held[i]);
			held[i--] = held[--nheld];
			n--;
		}
}

/* Before anyone is asked, what waits here is had, of whichever node. */
static void
any_page_that_waits_is_had(void **state)
{
	(void)state;
	up(3);
	hostcpu(0);
	while (have() != NULL)
		;
	hostcpu(1);
	dropsome(1, 100);
	assert_true(palloc.room > 0 && palloc.count.nfree > TABLESPARE);
	for (size_t n = palloc.count.nfree; n > 0; n--)
		held[nheld++] = newpagerun(1, BY2PG, NOADDR);
	assert_int_equal(palloc.count.nfree, 0);
	hostcpu(0);
	size_t i = 0;
	while (nodeofpage(held[i]) == 0)
		i++;
	Page *pg = held[i];
	held[i] = held[--nheld];
	putpage(pg);
	assert_int_equal(thiscpu()->page.naway, 1);
	thiscpu()->page.source = &palloc.node[nodeofpage(pg) == 1 ? 2 : 1];
	size_t before = hostbarriers();
	assert_ptr_equal(have(), pg);
	assert_int_equal(hostbarriers(), before);
	dropall();
	addsup();
}

/* What home has left for tables comes before what waits of another node. */
static void
the_last_of_home_come_first(void **state)
{
	(void)state;
	up(2);
	hostcpu(0);
	while (have() != NULL)
		;
	dropsome(0, 4);
	hostcpu(1);
	dropsome(1, 100);
	assert_true(palloc.room > 0);
	for (size_t n = palloc.node[1].nfree; n > 0; n--)
		held[nheld++] = newpagerun(1, BY2PG, NOADDR);
	assert_int_equal(palloc.count.nfree, 4);
	hostcpu(0);
	dropsome(1, 1);
	assert_int_equal(thiscpu()->page.naway, 1);
	assert_int_equal(nodeofpage(have()), 0);
	dropall();
	addsup();
}

/* Pages of another node that are freed here are plenty for everybody again. */
static void
pages_of_others_open_the_stocks(void **state)
{
	(void)state;
	up(2);
	hostcpu(0);
	while (have() != NULL)
		;
	assert_int_equal(palloc.room, 0);
	hostcpu(1);
	for (size_t i = 0; i < nheld;)
		if (nodeofpage(held[i]) == 0) {
			putpage(held[i]);
			held[i] = held[--nheld];
		} else
			i++;
	assert_in_range(palloc.room, 300, PAGECPUMAX);
	dropall();
	addsup();
}

/* Who freed a page of another node saw poison; then it was turned off. */
static void
the_mark_of_poison_that_is_no_more(void **state)
{
	(void)state;
	up(2);
	hostcpu(1);
	Page *pg = have();
	hostcpu(0);
	putpage(have());
	pg->held = SPECIAL;
	pg->daddr = 1;
	pagecpuput(pg);
	assert_int_equal(pg->held, 0);
	assert_int_equal(pg->daddr, 0);
	assert_int_equal(thiscpu()->page.naway, 1);
	addsup();
}

static void
a_cpu_may_move(void **state)
{
	(void)state;
	up(2);
	hostcpu(0);
	have();
	assert_int_equal(nodeofpage(held[0]), 0);
	pagenode(thiscpu(), 1);
	addsup();
	have();
	assert_int_equal(nodeofpage(held[1]), 1);
	size_t locked = hostlocked();
	putpage(held[1]);
	assert_int_equal(hostlocked(), locked);
	held[1] = newpage(NOCLEAR, 0);
	assert_int_equal(hostlocked(), locked);
	dropall();
	addsup();
	assert_panics(pagenode(thiscpu(), 2), "node 2 of 2");
}

/* A run lies in one node, its own if there is one. */
static void
runs_are_of_one_node(void **state)
{
	(void)state;
	up(2);
	for (int cpu = 0; cpu < 2; cpu++) {
		hostcpu(cpu);
		Page *run = newpagerun(1024, 2 * MiB, NOADDR);

		assert_non_null(run);
		assert_int_equal(nodeofpage(run), cpu);
		assert_int_equal(nodeofpage(run + 1023), cpu);
		putpagerun(run, 1024);
	}
	hostcpu(1);
	Page *run = newpagerun(2048, BY2PG, NODESIZE);
	assert_non_null(run);
	assert_int_equal(pagepa(run), 0);
	putpagerun(run, 2048);
	assert_null(newpagerun(2049, BY2PG, NOADDR));
	addsup();
}

/* Neither those that are too high nor those of a node that is too small. */
static void
a_run_opens_no_chunks_that_it_cannot_lie_in(void **state)
{
	(void)state;
	up(2);
	hostcpu(1);
	assert_null(newpagerun(1 + NODESIZE / BY2PG, BY2PG, NOADDR));
	assert_null(newpagerun(SIZE_MAX, BY2PG, NOADDR));
	assert_int_equal(nodechunks(0) + nodechunks(1), 0);
	Page *low = newpagerun(1, BY2PG, NODESIZE);
	assert_int_equal(nodeofpage(low), 0);
	assert_int_equal(nodechunks(1), 0);
	Page *border = newpagerun(1, BY2PG, NODESIZE + BY2PG);
	assert_int_equal(pagepa(border), NODESIZE);
	putpagerun(low, 1);
	putpagerun(border, 1);
	addsup();
}

/* CPU 1 has opened all there is, and has most of it. */
static void
openrest(void)
{
	hostcpu(1);
	while (palloc.nopen < 4)
		have();
	hostcpu(0);
}

/* What another CPU opens behind the back of who looks for a run is looked at.
 */
static void
a_run_in_what_another_cpu_has_opened(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 2);
	pagebank(0, 4 * MiB / BY2PG, 0);
	pagebank(8 * MiB, 4 * MiB / BY2PG, 0);
	pagesup();
	nheld = 0;
	while (nheld < 4 * MiB / BY2PG)
		assert_in_range(pagepa(have()), 0, 4 * MiB - 1);
	hostunlocked(3, openrest); /* the second bank is found not open */
	Page *run = newpagerun(1, BY2PG, NOADDR);
	assert_int_equal(palloc.nopen, 4);
	assert_non_null(run);
	putpage(run);
	dropall();
	addsup();
}

/* Terabytes that could be put in: no page, no table, no chunk. */
static void
empty_ranges_cost_nothing(void **state)
{
	static Nodes given = {.n = 2,
	    .nranges = 3,
	    .range = {{0, 16 * MiB, 0}, {GiB, 4096 * GiB, 0},
		{4096 * GiB, 65536 * GiB, 1}}};
	Pagestats st, plain;

	(void)state;
	pagesimple(16 * MiB, 1);
	pagestats(&plain);
	size_t mapped = hostmapped();
	pagefini();
	pagemachine(0, 16 * MiB, 1);
	nodesset(&given);
	pagebank(0, 16 * MiB / BY2PG, 0);
	pagesup();
	pagestats(&st);
	assert_in_range(plain.npages - st.npages, 0, 2);
	assert_int_equal(hostmapped(), mapped);
	assert_non_null(newpage(NOCLEAR, 0));
	bytemapcheck();
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

/* Borders within banks, banks within nodes, nodes in pieces. */
static void
borders_anywhere(void **state)
{
	static Nodes given = {.n = 3,
	    .nranges = 5,
	    .range = {{0, 5 * MiB, 1}, {5 * MiB, 10 * MiB, 0},
		{10 * MiB, 14 * MiB, 2}, {14 * MiB, 20 * MiB, 1},
		{20 * MiB, 64 * MiB, 0}}};
	size_t n;

	(void)state;
	pagemachine(0, 32 * MiB, 1);
	nodesset(&given);
	pagebank(0x3000, 2000, 100);
	pagebank(9 * MiB, 1000, 0);
	pagebank(16 * MiB, 4096, 0);
	pagesup();
	cpuof(0, 2);
	size_t nfree = pagesfree();
	bytemapcheck();
	Page *chain = pagetakeall(&n);
	assert_int_equal(n, nfree);
	for (Page *pg = chain; pg != NULL; pg = pagenext(pg)) {
		assert_ptr_equal(papage(pagepa(pg)), pg);
		assert_int_equal(framestate(pagepa(pg)), FRAMEALLOCATED);
	}
	bytemapcheck();
	freepages(chain);
	bytemapcheck();
	pagewipe();
	assert_null(papage(NOADDR - BY2PG));
	assert_int_equal(framestate(NOADDR - BY2PG), FRAMERESERVED);
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

static void
what_is_no_page_is_none_between_nodes_either(void **state)
{
	(void)state;
	up(2);
	hostcpu(1);
	Page *pg = have();
	size_t last = palloc.node[1].first + palloc.node[1].nopen;
	Page *beyond = &palloc.pages[last * CHUNKPAGES];
	Page *between = &palloc.pages[(palloc.node[1].first - 1) * CHUNKPAGES];

	assert_panics(putpage(beyond), "is no page");
	assert_panics(putpage(between), "is no page");
	assert_panics(putpage((Page *)((uint8_t *)pg + 8)), "is no page");
	hostcpu(0);
	assert_panics(putpage(beyond), "is no page");
	assert_panics(pageref(between), "is no page");
	putpage(pg);
	assert_panics(putpage(pg), "is free already");
	assert_panics(puthugepage(between), "is no page");
}

static _Alignas(8) uint8_t memmaptable[64 * KiB];

/* 64 MiB, of which the first 16 are a bank. */
static void
latermachine(const Nodes *given)
{
	hostmachine(0, 64 * MiB, 64 * MiB, 1);
	hostquiet();
	memmapinit(memmaptable, sizeof memmaptable);
	memmapadd(0, 64 * MiB, MemRAM);
	memmapalloc(0, 16 * MiB, 1, MemRAM);
	nodesset(given);
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
	pagebank(0, 16 * MiB / BY2PG, 0);
	pagesup();
}

/*
 *	0          16M        24M        32M      40M
 *	[ bank of 0)[ later: 0 )[ later: 1        )
 */
static void
ram_that_comes_later_has_its_node(void **state)
{
	static Nodes given = {.n = 2,
	    .nranges = 2,
	    .range = {{0, 24 * MiB, 0}, {24 * MiB, 64 * MiB, 1}}};

	(void)state;
	latermachine(&given);
	assert_string_equal(
	    pageadd(20 * MiB, 8 * MiB / BY2PG), "is of more than one node");
	assert_null(pageadd(24 * MiB, 8 * MiB / BY2PG));
	assert_null(pageadd(16 * MiB, 8 * MiB / BY2PG));
	assert_null(pageadd(32 * MiB, 8 * MiB / BY2PG));
	Nodestats st;
	nodestats(1, &st);
	assert_in_range(st.npages, 16 * MiB / BY2PG - 100, 16 * MiB / BY2PG);
	size_t n1 = st.npages;
	size_t nfree = pagesfree();
	cpuof(0, 1);
	nheld = 0;
	for (size_t i = 0; i < n1; i++)
		assert_in_range(pagepa(have()), 24 * MiB, 40 * MiB - 1);
	assert_in_range(pagepa(have()), 0, 24 * MiB - 1);
	while (have() != NULL)
		;
	assert_int_equal(nheld, nfree);
	dropall();
	assert_null(pageremove(26 * MiB, 100));
	nodestats(1, &st);
	assert_int_equal(st.npages, n1 - 100);
	assert_null(pageadd(26 * MiB, 100));
	addsup();
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

/* As if it had been there from the start: its CPUs move in. */
static void
the_first_ram_of_a_node_is_home_to_its_cpus(void **state)
{
	static Nodes given = {.n = 2,
	    .nranges = 2,
	    .range = {{0, 24 * MiB, 0}, {24 * MiB, 64 * MiB, 1}}};

	(void)state;
	latermachine(&given);
	cpuof(0, 1);
	nheld = 0;
	assert_int_equal(nodeofpage(have()), 0);
	assert_null(pageadd(24 * MiB, 8 * MiB / BY2PG));
	while (pagepa(have()) < 24 * MiB)
		;
	size_t locked = hostlocked();
	for (int i = 0; i < 500; i++)
		assert_in_range(pagepa(have()), 24 * MiB, 32 * MiB - 1);
	for (int i = 0; i < 500; i++)
		putpage(held[--nheld]);
	assert_int_equal(hostlocked(), locked);
	addsup();
	assert_in_range(nheld, 1, PAGECPUMAX);
	dropall();
	addsup();
}

static paddr_t
table(void)
{
	return kalloc_table();
}

/* Tables come from wherever there is anything, also from chunks that only
 * another node's CPUs would open. */
static void
tables_are_had_of_any_node(void **state)
{
	(void)state;
	up(2);
	hosttables(table);
	size_t nfree = pagesfree();
	hostcpu(1);
	while (have() != NULL)
		;
	assert_in_range(nheld, nfree - 200, nfree - 1);
	addsup();
	dropall();
	addsup();
	hosttables(NULL);
}

static void
a_table_is_of_its_own_node_if_that_has_any(void **state)
{
	(void)state;
	up(2);
	for (int i = 0; i < 2; i++) {
		hostcpu(i);
		have();
	}
	pagepoison(false); /* nothing waits */
	for (int i = 0; i < 2; i++) {
		hostcpu(i);
		assert_int_equal(kalloc_table() / NODESIZE, i);
	}
	dropall();
	addsup();
}

/* Near chunks, where tables can be, are left for last by all nodes. */
static void
far_pages_of_another_node_before_near_ones(void **state)
{
	(void)state;
	hostmachine(0, 2 * NODESIZE, 6 * MiB, 2);
	hostquiet();
	pagenodes(2, NODESIZE);
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
	pagebank(0, 2 * NODESIZE / BY2PG, 0);
	pagesup();
	cpuof(1, 1);
	cpuof(0, 0);
	nheld = 0;
	while (nheld < 500) /* 2 MiB of node 0 are far */
		assert_in_range(pagepa(have()), 6 * MiB, NODESIZE - 1);
	paddr_t pa = 0;
	while (have() != NULL && (pa = pagepa(held[nheld - 1])) >= 6 * MiB)
		;
	assert_int_equal(nodefree(1), 0);
	assert_in_range(pa, 0, 6 * MiB - 1);
	for (int i = 0; i < 100; i++) /* a near chunk is open, and not full */
		have();
	for (int i = 0; i < 100; i++)
		putpage(held[--nheld]);
	pagepoison(false); /* nothing waits */
	size_t nopen = palloc.nopen;
	for (int i = 0; i < 50; i++)
		have();
	assert_int_equal(palloc.nopen, nopen);
	Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_non_null(pg);
	assert_in_range(pagepa(pg), 0, 4 * MiB);
	puthugepage(pg);
	dropall();
	addsup();
}

/* A page of node 0 that is held, below pa or not; out of the list. */
static Page *
heldbelow(paddr_t pa, bool below)
{
	for (size_t i = 0; i < nheld; i++)
		if (nodeofpage(held[i]) == 0 &&
		    (pagepa(held[i]) < pa) == below) {
			Page *pg = held[i];

			held[i] = held[--nheld];
			return pg;
		}
	fail();
	return NULL;
}

/* The last there is for a table: not what is out of reach. */
static void
a_table_of_what_waits_away(void **state)
{
	(void)state;
	hostmachine(0, 2 * NODESIZE, 6 * MiB, 2);
	hostquiet();
	pagenodes(2, NODESIZE);
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
	pagebank(6 * MiB - 64 * BY2PG, (2 * MiB + NODESIZE) / BY2PG + 64, 0);
	pagesup();
	cpuof(1, 1);
	cpuof(0, 0);
	nheld = 0;
	for (size_t n = pagesfree(); nheld < n;)
		have();
	for (int i = 0; i < 100; i++) /* so that pages may wait */
		putpage(heldbelow(6 * MiB, false));
	hostcpu(1);
	Page *near = heldbelow(6 * MiB, true);
	Page *far = heldbelow(6 * MiB, false);
	paddr_t pa = pagepa(near);
	putpage(near);
	putpage(far);
	assert_int_equal(thiscpu()->page.naway, 2);
	assert_int_equal(kalloc_table(), pa);
	assert_int_equal(kalloc_table(), NOADDR);
	assert_int_equal(thiscpu()->page.naway, 1);
	dropall();
	addsup();
}

/* What waits is found when all else is spent, whoever has it. */
static void
the_last_page_is_found_in_any_stock(void **state)
{
	(void)state;
	up(2);
	size_t nfree = pagesfree();
	hostcpu(0);
	while (nheld < nfree)
		assert_non_null(have());
	assert_null(have());
	hostcpu(1);
	for (int i = 0; i < 40; i++)
		putpage(held[--nheld]);
	hostcpu(0);
	while (nheld < nfree)
		assert_non_null(have());
	assert_null(have());
	dropall();
	addsup();
}

/* A page that waits away from home may be all that a chunk lacks. */
static void
what_waits_away_makes_a_chunk_whole(void **state)
{
	size_t n = 0;

	(void)state;
	up(2);
	hostcpu(1);
	Page *pg = have();
	pagenode(thiscpu(), 0);
	pagenode(thiscpu(), 1); /* nothing else waits */
	hostcpu(0);
	putpage(pg);
	assert_int_equal(thiscpu()->page.naway, 1);
	hostcpu(1);
	while (newhugepage(2 * MiB, NOCLEAR, 0) != NULL)
		n++;
	assert_int_equal(n, 7);
	addsup();
}

/* CPU 1 has opened node 0's last chunk, and taken it all. */
static void
takelast(void)
{
	hostcpu(1);
	while (nodefree(0) > 0)
		have();
	hostcpu(0);
}

static void
a_node_opened_by_another_is_not_the_end(void **state)
{
	(void)state;
	up(2);
	cpuof(1, 0);
	hostcpu(0);
	while (palloc.node[0].nopen < 3)
		have();
	while (thiscpu()->page.n > 0)
		have();
	size_t before = hostbarriers();
	hostunlocked(0, takelast); /* when CPU 0 is about to open it */
	assert_int_equal(nodeofpage(have()), 1);
	assert_int_equal(hostbarriers(), before);
	assert_false(palloc.stuck);
	dropall();
	addsup();
}

/* No memory for tables: all that is not open is given up, in all nodes. */
static bool
nogood(paddr_t pa)
{
	return pa < 2 * MiB;
}

static void
trust(paddr_t pa)
{
	(void)pa;
}

static void
without_tables_all_nodes_end(void **state)
{
	(void)state;
	up(2);
	hostcpu(0);
	assert_non_null(have());
	hostprobe(trust, nogood);
	while (have() != NULL)
		;
	assert_int_equal(pagesfree(), 0);
	addsup();
	hostprobe(NULL, NULL);
	dropall();
	addsup();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_pages_first_then_the_nearest),
	    cmocka_unit_test(freed_pages_are_the_next_of_their_own_node),
	    cmocka_unit_test(a_node_without_ram_lives_on_the_nearest),
	    cmocka_unit_test(who_lives_on_another_nodes_memory_takes_few_locks),
	    cmocka_unit_test(home_again),
	    cmocka_unit_test(pages_of_many_nodes_wait_together),
	    cmocka_unit_test(huge_pages_are_of_their_own_node_too),
	    cmocka_unit_test(a_gigabyte_of_its_own_node),
	    cmocka_unit_test(a_reclaimed_page_of_its_own_node_is_first),
	    cmocka_unit_test(any_page_that_waits_is_had),
	    cmocka_unit_test(the_last_of_home_come_first),
	    cmocka_unit_test(pages_of_others_open_the_stocks),
	    cmocka_unit_test(the_mark_of_poison_that_is_no_more),
	    cmocka_unit_test(a_cpu_may_move),
	    cmocka_unit_test(runs_are_of_one_node),
	    cmocka_unit_test(a_run_opens_no_chunks_that_it_cannot_lie_in),
	    cmocka_unit_test(a_run_in_what_another_cpu_has_opened),
	    cmocka_unit_test(empty_ranges_cost_nothing),
	    cmocka_unit_test(borders_anywhere),
	    cmocka_unit_test(what_is_no_page_is_none_between_nodes_either),
	    cmocka_unit_test(ram_that_comes_later_has_its_node),
	    cmocka_unit_test(the_first_ram_of_a_node_is_home_to_its_cpus),
	    cmocka_unit_test(tables_are_had_of_any_node),
	    cmocka_unit_test(a_table_is_of_its_own_node_if_that_has_any),
	    cmocka_unit_test(far_pages_of_another_node_before_near_ones),
	    cmocka_unit_test(a_table_of_what_waits_away),
	    cmocka_unit_test(the_last_page_is_found_in_any_stock),
	    cmocka_unit_test(what_waits_away_makes_a_chunk_whole),
	    cmocka_unit_test(a_node_opened_by_another_is_not_the_end),
	    cmocka_unit_test(without_tables_all_nodes_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
