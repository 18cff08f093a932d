/*
 * Two threads as two CPUs, on a machine with less memory than they want.
 *
 * builds: san tsan
 */
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "image.h"
#include "pagemachine.h"
#include "percpu.h"

#include <pthread.h>
#include <sched.h>

enum { NHELD = 4000, NSTEP = 200000, NDADDR = 64, NHASH = 8 };

typedef struct Cpu Cpu;

struct Cpu {
	int cpu;
	uint64_t seed;
	Page *held[NHELD]; /* with the address of its place here in it */
	size_t nfull;      /* newpage said no */
	uint32_t node;
	size_t nown; /* pages it had of its own node */
	size_t nother;
};

static Image image;
static Page *hash[NHASH];

static uint32_t
chance(Cpu *c)
{
	c->seed = c->seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(c->seed >> 33);
}

static void
stamp(Page **p)
{
	void *w = kmap(*p);

	memcpy(w, &p, sizeof p);
	kunmap(w);
}

/* Nobody else wrote there while we held it. */
static void
check(Page **p)
{
	void *w = kmap(*p);

	if (memcmp(w, &p, sizeof p) != 0)
		abort();
	kunmap(w);
}

/* Have or free a page. */
static void
turn(Cpu *c)
{
	Page **p = &c->held[chance(c) % NHELD];

	if (*p != NULL) {
		check(p);
		putpage(*p);
		*p = NULL;
		return;
	}
	if ((*p = newpage(NOCLEAR, 0)) == NULL) {
		c->nfull++;
		return;
	}
	stamp(p);
	if (nodeat(pagepa(*p)) == c->node)
		c->nown++;
	else
		c->nother++;
}

/* Find a page in the cache that both use, or put one there, or drop it. */
static void
share(Cpu *c)
{
	uint64_t daddr = chance(c) % NDADDR;
	Page *pg = lookpage(&image, daddr);

	if (pg != NULL) {
		if (pagedaddr(pg) != daddr || pageimage(pg) == NULL)
			abort();
		if (chance(c) % 8 == 0)
			cachedel(&image, daddr);
	} else if ((pg = newpage(NOCLEAR, 0)) != NULL) {
		pagesetdaddr(pg, daddr);
		cachepage(pg, &image);
	}
	if (pg != NULL)
		putpage(pg);
}

static void *
run(void *arg)
{
	Cpu *c = arg;

	hostcpu(c->cpu);
	pagenode(thiscpu(), c->node);
	for (size_t i = 0; i < NSTEP; i++) {
		uint32_t r = chance(c) % 64;

		if (r == 0)
			share(c);
		else if (r == 1 && c->cpu == 1) {
			Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);
			if (pg != NULL)
				puthugepage(pg);
		} else
			turn(c);
	}
	for (size_t i = 0; i < NHELD; i++)
		if (c->held[i] != NULL)
			putpage(c->held[i]);
	return NULL;
}

