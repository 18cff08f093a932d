/*
 * bench.h - timing on this host: medians of several runs, pinned to a core.
 *
 * Times drift between machines and minutes, so a goal is always a ratio of two
 * figures of one run. Whoever is timed must also be verified: a benchmark that
 * passes with a broken allocator is a defect.
 */
#ifndef BENCH_H
#define BENCH_H

#include "types.h"

typedef struct Figure Figure;

/* Nanoseconds per operation over the runs. */
struct Figure {
	double median;
	double min;
	double max;
};

enum { BENCHRUNS = 9 };

/* The calling thread stays on this core. */
void benchpin(int core);

/* Is it to be run? What the arguments name is; all, if they name nothing. */
bool benchwanted(int argc, char **argv, const char *name);

/* Nanoseconds now, monotonic. */
double benchnow(void);

/*
 * Time work(arg) BENCHRUNS times, setup(arg) (may be NULL) untimed before
 * each; ops is how many operations one run does.
 */
Figure benchrun(
    void (*setup)(void *), void (*work)(void *), void *arg, size_t ops);

/*
 * Print "bench: name=… value=… unit=… against=… ratio=… goal=… met=yes|no";
 * ratio is value over that of against, met if it is at most goal.
 */
void benchgoal(const char *name, Figure value, const char *unit,
    const char *against, Figure base, double goal);

/* A table row: name, median and spread. */
void benchrow(const char *name, Figure f, const char *unit);

/* A fast repeatable random number. */
uint64_t benchrandom(uint64_t *seed);

#endif
