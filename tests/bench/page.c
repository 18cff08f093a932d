/*
 * Pages against the least that could be done: floor pushes and pops page
 * numbers in an array, without a lock; floor+ also stores to that page's own
 * 32-byte Page, as any page allocator with reference counts must. All are
 * called the same way by the same loops, in turns, and what they hand out is
 * checked: no page twice.
 *
 * Times are of the thread's own CPU time, as others may use this host; of two
 * threads the longer counts, over what both did.
 *
 * needs: tests/host/bench.c
 */
#include "bench.h"
#include "bytemap.h"
#include "conf.h"
#include "host.h"
#include "page.h"
#include "percpu.h"
#include "stage.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RAM (4 * GiB)
#define NPAGE (RAM / BY2PG)

enum { PAIRS = 1 << 20, NMIX = 1 << 20, MAXTHREAD = 2 };

typedef struct Peer Peer;
typedef struct Job Job;
typedef struct Work Work;

/* An allocator: a page is any pointer that names it. */
struct Peer {
	const char *name;
	void *(*alloc)(void);
	void (*free)(void *);
};

/*
 * What one thread does: its share of the pages, in pages[0 .. n). On cache
 * lines of its own, as the seed is written all the time.
 */
struct Job {
	_Alignas(128) const Peer *peer;
	void **pages;
	size_t n;
	uint64_t seed;
	int cpu;
	void (*run)(Job *);
	double time;
};

static void *slots[NPAGE];
static struct {
	uint32_t free[NPAGE];
	size_t n;
	Page *pages;
} array;

static void *
nopage(void)
{
	return &array;
}

static void
nofree(void *p)
{
	(void)p;
}

static void *
floorpage(void)
{
	return &array.pages[array.free[--array.n]];
}

static void
floorfree(void *p)
{
	array.free[array.n++] = (uint32_t)((Page *)p - array.pages);
}

static void *
floorpluspage(void)
{
	Page *pg = floorpage();

	pg->frame = 1;
	return pg;
}

static void
floorplusfree(void *p)
{
	Page *pg = p;

	pg->frame = 0;
	floorfree(p);
}

static void *
mem9page(void)
{
	return newpage(NOCLEAR, 0);
}

static void
mem9free(void *p)
{
	putpage(p);
}

static void *
hugepage(void)
{
	return newhugepage(2 * MiB, NOCLEAR, 0);
}

static void
hugepagefree(void *p)
{
	puthugepage(p);
}

static const Peer huge = {"mem9", hugepage, hugepagefree};
static const Peer harness = {"harness", nopage, nofree};
static const Peer floors = {"floor", floorpage, floorfree};
static const Peer floorplus = {"floor+", floorpluspage, floorplusfree};
static const Peer mem9 = {"mem9", mem9page, mem9free};

static void
pairs(Job *j)
{
	void *(*alloc)(void) = j->peer->alloc;
	void (*release)(void *) = j->peer->free;

	for (size_t i = 0; i < PAIRS; i++) {
		void *p = alloc();

		*(void *volatile *)j->pages = p;
		release(p);
	}
}

static void
allocall(Job *j)
{
	void *(*alloc)(void) = j->peer->alloc;

	for (size_t i = 0; i < j->n; i++)
		j->pages[i] = alloc();
}

static void
freeall(Job *j)
{
	void (*release)(void *) = j->peer->free;

	for (size_t i = 0; i < j->n; i++)
		release(j->pages[i]);
}

/* The first half is held: free one of it, and have another for it. */
static void
mix(Job *j)
{
	void *(*alloc)(void) = j->peer->alloc;
	void (*release)(void *) = j->peer->free;

	for (size_t i = 0; i < NMIX; i++) {
		void **p = &j->pages[benchrandom(&j->seed) % j->n];

		release(*p);
		*p = alloc();
	}
}

static void
shuffle(Job *j)
{
	for (size_t i = j->n; i > 1; i--) {
		size_t k = benchrandom(&j->seed) % i;
		void *p = j->pages[k];

		j->pages[k] = j->pages[i - 1];
		j->pages[i - 1] = p;
	}
}

