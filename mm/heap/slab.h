/*
 * slab.h - a slab and its slots: where they are, and if they are what they
 * seem.
 *
 * Private to slab.c and slabcheck.c.
 */
#ifndef SLAB_H
#define SLAB_H

#include "poolparts.h"

/* Is s, which may be anything, a slab of the pool and class, and sound? */
bool slabis(Pool *pool, const Slab *s, unsigned class);

/* Stop, with the lock let go, if it is none. */
void slabmustbe(Pool *pool, const Slab *s, unsigned class);

/* Stop: p is free, and its tag is not as it was left. */
_Noreturn void slotnotatrest(Pool *pool, const void *p);

/* How large are its slabs? */
static inline size_t
slabsize(unsigned class)
{
	return slotsizes[class] <= SLOTSMALL ? SLABSMALL : SLABLARGE;
}

/* The slab that p, a block of the class, is in. */
static inline Slab *
slabof(const void *p, unsigned class)
{
	return blockmem((Block *)ROUNDDOWN((uintptr_t)p, slabsize(class)));
}

static inline Block *
slabblock(Slab *s)
{
	return memblock(s);
}

static inline void *
slotat(Slab *s, size_t i)
{
	return (uint8_t *)slabblock(s) + s->base + i * slotsizes[s->class] +
	       TAGSIZE;
}

#endif
