/*
 * bench.c - the clock, the median and the lines: see bench.h.
 */
#include "bench.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
benchpin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (sched_setaffinity(0, sizeof set, &set) < 0)
		perror("bench: cannot pin to a core");
}

bool
benchwanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

double
benchnow(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
bytime(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

Figure
benchrun(void (*setup)(void *), void (*work)(void *), void *arg, size_t ops)
{
	double t[BENCHRUNS];

	for (int i = 0; i < BENCHRUNS; i++) {
		if (setup != NULL)
			setup(arg);
		double start = benchnow();
		work(arg);
		t[i] = (benchnow() - start) / (double)ops;
	}
	qsort(t, BENCHRUNS, sizeof t[0], bytime);
	return (Figure){t[BENCHRUNS / 2], t[0], t[BENCHRUNS - 1]};
}

void
benchgoal(const char *name, Figure value, const char *unit, const char *against,
    Figure base, double goal)
{
	double ratio = value.median / base.median;

	printf("bench: name=%s value=%.2f unit=%s against=%s ratio=%.2f "
	       "goal=%.2f met=%s\n",
	    name, value.median, unit, against, ratio, goal,
	    ratio <= goal ? "yes" : "no");
}

void
benchrow(const char *name, Figure f, const char *unit)
{
	printf("%-32s %10.2f %-4s (%.2f - %.2f)\n", name, f.median, unit, f.min,
	    f.max);
}

uint64_t
benchrandom(uint64_t *seed)
{
	uint64_t x = *seed += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}