/* Two threads, in these nodes, on a machine that is up. */
static void
runboth(Cpu *cpus, uint32_t node0, uint32_t node1)
{
	pthread_t id[2];
	size_t nfree = pagesfree();

	memset(cpus, 0, 2 * sizeof cpus[0]);
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	for (int i = 0; i < 2; i++) {
		cpus[i].cpu = i;
		cpus[i].seed = (uint64_t)i + 1;
		cpus[i].node = i == 0 ? node0 : node1;
		pthread_create(&id[i], NULL, run, &cpus[i]);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(id[i], NULL);
	bytemapcheck();
	imageclose(&image);
	assert_int_equal(pagesfree(), nfree);
}

static Cpu cpus[2];

static void
two_cpus_share_what_there_is(void **state)
{
	(void)state;
	pagesimple(6 * MiB, 2);
	runboth(cpus, 0, 0);
	assert_true(cpus[0].nfull + cpus[1].nfull > 0);
	assert_int_equal(cpus[0].nother + cpus[1].nother, 0);
}

/* Each has a node, too small for it: who is first lives on the other, too. */
static void
two_nodes_share_what_there_is(void **state)
{
	(void)state;
	pagemachine(0, 16 * MiB, 2);
	pagenodes(2, 4 * MiB);
	pagebank(0, 4 * MiB / BY2PG, 0);
	pagebank(8 * MiB, 4 * MiB / BY2PG, 600);
	pagesup();
	runboth(cpus, 0, 1);
	assert_true(cpus[0].nown + cpus[1].nown > 0);
	assert_true(cpus[0].nother + cpus[1].nother > 0);
}

/* Who has the page looks until it is somewhere. */
static void *
looks(void *pg)
{
	Image *i;

	hostcpu(1);
	while ((i = pageimage(pg)) == NULL)
		sched_yield();
	if (i != &image)
		abort();
	return NULL;
}

static void
who_sees_a_pages_image_sees_which(void **state)
{
	pthread_t id;

	(void)state;
	pagesimple(6 * MiB, 2);
	Page *pg = newpage(NOCLEAR, 0);
	pthread_create(&id, NULL, looks, pg);
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	assert_int_equal(cachepage(pg, &image), 0);
	pthread_join(id, NULL);
	imageclose(&image);
	putpage(pg);
}

/*
 * Two CPUs take turns, and tell each other so without any order: what one did
 * before, the other one sees by what the allocator orders, or TSan says that it
 * need not. The other one ends each of its turns with a page in its stock.
 */
typedef struct Turns Turns;
struct Turns {
	unsigned turn; /* even: the first CPU's */
	Page *pg;
};

static void
nextturn(Turns *t)
{
	unsigned turn = __atomic_fetch_add(&t->turn, 1, __ATOMIC_RELAXED) + 2;

	while (__atomic_load_n(&t->turn, __ATOMIC_RELAXED) < turn)
		sched_yield();
}

static void
begun(Turns *t)
{
	while (__atomic_load_n(&t->turn, __ATOMIC_RELAXED) == 0)
		sched_yield();
}

static void
scribble(Page *pg)
{
	uint64_t *w = kmap(pg);

	w[0]++;
	kunmap(w);
}

static void *
lastbutone(void *arg)
{
	Turns *t = arg;

	hostcpu(1);
	scribble(t->pg);
	putpage(t->pg);
	__atomic_store_n(&t->turn, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* By the stock, or by the lock. */
static void
whats_done_to_a_page_is_over_when_the_last_frees_it(void **state)
{
	(void)state;
	pagesimple(6 * MiB, 2);
	for (int poison = 0; poison < 2; poison++) {
		Turns t = {.pg = newpage(NOCLEAR, 0)};
		pthread_t id;

		if (poison != 0)
			pagepoison(true);
		pageref(t.pg);
		pthread_create(&id, NULL, lastbutone, &t);
		begun(&t);
		putpage(t.pg);
		Page *pg = newpage(NOCLEAR, 0);
		scribble(pg);
		putpage(pg);
		pthread_join(id, NULL);
	}
	pagepoison(false);
}

static void *
fillsitsstock(void *arg)
{
	Turns *t = arg;

	hostcpu(1);
	Page *pg = newpage(NOCLEAR, 0);
	Page *more = newpage(NOCLEAR, 0);
	putpage(pg);
	nextturn(t);
	putpage(more);
	nextturn(t);
	return NULL;
}

static void
a_stock_is_emptied_and_used_again_in_that_order(void **state)
{
	Turns t = {.turn = 0};
	pthread_t id;

	(void)state;
	pagesimple(6 * MiB, 2);
	size_t nfree = pagesfree();
	pthread_create(&id, NULL, fillsitsstock, &t);
	begun(&t);
	pagecpugather();
	assert_true(palloc.room > 0);
	nextturn(&t);
	pagecpugather();
	__atomic_store_n(&t.turn, 4, __ATOMIC_RELAXED);
	pthread_join(id, NULL);
	assert_int_equal(pagesfree(), nfree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_cpus_share_what_there_is),
	    cmocka_unit_test(two_nodes_share_what_there_is),
	    cmocka_unit_test(who_sees_a_pages_image_sees_which),
	    cmocka_unit_test(
		whats_done_to_a_page_is_over_when_the_last_frees_it),
	    cmocka_unit_test(a_stock_is_emptied_and_used_again_in_that_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
