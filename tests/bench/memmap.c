/*
 * memmap.c - building the map, and allocating from it, timed.
 *
 * Building is measured against a plain quicksort of the 2N ends of the same
 * ranges; few ranges are built many times, from others each time, or branch
 * prediction would learn them. 64 sorted disjoint ones are measured against
 * what 9front does with them: note entries, qsort, one pass that merges.
 *
 * needs: tests/host/bench.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "hooks.h"
#include "host.h"
#include "memmap.h"
#include "stage.h"

enum { MAXRANGES = 65536, ALIVE = 50000, MIXOPS = 100000 };

typedef struct Range Range;
struct Range {
	paddr_t pa;
	size_t size;
	enum memtype type;
};

/* One run is reps maps of n ranges, others for each. */
typedef struct Build Build;
struct Build {
	size_t n;
	size_t reps;
	size_t runs; /* in the last map, by the plain sweep */
	size_t ram;  /* bytes of them that are RAM */
};

typedef struct Entry Entry;
struct Entry {
	uint64_t pa;
	uint64_t size;
	uint64_t type;
};

static Range range[MAXRANGES];
static uint64_t end[2 * MAXRANGES];
static Entry entry[MAXRANGES];
static size_t nentry;
static Lock entrylock;
static uint64_t seed = 1;
static void *table;
static size_t tablesize;

/* As many maps of n ranges as there is place for. */
static void
randomranges(size_t n)
{
	for (size_t i = 0; i < MAXRANGES; i++) {
		range[i].pa = benchrandom(&seed) % (n * 16) * BY2PG;
		range[i].size = (1 + benchrandom(&seed) % 64) * BY2PG;
		range[i].type = (enum memtype)(benchrandom(&seed) % NMEMTYPE);
	}
}

static void
sortedranges(size_t n)
{
	for (size_t i = 0; i < MAXRANGES; i++)
		range[i] = (Range){i % n * 16 * BY2PG, 8 * BY2PG,
		    i % 2 == 0 ? MemRAM : MemReserved};
}

static void
swap(uint64_t *a, uint64_t *b)
{
	uint64_t t = *a;

	*a = *b;
	*b = t;
}

/* Quicksort, middle of three, insertion below 16: what anyone would write. */
static void
plainsort(uint64_t *a, size_t n)
{
	while (n > 16) {
		size_t m = n / 2;

		if (a[m] < a[0])
			swap(&a[m], &a[0]);
		if (a[n - 1] < a[0])
			swap(&a[n - 1], &a[0]);
		if (a[n - 1] < a[m])
			swap(&a[n - 1], &a[m]);
		uint64_t pivot = a[m];
		size_t i = 0;
		size_t j = n - 1;

		for (;;) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&a[i++], &a[j--]);
		}
		plainsort(a, i);
		a += i;
		n -= i;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 && a[j - 1] > a[j]; j--)
			swap(&a[j - 1], &a[j]);
}

static void
fillends(const Range *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		end[2 * i] = r[i].pa << 8 | r[i].type;
		end[2 * i + 1] = (r[i].pa + r[i].size) << 8 | r[i].type | 16;
	}
}

static void
sortends(void *arg)
{
	const Build *b = arg;

	for (size_t r = 0; r < b->reps; r++) {
		fillends(range + r * b->n, b->n);
		plainsort(end, 2 * b->n);
	}
}

/* Count the runs of the sorted ends, and the bytes of RAM among them. */
static void
plainsweep(Build *b)
{
	size_t open[NMEMTYPE] = {0};
	int last = -1;
	paddr_t at = 0;

	b->runs = 0;
	b->ram = 0;
	for (size_t i = 0; i < 2 * b->n;) {
		paddr_t pa = end[i] >> 8;

		if (last == MemRAM)
			b->ram += pa - at;
		at = pa;
		for (; i < 2 * b->n && end[i] >> 8 == pa; i++)
			open[end[i] & 15] += end[i] & 16 ? -1 : 1;
		int top = NMEMTYPE - 1;

		while (top >= 0 && open[top] == 0)
			top--;
		if (top >= 0 && top != last)
			b->runs++;
		last = top;
	}
}

__attribute__((noinline)) static void
addentry(uint64_t pa, uint64_t size, uint64_t type)
{
	lock(&entrylock);
	if (size != 0 && nentry < MAXRANGES)
		entry[nentry++] = (Entry){pa, size, type};
	unlock(&entrylock);
}

static int
byaddress(const void *a, const void *b)
{
	const Entry *x = a;
	const Entry *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return (x->type > y->type) - (x->type < y->type);
}

/* Note, sort, merge equal neighbours: enough for disjoint ranges. */
static void
entries(void *arg)
{
	const Build *b = arg;

	for (size_t r = 0; r < b->reps; r++) {
		const Range *from = range + r * b->n;
		Entry *to = entry;

		nentry = 0;
		for (size_t i = 0; i < b->n; i++)
			addentry(from[i].pa, from[i].size, from[i].type);
		qsort(entry, nentry, sizeof entry[0], byaddress);
		for (size_t i = 1; i < nentry; i++) {
			if (to->pa + to->size == entry[i].pa &&
			    to->type == entry[i].type)
				to->size += entry[i].size;
			else
				*++to = entry[i];
		}
	}
}

