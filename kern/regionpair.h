/*
 * regionpair.h - regions of two maps, and which is which: see regionpair.c.
 */
#ifndef REGIONPAIR_H
#define REGIONPAIR_H

#include "extents.h"

typedef struct Regions Regions;

enum { UNPAIRED = -1 };

/* Flat and by address, each with its partner's index in the other map's. */
struct Regions {
	Extent *region;
	ptrdiff_t *mate; /* or UNPAIRED */
	size_t n;
};

/* Bytes of memory regionpair() needs for at most so many regions. */
size_t regionpairneed(size_t nwas, size_t nnow);

/*
 * Set all mates. work is memory of that many bytes, aligned to 8. False: of
 * some type there was too much to compare, and those of it that are not at the
 * same place in both may lack a partner that they have.
 */
bool regionpair(Regions *was, Regions *now, void *work);

#endif
