/*
 * slabcheck.c - every slot of every slab proved: the slabs' part of
 * poolcheck().
 *
 * A slot is out, or waits in a magazine, or is free in its slab's map; its ends
 * say the same. A slab with a free slot is on its class's list, or is the one
 * kept whole; no other is.
 */
#include "slab.h"

/*
 * Panic unless p's ends are whole: of a slot that is handed out, or waits in a
 * magazine, or else is free.
 */
static void
checkslot(Pool *pool, const Slab *s, const void *p, bool free)
{
	uint64_t parts = tagparts(p);

	if (tagatrest(parts, pool->kind, s->class))
		return;
	if (free)
		slotnotatrest(pool, p);
	if (!taglive(parts, pool->kind))
		poolpanic(pool, "%p: something wrote below it: tag %#jx", p,
		    (uintmax_t)*tagof(p));
	size_t size = slotsizes[s->class] - SLOTEXTRA - tagslack(parts);
	if (!canaryholds(p, size)) {
		poolletgo(pool);
		canarypanic("poolcheck", p, size);
	}
}

bool
slabcheck(Pool *pool, Slab *s)
{
	unsigned nfree = 0;

	slabmustbe(pool, s, MIN(s->class, NCLASS - 1u));
	for (size_t i = 0; i < s->nslot; i++) {
		bool free = s->map[i / 64] >> i % 64 & 1;
		checkslot(pool, s, slotat(s, i), free);
		nfree += free;
	}
	if (nfree != s->nfree)
		poolpanic(pool, "slab %p: %u free slots, counted %u", (void *)s,
		    s->nfree, nfree);
	return nfree > 0;
}

/* Panic unless what is kept of the class is whole: is there one? */
static bool
wholecheck(Pool *pool, unsigned class)
{
	const Slab *s = pool->whole[class];

	if (s != NULL && (!slabis(pool, s, class) || s->nfree != s->nslot))
		poolpanic(pool, "slab %p of class %u is not whole, but kept",
		    (const void *)s, class);
	return s != NULL;
}

void
slablistscheck(Pool *pool, size_t nslabs)
{
	size_t n = 0;

	for (unsigned class = 1; class < NCLASS; class ++) {
		Slab *prev = NULL;
		for (Slab *s = pool->partial[class]; s != NULL; s = s->next) {
			if (s->pool != pool || s->class != class ||
			    s->nfree == 0 || s->prev != prev)
				poolpanic(pool,
				    "slab %p, %u free slots, is on list %u",
				    (void *)s, s->nfree, class);
			prev = s;
			n++;
		}
		n += wholecheck(pool, class);
	}
	if (n != nslabs)
		poolpanic(pool,
		    "%zu slabs have free slots, %zu are on the lists or kept",
		    nslabs, n);
}
