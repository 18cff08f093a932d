/*
 * Pages against the least that could be done, and against themselves: on one
 * thread and two, of 2 MiB, in chains, when few are left; how many large ones
 * stay whole; start-up. How they are timed: pagebench.h.
 *
 * needs: tests/host/pagebench.c
 */
#include "bytemap.h"
#include "conf.h"
#include "host.h"
#include "pagebench.h"
#include "percpu.h"
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who is timed, on how many threads, and is called what. */
static const struct {
	const Pagepeer *peer;
	int nthread;
	const char *name;
} runs[] = {
    {&pagefloorplus, 1, "floor+"}, {&pagemem9, 1, "mem9"},
    {&pagemem9, 2, "mem9, two threads"}, {&pagefloor, 1, "floor"},
    {&pageharness, 1, "harness"},
    {&pageharness, 2, "harness, two threads"}, /* which have nothing shared */
};
enum { FLOORPLUS, MEM9, MEM9TWO };

static const Pagework works[] = {
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

static const Pagework hugealloc = {
    "huge-in", {NULL}, allocall, {sortpages, freeall}, 0, false, 3};
static const Pagework hugefree = {
    "huge-out", {allocall, sortpages}, freeall, {NULL}, 0, false, 3};

/* All of them at one kind of work; what it took mem9. */
static Figure
bench(const Pagework *w, size_t npages)
{
	double t[nelem(runs)][NROUND];
	Figure f[nelem(runs)];
	char name[64];

	for (int r = 0; r < NROUND; r++)
		for (size_t i = 0; i < nelem(runs); i++)
			t[i][r] =
			    once(runs[i].peer, w, npages, runs[i].nthread);
	for (size_t i = 0; i < nelem(runs); i++) {
		f[i] = figure(t[i]);
		snprintf(
		    name, sizeof name, "page-%s %s", w->name, runs[i].name);
		benchrow(name, f[i], "ns");
	}
	snprintf(name, sizeof name, "page-%s", w->name);
	benchgoal(name, f[MEM9], "ns", "floor+", f[FLOORPLUS], w->goal);
	snprintf(name, sizeof name, "page-%s-two", w->name);
	benchgoal(name, f[MEM9TWO], "ns", "one-thread", f[MEM9], 0.6);
	bytemapcheck();
	return f[MEM9];
}

/* 2 MiB pages in and out, beside one pair of small ones. */
static void
benchhuge(Figure pair)
{
	const Pagework *work[] = {&hugealloc, &hugefree};
	size_t n = pagesfree() / 512 - 1;
	Figure f;

	for (size_t w = 0; w < nelem(work); w++) {
		double t[NROUND];
		char name[64];

		for (int r = 0; r < NROUND; r++)
			t[r] = once(&pagehuge, work[w], n, 1);
		f = figure(t);
		snprintf(name, sizeof name, "page-%s", work[w]->name);
		benchrow(name, f, "ns");
		benchgoal(name, f, "ns", "page-pair", pair, work[w]->goal);
	}
	bytemapcheck();
}

static void
linkall(Pagejob *j)
{
	for (size_t i = 0; i < j->n; i++)
		pagesetnext(j->pages[i], i + 1 < j->n ? j->pages[i + 1] : NULL);
}

static void
freechain(Pagejob *j)
{
	freepages(j->pages[0]);
}

/* A page in and out, if there is one. */
static void
trypairs(Pagejob *j)
{
	for (size_t i = 0; i < PAIRS / 16; i++) {
		Page *pg = newpage(NOCLEAR, 0);

		*(void *volatile *)j->pages = pg;
		if (pg != NULL)
			putpage(pg);
	}
}

static const Pagework putall = {
    "put", {allocall, sortpages}, freeall, {NULL}, 0, false, 0};
static const Pagework chain = {"free-chain", {allocall, sortpages, linkall},
    freechain, {NULL}, 0, false, 1.3};
static const Pagework fewpairs = {
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
			t[0][r] = once(&pagemem9, &putall, npages, nthread);
			t[1][r] = once(&pagemem9, &chain, npages, nthread);
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
	Pagejob j = {
	    .peer = &pagemem9, .pages = benchslots, .n = npages, .seed = 1};
	size_t n = 0;

	allocall(&j);
	shuffle(&j);
	j.n /= 2;
	for (size_t i = j.n; i < npages; i++)
		putpage(benchslots[i]);
	for (size_t i = 0; i < 8; i++) {
		Pagejob part = j;

		shuffle(&j);
		part.n = j.n / 2;
		freeall(&part);
		allocall(&part);
	}
	pagecpugone(thiscpu()); /* what waits here is nobody's whole page */
	size_t most = pagesfree() / 512;
	void **whole = benchslots + j.n;
	while ((whole[n] = newhugepage(2 * MiB, NOCLEAR, 0)) != NULL)
		n++;
	printf("page-whole-aged                  %10zu of %zu\n", n, most);
	while (n > 0)
		puthugepage(whole[--n]);
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
			t[r] = once(&pagemem9, &fewpairs, 2, 2);
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
	hostmachine(0, BENCHRAM + 64 * MiB, BENCHRAM + 64 * MiB, 2);
	up(BENCHRAM);
	hosttrust(true);
	memset(kaddr(BENCHRAM), 1, BENCHPAGES * sizeof(Page));
	benchfloor(kaddr(BENCHRAM));
	Pagejob all = {
	    .peer = &pagemem9, .pages = benchslots, .n = pagesfree() & ~1ull};
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
