/*
 * xlists.h - all there is to know about xalloc. Private to xalloc.c, which
 * hands out, and xbank.c, which finds memory.
 */
#ifndef XLISTS_H
#define XLISTS_H

#include "types.h"
#include "hole.h"
#include "hooks.h"

enum {
	NQUICK = 520, /* sizes of blocks that may be quick, in GRAINs */
	QUICKMAX = 8  /* quick blocks of one size */
};

typedef struct Xlists Xlists;

/*
 * Quick blocks are free, but not joined with their neighbours yet: who asks
 * for their very size next has them at once.
 */
struct Xlists {
	Lock lock; /* of all of it */
	Holes holes;
	Block *quick[NQUICK];
	uint8_t nquick[NQUICK];
	size_t nallquick;
	size_t nbad; /* pages left out */
};

extern Xlists xlists;

#endif
