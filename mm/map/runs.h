/*
 * runs.h - the physical address space as disjoint runs, in address order.
 *
 * A balanced tree that memmap.c keeps its result in: finding an address, the
 * lowest run that fits and changing a range all cost O(log runs).
 */
#ifndef RUNS_H
#define RUNS_H

#include "memmap.h"

/*
 * What a run is: its type, and whether it is handed out. A higher rank wins
 * over a lower one, so an allocated run outranks every type.
 */
enum {
	ALLOCATED = 8,
	NRANK = ALLOCATED + NMEMTYPE,
	NORANK = 15, /* a gap: nothing is known there */
	TYPEMASK = ALLOCATED - 1,
};

typedef struct Run Run;
typedef struct Runs Runs;

/* [pa, end) of one rank, and what the tree needs to know below it. */
struct Run {
	paddr_t pa;
	paddr_t end;
	size_t
	    most[NMEMTYPE]; /* longest free run of each type, here and below */
	Run *left;
	Run *right;
	uint32_t count; /* runs here and below */
	uint32_t rank;
};

/* All zero is empty, without memory for any run. */
struct Runs {
	Run *root;
	Run *fresh; /* [fresh, limit) was never used */
	Run *limit;
	Run *freed;   /* used and given back, chained by left */
	size_t nroom; /* how many more runs there is memory for */
	uint64_t seed;
};

/* Memory for more runs, for good. Aligned to 8 bytes. */
void runsgrow(Runs *rs, void *p, size_t size);

/* Take back size bytes never used for a run, or NULL if there are not. */
void *runsspare(Runs *rs, size_t size);

/*
 * Make [pa, end) one run of this rank whatever was there; equal neighbours
 * become one. -1, and nothing changed, if that takes more runs, two at most,
 * than there is memory for. A run painted as a whole takes none.
 */
int runspaint(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank);

/*
 * Fill an empty tree: append runs in ascending order, each needing nroom >= 1,
 * then balance once, first being what fresh was before. Nothing else may come
 * between.
 */
void runsappend(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank);
void runsbalance(Runs *rs, Run *first);

/* The run that holds pa; the first that starts after pa; or NULL. */
Run *runat(const Runs *rs, paddr_t pa);
Run *runafter(const Runs *rs, paddr_t pa);

/* The lowest run that holds pa or starts after it, or NULL. */
Run *runfrom(const Runs *rs, paddr_t pa);

/*
 * The lowest free run of this type that has size bytes from a multiple of
 * align (a power of two) on, or NULL; after many that are large enough, but
 * not so aligned, the lowest that is so large that it fits wherever it lies.
 */
Run *runfit(const Runs *rs, size_t size, size_t align, enum memtype type);

/* Panic unless sorted, disjoint, coalesced, and counted right. O(runs). */
void runscheck(const Runs *rs);

#endif