static int
byaddress(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a;
	uintptr_t y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

/* In order, and each there only once. */
static void
sortpages(Job *j)
{
	qsort(j->pages, j->n, sizeof j->pages[0], byaddress);
	for (size_t i = 0; i < j->n; i++)
		if (j->pages[i] == NULL ||
		    (i > 0 && j->pages[i] == j->pages[i - 1] &&
			j->peer != &harness)) {
			fprintf(stderr, "bench: %s: page %p is not one more\n",
			    j->peer->name, j->pages[i]);
			exit(1);
		}
}

/* A kind of work: what comes before and after it, untimed. */
struct Work {
	const char *name;
	void (*before[3])(Job *);
	void (*run)(Job *);
	void (*after[3])(Job *);
	size_t ops; /* or 0: as many as pages */
	bool half;  /* on half as many pages */
	double goal;
};

static const Work works[] = {
    {"pair", {NULL}, pairs, {NULL}, PAIRS, false, 2},
    {"fresh", {NULL}, allocall, {sortpages, freeall}, 0, false, 3},
    {"free-in-order", {allocall, sortpages}, freeall, {NULL}, 0, false, 3},
    {"free-random", {allocall, sortpages, shuffle}, freeall, {NULL}, 0, false,
	1.5},
    {"aged", {allocall, shuffle, freeall}, allocall, {sortpages, freeall}, 0,
	false, 1.5},
    {"mix", {allocall, shuffle, freeall}, mix, {sortpages, freeall}, 2 * NMIX,
	true, 1.5},
};

static const Work hugealloc = {
    "huge-in", {NULL}, allocall, {sortpages, freeall}, 0, false, 3};
static const Work hugefree = {
    "huge-out", {allocall, sortpages}, freeall, {NULL}, 0, false, 3};

enum { NROUND = 9, NPEER = 4 };

static double
cputime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static pthread_barrier_t together;

/* Run the job; how long that was goes to its time. */
static void *
thread(void *arg)
{
	Job *j = arg;

	benchpin(j->cpu);
	hostcpu(j->cpu);
	pthread_barrier_wait(&together);
	double start = cputime();
	j->run(j);
	j->time = cputime() - start;
	return NULL;
}

/* Run it on each job, at once; the longest time of them. */
static double
each(Job *jobs, int n, void (*run)(Job *))
{
	pthread_t id[MAXTHREAD];
	double longest = 0;

	pthread_barrier_init(&together, NULL, (unsigned)n);
	for (int i = 0; i < n; i++) {
		jobs[i].run = run;
		if (i + 1 < n)
			pthread_create(&id[i], NULL, thread, &jobs[i]);
		else
			thread(&jobs[i]);
	}
	for (int i = 0; i + 1 < n; i++)
		pthread_join(id[i], NULL);
	for (int i = 0; i < n; i++)
		longest = MAX(longest, jobs[i].time);
	pthread_barrier_destroy(&together);
	return longest;
}

/* Once through the work: nanoseconds an operation. */
static double
once(const Peer *peer, const Work *w, size_t npages, int nthread)
{
	Job jobs[MAXTHREAD];
	size_t n = npages / (size_t)nthread;

	if (peer == &floors || peer == &floorplus) {
		array.n = npages;
		for (size_t i = 0; i < npages; i++)
			array.free[i] = (uint32_t)(npages - 1 - i);
	}
	for (int i = 0; i < nthread; i++)
		jobs[i] = (Job){.peer = peer,
		    .pages = slots + n * (size_t)i,
		    .n = n,
		    .seed = (uint64_t)i + 1,
		    .cpu = nthread - 1 - i};
	for (size_t k = 0; k < 3 && w->before[k] != NULL; k++)
		each(jobs, nthread, w->before[k]);
	for (int i = 0; i < nthread && w->half; i++)
		jobs[i].n /= 2;
	if (w->half)
		each(jobs, nthread, allocall);
	double t = each(jobs, nthread, w->run);
	for (size_t k = 0; k < 3 && w->after[k] != NULL; k++)
		each(jobs, nthread, w->after[k]);
	return t / (double)(w->ops != 0 ? w->ops * (size_t)nthread
					: n * (size_t)nthread);
}

static int
bytime(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static Figure
figure(double *t)
{
	qsort(t, NROUND, sizeof t[0], bytime);
	return (Figure){t[NROUND / 2], t[0], t[NROUND - 1]};
}

/* All peers at one kind of work; what it took mem9. */
static Figure
bench(const Work *w, size_t npages)
{
	const Peer *peers[NPEER] = {&harness, &floors, &floorplus, &mem9};
	double t[NPEER + 1][NROUND];
	Figure f[NPEER + 1];
	char name[64];

	for (int r = 0; r < NROUND; r++) {
		for (int p = 0; p < NPEER; p++)
			t[p][r] = once(peers[p], w, npages, 1);
		t[NPEER][r] = once(&mem9, w, npages, 2);
	}
	for (int p = 0; p <= NPEER; p++) {
		f[p] = figure(t[p]);
		snprintf(name, sizeof name, "page-%s %s", w->name,
		    p < NPEER ? peers[p]->name : "mem9, two threads");
		benchrow(name, f[p], "ns");
	}
	snprintf(name, sizeof name, "page-%s", w->name);
	benchgoal(name, f[3], "ns", "floor+", f[2], w->goal);
	snprintf(name, sizeof name, "page-%s-two", w->name);
	benchgoal(name, f[4], "ns", "one-thread", f[3], 0.6);
	bytemapcheck();
	return f[3];
}

/* 2 MiB pages in and out, beside one pair of small ones. */
static void
benchhuge(Figure pair)
{
	const Work *work[] = {&hugealloc, &hugefree};
	size_t n = pagesfree() / 512 - 1;
	Figure f;

	for (size_t w = 0; w < nelem(work); w++) {
		double t[NROUND];
		char name[64];

		for (int r = 0; r < NROUND; r++)
			t[r] = once(&huge, work[w], n, 1);
		f = figure(t);
		snprintf(name, sizeof name, "page-%s", work[w]->name);
		benchrow(name, f, "ns");
		benchgoal(name, f, "ns", "page-pair", pair, work[w]->goal);
	}
	bytemapcheck();
}

static void
linkall(Job *j)
{
	for (size_t i = 0; i < j->n; i++)
		pagesetnext(j->pages[i], i + 1 < j->n ? j->pages[i + 1] : NULL);
}

static void
freechain(Job *j)
{
	freepages(j->pages[0]);
}

/* A page in and out, if there is one. */
static void
trypairs(Job *j)
{
	for (size_t i = 0; i < PAIRS / 16; i++) {
		Page *pg = newpage(NOCLEAR, 0);

		*(void *volatile *)j->pages = pg;
		if (pg != NULL)
			putpage(pg);
	}
}

static const Work putall = {
    "put", {allocall, sortpages}, freeall, {NULL}, 0, false, 0};
static const Work chain = {"free-chain", {allocall, sortpages, linkall},
    freechain, {NULL}, 0, false, 1.3};
static const Work fewpairs = {
    "few", {NULL}, trypairs, {NULL}, PAIRS / 16, false, 40};

/* A chain beside as many single pages, on one thread and on two. */
static void
benchchain(size_t npages)
{
	static const char *const names[] = {
	    "page-free-chain", "page-free-chain-two"};

	for (int nthread = 1; nthread <= MAXTHREAD; nthread++) {
		double t[2][NROUND];

		for (int r = 0; r < NROUND; r++) {
			t[0][r] = once(&mem9, &putall, npages, nthread);
			t[1][r] = once(&mem9, &chain, npages, nthread);
		}
		Figure single = figure(t[0]);
		Figure f = figure(t[1]);
		benchrow(names[nthread - 1], f, "ns");
		benchgoal(
		    names[nthread - 1], f, "ns", "putpage", single, chain.goal);
	}
	bytemapcheck();
}

/*
 * A machine aged: any half of all pages is given back, then any half of those
 * held is given back and had anew, again and again. How many 2 MiB pages are
 * still whole, of as many as the free pages would make.
 */
static void
benchwhole(size_t npages)
{
	Job j = {.peer = &mem9, .pages = slots, .n = npages, .seed = 1};
	size_t n = 0;

	allocall(&j);
	shuffle(&j);
	j.n /= 2;
	for (size_t i = j.n; i < npages; i++)
		mem9free(slots[i]);
	for (size_t i = 0; i < 8; i++) {
		Job part = j;

		shuffle(&j);
		part.n = j.n / 2;
		freeall(&part);
		allocall(&part);
	}
	pagecpugone(thiscpu()); /* what waits here is nobody's whole page */
	size_t most = pagesfree() / 512;
	void **whole = slots + j.n;
	while ((whole[n] = hugepage()) != NULL)
		n++;
	printf("page-whole-aged                  %10zu of %zu\n", n, most);
	while (n > 0)
		hugepagefree(whole[--n]);
	freeall(&j);
	bytemapcheck();
}

/* Two threads, when so many pages are all that is left. */
static void
benchfew(Figure pair)
{
	static const size_t left[] = {0, 40, 400};
	size_t n = pagesfree();

	for (size_t i = 0; i < nelem(left); i++) {
		double t[NROUND];
		char name[64];
		Page *taken = NULL;
		Page *pg;

		while ((pg = newpage(NOCLEAR, 0)) != NULL) {
			pagesetnext(pg, taken);
			taken = pg;
		}
		for (size_t k = 0; k < left[i]; k++) {
			pg = taken;
			taken = pagenext(pg);
			putpage(pg);
		}
		for (int r = 0; r < NROUND; r++)
			t[r] = once(&mem9, &fewpairs, 2, 2);
		Figure f = figure(t);
		snprintf(name, sizeof name, "page-left-%zu-two", left[i]);
		benchrow(name, f, "ns");
		benchgoal(name, f, "ns", "page-pair", pair, fewpairs.goal);
		freepages(taken);
	}
	if (pagesfree() != n)
		exit(1);
	bytemapcheck();
}

static Confmem bank;

/* Pages over the machine's first size bytes, one bank; how long that took. */
static double
up(size_t size)
{
	bank = (Confmem){0, size / BY2PG, 0, 0};
	conf = (Conf){.mem = &bank,
	    .nmem = 1,
	    .npage = size / BY2PG,
	    .upages = size / BY2PG};
	stage = SXALLOC;
	double start = benchnow();
	preallocpages();
	stage = SPREALLOC;
	pageinit();
	double end = benchnow();
	stage = SPAGES;
	return end - start;
}

/* Start-up, for which there is a goal in time and one in memory. */
static void
benchup(void)
{
	static const size_t sizes[] = {GiB, 64 * GiB, TiB, 4 * TiB};
	const Figure limit = {100, 100, 100}; /* us */
	const Figure memory = {256, 256, 256};
	Figure f = {0};

	for (size_t s = 0; s < nelem(sizes); s++) {
		double t[NROUND];
		char name[64];

		for (int r = 0; r < NROUND; r++) {
			hostmachine(0, sizes[s], sizes[s], 2);
			t[r] = up(sizes[s]) / 1000;
			if (r + 1 < NROUND)
				pagefini();
		}
		f = figure(t);
		snprintf(name, sizeof name, "page-up %zuG",
		    (size_t)(sizes[s] / GiB));
		benchrow(name, f, "us");
		if (s + 1 < nelem(sizes))
			pagefini();
	}
	Figure mapped = {(double)hostmapped(), 0, 0};
	benchgoal("page-up-4T", f, "us", "100us", limit, 1);
	benchgoal("page-up-4T-touched", mapped, "pages", "1MiB", memory, 1);
	pagefini();
}

/* Opening chunks, on memory the host has already given us. */
static void
benchopen(void)
{
	enum { SIZE = 64 << 20 };
	double t[NROUND];

	for (int r = 0; r < NROUND; r++) {
		hostmachine(0, SIZE, SIZE, 2);
		memset(kaddr(0), 1, SIZE);
		up(SIZE);
		double start = benchnow();
		while (newhugepage(2 * MiB, NOCLEAR, 0) != NULL)
			;
		t[r] = (benchnow() - start) / (double)(SIZE / BY2PG);
		pagefini();
	}
	benchrow("page-open, each of 512 pages", figure(t), "ns");
}

int
main(int argc, char **argv)
{
	Figure pair = {0};

	benchpin(0);
	if (argc < 2) {
		benchup();
		benchopen();
	}
	hostmachine(0, RAM + 64 * MiB, RAM + 64 * MiB, 2);
	up(RAM);
	hosttrust(true);
	array.pages = kaddr(RAM);
	memset(array.pages, 1, NPAGE * sizeof(Page));
	Job all = {.peer = &mem9, .pages = slots, .n = pagesfree() & ~1ull};
	allocall(&all);
	sortpages(&all);
	freeall(&all);
	bytemapcheck();
	for (size_t w = 0; w < nelem(works); w++) {
		if (argc > 1 && strcmp(argv[1], works[w].name) != 0)
			continue;
		Figure f = bench(&works[w], all.n);
		if (w == 0)
			pair = f;
	}
	if (pair.median > 0) {
		benchhuge(pair);
		benchchain(all.n);
		benchwhole(all.n);
		benchfew(pair);
	}
	return 0;
}
