/*
 * places.h - the addresses that segments have: each of these is one step for
 * whoever looks at them meanwhile.
 */
#ifndef PLACES_H
#define PLACES_H

#include "proc.h"

/* s is p's nth segment, unless p has another one there; there is none. */
bool placeseg(Proc *p, int n, Segment *s);
void unplaceseg(Proc *p, int n);

/* s, locked, ends there, unless one of those who use it has another there. */
bool placetop(Segment *s, uintptr_t top);

#endif