static void
build(void *arg)
{
	const Build *b = arg;

	for (size_t r = 0; r < b->reps; r++) {
		const Range *from = range + r * b->n;

		memmapinit(table, tablesize);
		for (size_t i = 0; i < b->n; i++)
			memmapadd(from[i].pa, from[i].size, from[i].type);
		memmapsettle();
	}
}

/* What was timed must also be right. */
static void
verify(Build *b)
{
	Memtotal t;
	Memrange r;
	size_t runs = 0;

	sortends(b);
	plainsweep(b);
	build(b);
	memmapcheck();
	memmaptotal(&t);
	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end)
		runs++;
	if (t.size[MemRAM] != b->ram || runs != b->runs || t.lost != 0)
		panic("%zu ranges: %zu runs, not %zu; %zu bytes, not %zu", b->n,
		    runs, b->runs, t.size[MemRAM], b->ram);
}

static void
building(size_t n)
{
	Build b = {.n = n, .reps = MAXRANGES / n};
	char name[64];

	randomranges(n);
	verify(&b);
	Figure sort = benchrun(NULL, sortends, &b, 1000 * b.reps);
	Figure us = benchrun(NULL, build, &b, 1000 * b.reps);

	snprintf(name, sizeof name, "memmap-build-%zu", n);
	benchgoal(name, us, "us", "sort-of-the-ends", sort, 2);
}

static void
buildingsorted(void)
{
	Build b = {.n = 64, .reps = MAXRANGES / 64};

	sortedranges(b.n);
	verify(&b);
	Figure base = benchrun(NULL, entries, &b, 1000 * b.reps);
	Figure us = benchrun(NULL, build, &b, 1000 * b.reps);

	benchgoal("memmap-build-64-sorted", us, "us", "9front's-way", base, 1);
}

static bool taken[2 * ALIVE];

/* Take a random page, or give it back if it is taken. */
static void
toggle(size_t npages)
{
	size_t k = benchrandom(&seed) % npages;

	if (taken[k])
		memmapfree(k * BY2PG, BY2PG, MemRAM);
	else if (memmapalloc(k * BY2PG, BY2PG, 0, MemRAM) != k * BY2PG)
		panic("page %zu is not free", k);
	taken[k] = !taken[k];
}

/* n runs, more or less: of 2n pages every other one or two is taken. */
static void
fill(size_t n)
{
	memmapinit(table, tablesize);
	memmapadd(0, 2 * n * BY2PG, MemRAM);
	memset(taken, 0, sizeof taken);
	for (size_t i = 0; i < 10 * n; i++)
		toggle(2 * n);
}

static void
mix(void *arg)
{
	size_t n = *(size_t *)arg;

	for (size_t i = 0; i < MIXOPS; i++)
		toggle(2 * n);
}

/*
 * Ten times as many may cost twice as much: a logarithm grows by 1.37 and 1.27
 * there, and the tree leaves the first caches on the way. A cost that grew like
 * the root would be 3.2 times, like the number 10 times.
 */
static void
allocating(void)
{
	static const size_t n[] = {500, 5000, 50000};
	Figure f[nelem(n)];
	char name[64];

	for (size_t i = 0; i < nelem(n); i++) {
		size_t live = n[i];

		fill(live);
		f[i] = benchrun(NULL, mix, &live, MIXOPS);
		memmapcheck();
		snprintf(name, sizeof name, "memmap-alloc-free-%zu", live);
		if (i == 0)
			benchrow(name, f[i], "ns");
		else
			benchgoal(name, f[i], "ns", "500-live", f[0], 1u << i);
	}
}

static void
aligned(void *arg)
{
	size_t n = *(size_t *)arg;

	for (size_t i = 0; i < MIXOPS; i++) {
		paddr_t pa = memmapalloc(NOADDR, 2 * BY2PG, 2 * BY2PG, MemRAM);
		if (pa != 4 * n * BY2PG)
			panic("%#jx is not where there is one", pa);
		memmapfree(pa, 2 * BY2PG, MemRAM);
	}
}

/* Of n pieces of two pages none starts at an even one, but one far above. */
static Figure
amongpieces(size_t n)
{
	memmapinit(table, tablesize);
	for (size_t i = 0; i < n; i++)
		memmapadd((4 * i + 1) * BY2PG, 2 * BY2PG, MemRAM);
	memmapadd(4 * n * BY2PG, 64 * BY2PG, MemRAM);
	memmapsettle();
	return benchrun(NULL, aligned, &n, MIXOPS);
}

static void
aligning(void)
{
	Figure few = amongpieces(1000);
	Figure many = amongpieces(64000);

	benchrow("memmap-aligned-1000", few, "ns");
	benchgoal("memmap-aligned-64000", many, "ns", "1000", few, 3.0);
}

int
main(void)
{
	benchpin(0);
	hostmachine(0, GiB, GiB, 1);
	stage = SMEMINIT0;
	tablesize = memmapneed(MAXRANGES);
	table = malloc(tablesize);
	memset(table, 0, tablesize);
	buildingsorted();
	building(256);
	building(4096);
	building(65536);
	allocating();
	aligning();
	return 0;
}
