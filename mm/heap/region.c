/*
 * region.c - where hole.c's blocks lie: regions that open from below, and their
 * seams.
 *
 * A region opens from below as it is needed: what opens it (a probe, a page
 * mapped) is the user's. Memory that must not be used is a block nobody frees,
 * its header in the good memory below.
 */
#include "hole.h"
#include "hooks.h"
#include "../checking.h"

_Static_assert(sizeof(Region) % GRAIN == 0, "blocks follow the header");

/* b, the header behind which memory ends for the moment. */
static void
setfence(Region *r, Block *b, size_t flags)
{
	b->bits = BUSY | flags;
	b->tag = 0;
	r->fence = b;
}

Region *
holebelow(Holes *h, const void *p)
{
	Region *below = NULL;

	for (Region *r = h->regions; r != NULL && (void *)r < p; r = r->next)
		below = r;
	return below;
}

Region *
holeregion(Holes *h, void *p, size_t minimum, size_t size)
{
	Region *r = p;

	Region *below = holebelow(h, p);

	memshow(p, MINREGION);
	*r = (Region){.prev = below,
	    .next = below != NULL ? below->next : h->regions,
	    .fence = regionfirst(r),
	    .edge = (uintptr_t)p + MINREGION,
	    .end = (uintptr_t)p + size};
	setfence(r, r->fence, FIRST);
	if (r->next != NULL)
		r->next->prev = r;
	if (below != NULL)
		below->next = r;
	else
		h->regions = r;
	h->low = h->low == 0 ? (uintptr_t)r : MIN(h->low, (uintptr_t)r);
	h->high = MAX(h->high, r->end);
	h->closed += size - MINREGION;
	if (minimum > MINREGION)
		holeopen(h, r, minimum - MINREGION, GOOD);
	return r;
}

/*
 *	... ][fence|		before, edge behind it
 *	... ][ freed block    ][fence|
 *
 * After bad memory the old fence is the header of a block that holds it.
 */
void
holeopen(Holes *h, Region *r, size_t size, enum openas as)
{
	Block *b = r->fence;
	uintptr_t start = r->edge;

	r->edge += size;
	h->closed -= size;
	if (as == BAD)
		return;
	memshow((void *)start, size);
	if (start == (uintptr_t)b + BLOCKHDR)
		start = (uintptr_t)b;
	else {
		b->bits += start - (uintptr_t)b;
		b = (Block *)start;
		b->bits = BUSY;
	}
	size_t flags = b->bits & (PREVFREE | FIRST);
	Block *fence = (Block *)(r->edge - BLOCKHDR);
	setfence(r, fence, 0);
	b->bits = ((uintptr_t)fence - (uintptr_t)b) | flags | BUSY;
	b->tag = 0;
	holefree(h, b);
}

void
holeextend(Holes *h, Region *r, size_t size)
{
	r->end += size;
	h->high = MAX(h->high, r->end);
	h->closed += size;
}

void
holeshrink(Holes *h, Region *r, uintptr_t end)
{
	h->closed -= r->end - end;
	r->end = end;
}

static void
dropregion(Holes *h, Region *r)
{
	if (r->next != NULL)
		r->next->prev = r->prev;
	if (r->prev != NULL)
		r->prev->next = r->next;
	else
		h->regions = r->next;
}

/*
 *	r ... ][fence|[header of above][ first block ...
 *	r ... ][ a freed block        ][ ...
 *
 * If bad pages end r the block is not freed: it keeps them.
 */
void
holejoin(Holes *h, Region *r, Region *above)
{
	Block *seam = r->fence;
	Block *first = regionfirst(above);

	dropregion(h, above);
	first->bits &= ~(size_t)FIRST;
	seam->bits = ((uintptr_t)first - (uintptr_t)seam) | BUSY |
		     (seam->bits & (PREVFREE | FIRST));
	bool whole = regionatedge(r); /* no bad pages before the seam */
	r->fence = above->fence;
	r->edge = above->edge;
	r->end = above->end;
	if (whole)
		holefree(h, seam);
}

