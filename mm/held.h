/*
 * held.h - how long a lock is held, by the hook ticks().
 *
 * Written with the lock held, and read so. Where there is no clock all of it
 * stays 0.
 */
#ifndef HELD_H
#define HELD_H

#include "types.h"
#include "hooks.h"

typedef struct Held Held;

struct Held {
	uint64_t since; /* now held, if it is */
	uint64_t longest;
	uint64_t total;
};

/* The lock was just taken; and is about to be let go. */
static inline void
heldnow(Held *h)
{
	if (HASTICKS)
		h->since = ticks();
}

static inline void
heldnomore(Held *h)
{
	if (!HASTICKS)
		return;
	uint64_t t = ticks() - h->since;

	h->longest = MAX(h->longest, t);
	h->total += t;
}

#endif
