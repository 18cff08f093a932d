/*
 * link.h - what a free block trusts: its links and its last word, each mixed
 * with the key of its place (secret.h) and proved before it is used.
 *
 * Private to hole.c and link.c.
 */
#ifndef LINK_H
#define LINK_H

#include "hole.h"
#include "secret.h"

/* Stop: b's links, or its header and last word, are not as they were left. */
_Noreturn void badlink(Holes *h, const Block *b);
_Noreturn void badsize(Holes *h, const Block *b);

static inline void
setnext(Block *b, const Block *next)
{
	b->next = (uintptr_t)next ^ keyof((uintptr_t)&b->next);
}

static inline void
setprev(Block *b, const Block *prev)
{
	b->prev = (uintptr_t)prev ^ keyof((uintptr_t)&b->prev);
}

/* What these say, which may be anything. */
static inline Block *
rawnext(const Block *b)
{
	return (Block *)(b->next ^ keyof((uintptr_t)&b->next));
}

static inline Block *
rawprev(const Block *b)
{
	return (Block *)(b->prev ^ keyof((uintptr_t)&b->prev));
}

/* The last word of the block that ends at end, which may be anything too. */
static inline size_t
lastword(uintptr_t end)
{
	return ((const size_t *)end)[-1] ^ keyof(end);
}

static inline void
setlastword(uintptr_t end, size_t size)
{
	((size_t *)end)[-1] = size ^ keyof(end);
}

/* May a header be at b? Else it is not even looked at. */
static inline bool
canbe(const Holes *h, const Block *b)
{
	return (uintptr_t)b % GRAIN == 0 && holehas(h, b);
}

/* Panic unless b is a free block whose two ends agree. */
static inline void
mustbewhole(Holes *h, const Block *b)
{
	size_t size = blocksize(b);

	if ((b->bits & BUSY) != 0 || size < MINBLOCK ||
	    size > h->high - (uintptr_t)b ||
	    lastword((uintptr_t)b + size) != size)
		badsize(h, b);
}

/* The next and the one before on b's list, or NULL: they link back to b. */
static inline Block *
nextof(Holes *h, const Block *b)
{
	Block *next = rawnext(b);

	if (next != NULL && (!canbe(h, next) || rawprev(next) != b))
		badlink(h, b);
	return next;
}

static inline Block *
prevof(Holes *h, const Block *b)
{
	Block *prev = rawprev(b);

	if (prev != NULL && (!canbe(h, prev) || rawnext(prev) != b))
		badlink(h, b);
	return prev;
}

#endif