/* [b, end), which was free, is again, up to a busy block; or it is nothing. */
static void
keepfree(Holes *h, Block *b, uintptr_t end, size_t flags)
{
	size_t size = end - (uintptr_t)b;
	Block *up = (Block *)end;

	if (size == 0) {
		__atomic_store_n(&up->bits, (up->bits & ~PREVFREE) | flags,
		    __ATOMIC_RELAXED);
		return;
	}
	b->bits = size | BUSY | flags;
	holefree(h, b);
}

/*
 *	r ... ][ b                                   ][ up ...
 *	r ... ][free][fence|low     high|[header][free][ up ...
 */
Region *
holecut(Holes *h, Region *r, Block *b, uintptr_t low, uintptr_t high)
{
	Block *up = blockabove(b);
	Region *above = NULL;
	size_t flags = b->bits & FIRST;

	holetake(h, b);
	if (high != r->end) {
		above = (Region *)high;
		*above = *r;
		above->prev = r;
		above->reserved = 0;
		if (above->next != NULL)
			above->next->prev = above;
		r->next = above;
		keepfree(h, regionfirst(above), (uintptr_t)up, FIRST);
	} else
		h->closed -= r->end - r->edge;
	setfence(r, (Block *)(low - BLOCKHDR), 0);
	r->edge = r->end = low;
	keepfree(h, b, (uintptr_t)r->fence, flags);
	return above;
}

bool
holeempty(const Region *r)
{
	Block *b = (Block *)(r + 1);

	return b == r->fence ||
	       ((b->bits & BUSY) == 0 && blockabove(b) == r->fence);
}

void
holeremove(Holes *h, Region *r)
{
	if (!holeempty(r))
		holepanic(h, "region %p: not all of it is free", (void *)r);
	if (regionfirst(r) != r->fence)
		holetake(h, regionfirst(r));
	h->closed -= r->end - r->edge;
	dropregion(h, r);
}

uintptr_t
holetail(Holes *h, Region *r)
{
	if (!regionatedge(r))
		return r->edge;
	if (r->fence->bits & PREVFREE)
		return (uintptr_t)blockbelow(h, r->fence);
	return (uintptr_t)r->fence;
}

/* Open memory until w has a place at some region's edge, or cannot. */
static enum opened
openmore(Holes *h, const Want *w)
{
	if (h->closed == 0)
		return CLOSED;
	for (Region *r = h->regions; r != NULL; r = r->next) {
		uintptr_t at = wantplace(w, holetail(h, r), r->end - BLOCKHDR);
		uintptr_t edge = at + wantsize(w); /* the fence's end */
		if (at == 0 || edge <= r->edge)
			continue;
		enum opened how = h->more(r, at, MIN(edge, r->end));
		if (how != CLOSED)
			return how;
	}
	return CLOSED;
}

Block *
holealloc(Holes *h, const Want *w)
{
	Block *b = holetry(h, w);

	while (b == NULL) {
		enum opened how = openmore(h, w);
		if (how == LATER)
			return NULL;
		if (how == CLOSED)
			return holetryall(h, w);
		b = holetry(h, w);
	}
	return b;
}

Region *
holelast(Holes *h, Block *b)
{
	Block *up = blockabove(b);
	Region *r = h->regions;

	if ((up->bits & BUSY) == 0)
		up = blockabove(up);
	if (blocksize(up) != 0)
		return NULL;
	while (r->fence != up)
		r = r->next;
	return regionatedge(r) ? r : NULL;
}

size_t
holeneeds(const Region *r, const Block *b, size_t size)
{
	return (uintptr_t)b + BLOCKHDR + ROUNDUP(size + BLOCKHDR, GRAIN) -
	       r->edge;
}

int
holegrow(Holes *h, Block *b, size_t size)
{
	if (holeresize(h, b, size) == 0)
		return 0;
	Region *r = h->closed == 0 ? NULL : holelast(h, b);
	if (r == NULL)
		return -1;
	size_t need = holeneeds(r, b, size);
	if (need > r->end - r->edge ||
	    h->more(r, (uintptr_t)blockmem(b), r->edge + need) != OPENED)
		return -1;
	return holeresize(h, b, size);
}
