/*
 * holewalk.c - who looks at every block of every region: to prove that all is
 * as it must be, to count holes or hand them on, to print those about a place.
 *
 * Memory that is not open yet counts with the hole that it goes on from.
 */
#include "hole.h"
#include "hooks.h"
#include "tag.h"

size_t
holecount(Holes *h)
{
	size_t n = h->nfree;

	for (Region *r = h->regions; r != NULL; r = r->next)
		if (r->edge != r->end &&
		    !(regionatedge(r) && (r->fence->bits & PREVFREE) != 0))
			n++;
	return n;
}

void
holeeach(Holes *h, void (*f)(uintptr_t p, uintptr_t end))
{
	for (Region *r = h->regions; r != NULL; r = r->next) {
		bool closed = r->edge != r->end;
		Block *b = regionfirst(r);
		for (; b != r->fence; b = blockabove(b)) {
			bool last = blockabove(b) == r->fence;
			if ((b->bits & BUSY) == 0 &&
			    !(last && closed && regionatedge(r)))
				f((uintptr_t)b, (uintptr_t)blockabove(b));
		}
		if (closed)
			f(holetail(h, r), r->end - BLOCKHDR);
	}
}

/* Panic unless b is as it must be, the one below it free or not. */
static void
checkblock(Holes *h, Region *r, Block *b, bool belowfree)
{
	size_t size = blocksize(b);

	if (((b->bits & PREVFREE) != 0) != belowfree)
		holepanic(h, "block %p does not know the one below", (void *)b);
	if (((b->bits & FIRST) != 0) != (b == regionfirst(r)))
		holepanic(h, "block %p does not know its place", (void *)b);
	if (b == r->fence) {
		if (size != 0)
			holepanic(h, "fence %p has size %zu", (void *)b, size);
		return;
	}
	if (size < BLOCKHDR || size > (uintptr_t)r->fence - (uintptr_t)b)
		holepanic(h, "block %p has size %zu", (void *)b, size);
	if (b->bits & BUSY)
		return;
	if (belowfree)
		holepanic(h, "free block %p was not joined", (void *)b);
	blockbelow(h, blockabove(b));
}

void
holecheck(Holes *h)
{
	size_t nfree = 0;
	size_t free = 0;
	size_t closed = 0;

	for (Region *r = h->regions; r != NULL; r = r->next) {
		bool belowfree = false;
		for (Block *b = regionfirst(r);; b = blockabove(b)) {
			checkblock(h, r, b, belowfree);
			if (b == r->fence)
				break;
			belowfree = (b->bits & BUSY) == 0;
			nfree += belowfree;
			free += belowfree ? blocksize(b) : 0;
		}
		closed += r->end - r->edge;
	}
	if (nfree != h->nfree || free != h->free || closed != h->closed)
		holepanic(h,
		    "%zu holes of %zu bytes, %zu closed; counted %zu, %zu, "
		    "%zu",
		    h->nfree, h->free, h->closed, nfree, free, closed);
	holechecklists(h);
}

static void
printblock(Block *b)
{
	print("\t%p %zu %s", (void *)b, blocksize(b),
	    b->bits & BUSY ? "busy" : "free");
	uint64_t parts = tagparts(blockmem(b));
	if ((b->bits & BUSY) != 0 && parts >> MARKSHIFT == LIVE)
		print(" owner %#jx", (uintmax_t)tagpc(parts));
	print("\n");
}

void
holearound(Holes *h, const void *p)
{
	for (Region *r = h->regions; r != NULL; r = r->next) {
		if ((uintptr_t)p < (uintptr_t)r || (uintptr_t)p >= r->end)
			continue;
		Block *below = NULL;
		Block *b = regionfirst(r);
		while (
		    b < r->fence && (uintptr_t)blockabove(b) <= (uintptr_t)p) {
			below = b;
			b = blockabove(b);
		}
		print("%p is at %#jx in the block of\n", p,
		    (uintmax_t)((uintptr_t)p - (uintptr_t)b));
		if (below != NULL)
			printblock(below);
		printblock(b);
		if (b < r->fence)
			printblock(blockabove(b));
		return;
	}
	print("%p is in no region\n", p);
}
