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

/* Each has a node; CPU 0's is too small for it, and it lives on the other. */
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
	assert_true(cpus[0].nown > 0 && cpus[0].nother > 0);
	assert_true(cpus[1].nown > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_cpus_share_what_there_is),
	    cmocka_unit_test(two_nodes_share_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
