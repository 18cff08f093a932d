/*
 * extents.h - lists of extents, sorted and disjoint: see extents.c.
 */
#ifndef EXTENTS_H
#define EXTENTS_H

#include "linuxtype.h"
#include "mapdiff.h"

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

/* The same place, and the same type. */
bool extentequal(const Extent *a, const Extent *b);

/* To be Linux's entries, and to be regions: see mapdiff.h. */
Become becomelinux;
Become becomeregion;

#endif
