/*
 * mtrrs.h - what memory type range registers say, the slow and obvious way,
 * and sets of them that are as bad as can be.
 */
#ifndef MTRRS_H
#define MTRRS_H

#include "mtrr.h"

/* The kind of the byte at pa. */
enum caching mtrrsmodel(const Mtrrs *m, paddr_t pa);

/*
 * Any registers of a CPU of this width, whose ranges are of grain bytes at
 * least (a power of two). Where wild, masks have holes, and bits are set that
 * must not matter; otherwise each range is one piece.
 */
void mtrrsrandom(Mtrrs *m, int physbits, uint64_t grain, bool wild);

#endif
