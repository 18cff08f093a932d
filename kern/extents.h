/*
 * extents.h - lists of extents, sorted and disjoint: see extents.c.
 */
#ifndef EXTENTS_H
#define EXTENTS_H

#include "mapdiff.h"

/* Linux's numbers for e820; NOTYPE: Linux leaves it out. */
#define E820SOFT 0xefffffffu
enum {
	NOTYPE = 0,
	E820RAM = 1,
	E820RESERVED = 2,
	E820ACPI = 3,
	E820NVS = 4,
	E820UNUSABLE = 5,
	E820PMEM = 7,
	E820PRAM = 12,
};

/*
 * The list without overlaps, into out, which has room for twice as many;
 * neighbours that are the same become one. Returns how many there are.
 */
size_t extentsflatten(Extent *out, Mapside *side);

/*
 * A flat list with other types into out, which may be in: neighbours that
 * become the same are one. become() is false for what is left out.
 */
typedef bool Become(enum mapview view, const Extent *e, uint32_t *type);
size_t extentsfold(
    Extent *out, const Extent *in, size_t n, enum mapview view, Become *become);

/* To be Linux's entries, and to be regions: see mapdiff.h. */
Become becomelinux;
Become becomeregion;

#endif
