/*
 * link.c - a free block's links and last word, for others than hole.c; and what
 * is said of those that were written to.
 */
#include "link.h"
#include "hooks.h"

void
badlink(Holes *h, const Block *b)
{
	holepanic(h,
	    "free block %p: something wrote to its links, or its neighbour's",
	    (const void *)b);
}

void
badsize(Holes *h, const Block *b)
{
	holepanic(h, "free block %p: its end says otherwise, not %#jx",
	    (const void *)b, (uintmax_t)b->bits);
}

Block *
blockbelow(Holes *h, const Block *b)
{
	size_t size = lastword((uintptr_t)b);
	Block *below = (Block *)((uintptr_t)b - size);

	if (!canbe(h, below) || below >= b || blocksize(below) != size ||
	    (below->bits & BUSY) != 0)
		holepanic(h,
		    "block %p: the end of the free one below says %#jx bytes",
		    (const void *)b, (uintmax_t)size);
	return below;
}

void
blocksetlink(Block *b, const Block *next)
{
	setnext(b, next);
}

Block *
blocklink(Holes *h, const Block *b)
{
	Block *next = rawnext(b);

	if (next != NULL && !canbe(h, next))
		badlink(h, b);
	return next;
}
