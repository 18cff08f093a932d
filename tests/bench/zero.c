/*
 * Clearing a page: is the way that zerochoice names the best there is?
 *
 * A hot page is one of a few that are cleared over and over, a cold one the
 * next of more than any cache holds.
 *
 * needs: arch/amd64/zero.c tests/host/bench.c
 */
#include "bench.h"
#include "../../arch/amd64/zero.h"

#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define COLDSIZE (1 * GiB)

enum { NHOT = 4, HOTOPS = 100000, NROUND = 9 };
static const char *const wayname[NZERO] = {"rep-stosb", "movnti", "clzero"};

static uint8_t *mem;
static bool clzero;

static double
hot(int way)
{
	double start = benchnow();

	for (size_t i = 0; i < HOTOPS; i++)
		zerowith((enum zero)way, mem + i % NHOT * BY2PG, BY2PG);
	return (benchnow() - start) / HOTOPS;
}

static double
cold(int way)
{
	double start = benchnow();

	for (size_t i = 0; i < COLDSIZE; i += BY2PG)
		zerowith((enum zero)way, mem + i, BY2PG);
	return (benchnow() - start) / (double)(COLDSIZE / BY2PG);
}

static double
huge(int way)
{
	double start = benchnow();

	for (size_t i = 0; i < COLDSIZE; i += 2 * MiB)
		zerowith((enum zero)way, mem + i, 2 * MiB);
	return (benchnow() - start) / (double)(COLDSIZE / BY2PG);
}

static void
verify(const char *name, int way, size_t size)
{
	if (mem[0] != 0 || memcmp(mem, mem + 1, size - 1) != 0) {
		fprintf(stderr, "bench: %s by %s left something\n", name,
		    wayname[way]);
		exit(1);
	}
}

static int
bytime(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
compare(const char *name, double (*work)(int way), size_t size, enum heat heat)
{
	double t[NZERO][NROUND];
	Figure f[NZERO];
	int best = ZEROREP;

	for (int r = 0; r < NROUND; r++)
		for (int way = 0; way < NZERO; way++) {
			if (way == ZEROCLZERO && !clzero)
				continue;
			memset(mem, 0xff, size);
			t[way][r] = work(way);
			verify(name, way, size);
		}
	for (int way = 0; way < NZERO; way++) {
		char row[64];

		if (way == ZEROCLZERO && !clzero)
			continue;
		qsort(t[way], NROUND, sizeof t[way][0], bytime);
		f[way] =
		    (Figure){t[way][NROUND / 2], t[way][0], t[way][NROUND - 1]};
		snprintf(row, sizeof row, "%s %s", name, wayname[way]);
		benchrow(row, f[way], "ns");
		if (f[way].median < f[best].median)
			best = way;
	}
	benchgoal(name, f[zerochoice(heat, clzero)], "ns", wayname[best],
	    f[best], 1.1);
}

int
main(void)
{
	unsigned a, b, c, d;

	benchpin(0);
	clzero = __get_cpuid(0x80000008, &a, &b, &c, &d) && (b & 1) != 0;
	mem = mmap(NULL, COLDSIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return 1;
	memset(mem, 1, COLDSIZE);
	compare("zero-hot", hot, NHOT * BY2PG, HOT);
	compare("zero-cold", cold, COLDSIZE, COLD);
	compare("zero-cold-2m", huge, COLDSIZE, COLD);
	return 0;
}
