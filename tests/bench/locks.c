/*
 * How often CPUs meet: shared locks taken for 1,000 operations, on 2, 4 and 16
 * CPUs. That, and cache lines that several write to (tests/bench/lines), is
 * what scaling rests on, and no clock is needed to see it.
 *
 * One thread is all CPUs, in turn, an operation each: the same every time.
 *
 *	pair  a block is had and given back
 *	mix   of so many blocks held, any is given back and another one had
 *	pass  one CPU has a block, which the next CPU gives back
 *	few   as pair, with few pages free
 *
 * With the argument trace, two CPUs do it between stores to mark[], whose
 * address is printed: what a tool that sees stores needs to tell them apart.
 * Only there is few to be had.
 * With SIZE HELD TIMES, nothing is printed: for who counts instructions
 * (tests/bench/parts).
 *
 * needs: tests/host/bench.c tests/host/heap.c
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bytemap.h"
#include "conf.h"
#include "heap.h"
#include "host.h"
#include "page.h"
#include "rename.h"
#include "pool.h"

enum { MOSTCPU = 16, HELD = 4000, WARM = 20000, TURNS = 10000, TRACED = 1000 };
enum { LEFT = 40 };

typedef struct Peer Peer;
typedef struct Work Work;

struct Peer {
	const char *name;
	void *(*take)(uint64_t r);
	void (*give)(void *p);
};

/* What a CPU does in its turn; ops of it are how many operations. */
struct Work {
	const char *name;
	void (*turn)(const Peer *peer, int cpu, int ncpu);
	size_t ops;
};

/* On lines of its own, as are the seeds: what the CPUs share is not ours. */
static struct {
	_Alignas(64) void *held[HELD];
	uint64_t seed;
} cpus[MOSTCPU];
static size_t nheld = HELD;

static void *
takepage(uint64_t r)
{
	(void)r;
	return newpage(NOCLEAR, 0);
}

static void
givepage(void *p)
{
	putpage(p);
}

static void *
takesmall(uint64_t r)
{
	(void)r;
	return mallocz(64, false);
}

static void *
takeany(uint64_t r)
{
	return mallocz(16 + r % 1009, false);
}

static void
givemem(void *p)
{
	free(p);
}

static const Peer peers[] = {
    {"page", takepage, givepage},
    {"malloc-64", takesmall, givemem},
    {"malloc-any", takeany, givemem},
};

static void *
musttake(const Peer *peer, int cpu)
{
	void *p = peer->take(benchrandom(&cpus[cpu].seed));

	if (p == NULL) {
		fprintf(stderr, "bench: %s has no more\n", peer->name);
		exit(1);
	}
	return p;
}

static void
pair(const Peer *peer, int cpu, int ncpu)
{
	(void)ncpu;
	peer->give(musttake(peer, cpu));
}

static void
mix(const Peer *peer, int cpu, int ncpu)
{
	void **p = &cpus[cpu].held[benchrandom(&cpus[cpu].seed) % nheld];

	(void)ncpu;
	if (*p != NULL)
		peer->give(*p);
	*p = musttake(peer, cpu);
}

/* Even CPUs have blocks, odd ones give them back. */
static void
pass(const Peer *peer, int cpu, int ncpu)
{
	void **p = &cpus[cpu / 2 * 2].held[0];

	(void)ncpu;
	if (cpu % 2 == 0)
		*p = musttake(peer, cpu);
	else
		peer->give(*p);
}

static const Work works[] = {
    {"pair", pair, 2},
    {"mix", mix, 2},
    {"pass", pass, 1},
};

static const Work few = {"few", pair, 2};

static void
turns(const Peer *peer, const Work *w, int ncpu, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < ncpu; c++) {
			hostcpu(c);
			w->turn(peer, c, ncpu);
		}
	hostcpu(0);
}

static void
up(void)
{
	hostquiet();
	heapcpus(MOSTCPU);
	heapmachine(1, 256 * MiB, 512 * MiB / BY2PG);
	heappages();
	hosttrust(true);
	pagepoison(false);
	memset(cpus, 0, sizeof cpus);
	for (size_t i = 0; i < MOSTCPU; i++)
		cpus[i].seed = i;
}

static void
count(const Peer *peer, const Work *w, int ncpu)
{
	const Figure thousand = {1, 1, 1};
	char name[64];

	up();
	turns(peer, w, ncpu, WARM);
	size_t before = hostlocked();
	turns(peer, w, ncpu, TURNS);
	double ops = (double)(TURNS * w->ops) * ncpu;
	double n = (double)(hostlocked() - before) / ops * 1000;
	snprintf(
	    name, sizeof name, "locks-%s-%s-%d", peer->name, w->name, ncpu);
	benchgoal(name, (Figure){n, n, n}, "locks", "1000-ops", thousand, 4);
	bytemapcheck();
	poolcheck(mainmem);
}

/* Stored to between turns: by CPU 0, by CPU 1, by neither. */
static volatile struct {
	_Alignas(64) char cpu[3][64];
} mark;

/* All pages but so many are somebody's. */
static void
leave(size_t npages)
{
	Page *rest = NULL;
	Page *pg;

	while ((pg = newpage(NOCLEAR, 0)) != NULL) {
		pagesetnext(pg, rest);
		rest = pg;
	}
	for (; npages > 0; npages--) {
		pg = rest;
		rest = pagenext(pg);
		putpage(pg);
	}
}

/* Peer and work by name, for two CPUs, so that each store can be told whose. */
static void
trace(const Peer *peer, const Work *w)
{
	char here;

	up();
	nheld = 100;
	if (w == &few)
		leave(LEFT);
	turns(peer, w, 2, WARM / 40);
	printf("trace: mark=%#jx ops=%zu stack=%#jx thread=%#jx\n",
	    (uintmax_t)(uintptr_t)&mark, TRACED * 2 * w->ops,
	    (uintmax_t)(uintptr_t)&here, (uintmax_t)pthread_self());
	fflush(stdout);
	for (size_t i = 0; i < TRACED; i++)
		for (int c = 0; c < 2; c++) {
			hostcpu(c);
			mark.cpu[c][0] = 1;
			w->turn(peer, c, 2);
			mark.cpu[2][0] = 1;
		}
}

/* On one CPU: so many blocks of a size are had, and given back, times over. */
static void
pairs(size_t size, size_t held, size_t times)
{
	up();
	held = MIN(MAX(held, 1), (size_t)HELD);
	for (size_t n = 0; n < times; n++) {
		for (size_t i = 0; i < held; i++)
			cpus[0].held[i] = mallocz(size, false);
		for (size_t i = 0; i < held; i++)
			free(cpus[0].held[i]);
	}
}

int
main(int argc, char **argv)
{
	static const int ncpus[] = {2, 4, 16};

	if (argc == 4 && strcmp(argv[1], "trace") != 0) {
		pairs(strtoul(argv[1], NULL, 0), strtoul(argv[2], NULL, 0),
		    strtoul(argv[3], NULL, 0));
		return 0;
	}
	if (argc == 4 && strcmp(argv[3], few.name) == 0)
		trace(&peers[0], &few);
	for (size_t p = 0; p < nelem(peers); p++)
		for (size_t w = 0; w < nelem(works); w++) {
			if (argc == 4 && strcmp(argv[2], peers[p].name) == 0 &&
			    strcmp(argv[3], works[w].name) == 0)
				trace(&peers[p], &works[w]);
			for (size_t i = 0; argc < 2 && i < nelem(ncpus); i++)
				count(&peers[p], &works[w], ncpus[i]);
		}
	return 0;
}
