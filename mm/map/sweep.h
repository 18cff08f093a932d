/*
 * sweep.h - overlapping ranges in any order become disjoint runs, at once.
 *
 * Each range is two keys, its ends: the address in the high bits, below it
 * the rank and what kind of end it is. Private to memmap.c and sweep.c.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "runs.h"

enum {
	KEYSHIFT = 8,
	KEYRANK = 0x0f,  /* the rank; NORANK paints nothing */
	KEYCLOSE = 0x10, /* the end of the range, otherwise its start */
	KEYCLAIM = 0x20, /* overlapping another such range is an oddity */
};

_Static_assert((PAMAX << KEYSHIFT) >> KEYSHIFT == PAMAX, "the last end fits");

#define STARTKEY(pa, flags) ((uint64_t)(pa) << KEYSHIFT | (flags))
#define CLOSEKEY(end, flags) STARTKEY(end, (flags) | KEYCLOSE)

/*
 * Paint the ranges of n keys into an empty tree, the higher rank on top; it
 * must have memory for n runs, which they never quite need. Prints a line for
 * each range claimed more than once. The keys are destroyed, and so is what
 * rs has that was never used.
 */
void sweep(uint64_t *key, size_t n, Runs *rs);

#endif
