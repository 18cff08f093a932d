/*
 * arenaback.c - how the pools' memory goes back where it came from (arena.c).
 *
 * An arena with nothing in it goes whole; of the others, the holes that are
 * worth it: xalloc's to xalloc, which makes two arenas of one, the pages of a
 * mapped one to the page allocator.
 *
 *	[r ... |edge  end|  gone  ][above ...
 *	                 unmapped
 *
 * Addresses that were unmapped, and the pages, are out of use until all CPUs
 * have dropped their translations. Meanwhile they are noted as gone, with the
 * region that ends where they start; those of a whole arena, with the pool.
 *
 * Called in a visit of the pool (visit.c), under its lock; xalloc's and the
 * page allocator's locks may be taken below it, never the other way.
 */
#include "page.h"
#include "poolparts.h"
#include "xalloc.h"

enum { GIVEMIN = BY2PG }; /* a hole that goes back to xalloc */

void
arenagoes(Pool *pool, Region *r, Page *pages, uintptr_t end)
{
	if (r->gone != NULL) {
		Page *last = pages;
		while (pagenext(last) != NULL)
			last = pagenext(last);
		pagesetnext(last, r->gone);
		end = MAX(end, r->goneend);
	}
	pagesetdaddr(pages, pool->epoch);
	r->gone = pages;
	r->goneend = end;
	pool->due = true;
}

/*
 * r, which is not the spare one, leaves the pool; and if it is mapped, its
 * pages, which are returned.
 */
static Page *
drop(Pool *pool, Region *r)
{
	uintptr_t p = (uintptr_t)r;
	uintptr_t edge = r->edge;
	bool mapped = r->mapped;

	holeremove(&pool->holes, r);
	pool->size -= edge - p;
	return mapped ? unmappages(p, edge) : NULL;
}

/* Is r one whole arena, nothing of which is gone? */
static bool
iswhole(const Region *r)
{
	return !r->mapped ||
	       (r->gone == NULL && r->reserved == r->end - (uintptr_t)r);
}

bool
arenacango(const Pool *pool, const Region *r)
{
	if (!holeempty(r))
		return false;
	if (r->mapped && r->reserved == 0)
		return true;
	return iswhole(r) && (!r->mapped || pool->gone.pages == NULL);
}

void
arenago(Pool *pool, Region *r)
{
	uintptr_t p = (uintptr_t)r;
	uintptr_t end = r->end;
	Region *below = r->prev;
	bool part = r->mapped && r->reserved == 0;
	Page *gone = r->gone;
	uintptr_t goneend = r->goneend;
	Page *pages = drop(pool, r);

	if (pages == NULL)
		xfree((void *)p);
	else if (part) {
		if (gone != NULL)
			arenagoes(pool, below, gone, goneend);
		arenagoes(pool, below, pages, end);
	} else {
		pagesetdaddr(pages, pool->epoch);
		pool->gone = (Gone){pages, (void *)p, end - p};
		pool->due = true;
	}
}

/* Was it unmapped before the epoch began? */
static bool
before(const Page *gone, size_t epoch)
{
	return gone != NULL && pagedaddr(gone) < epoch;
}

void
arenasettle(Pool *pool, size_t epoch)
{
	Gone *g = &pool->gone;
	Region *next = NULL;

	if (before(g->pages, epoch)) {
		freemapped(g->pages);
		unreserverange(g->p, g->size);
		g->pages = NULL;
	}
	for (Region *r = pool->holes.regions; r != NULL; r = next) {
		next = r->next;
		if (before(r->gone, epoch)) {
			freemapped(r->gone);
			r->gone = NULL;
			holeextend(&pool->holes, r, r->goneend - r->end);
		}
		/* also one that had to wait until another had gone */
		if (r->mapped && r != pool->spare && arenacango(pool, r))
			arenago(pool, r);
	}
}

/* The hole b in an arena of xalloc's goes back, and the arena is two. */
static bool
givehole(Pool *pool, Region *r, Block *b, Region **next)
{
	uintptr_t low = (uintptr_t)b + BLOCKHDR;
	uintptr_t high = (uintptr_t)blockabove(b) - sizeof *r;

	if (blocksize(b) < GIVEMIN)
		return false;
	if (blockabove(b) == r->fence)
		high = r->end;
	holecut(&pool->holes, r, b, low, high);
	pool->size -= high - low;
	*next = r->next;
	if (holeempty(r)) {
		low = (uintptr_t)r;
		drop(pool, r);
	}
	xgive(r, (void *)low, (void *)high);
	return true;
}

/* p up to a multiple of the page that is mapped there. */
static uintptr_t
pageup(uintptr_t p, uintptr_t edge)
{
	p = PGROUND(p);
	return p >= edge ? p : ROUNDUP(p, mappedsize(p));
}

static uintptr_t
pagedown(uintptr_t p)
{
	return ROUNDDOWN(p, mappedsize(p));
}

/* The pages that lie wholly in the hole b of a mapped arena go back. */
static bool
unmaphole(Pool *pool, Region *r, Block *b, Region **next)
{
	uintptr_t edge = r->edge;
	uintptr_t end = r->end;
	uintptr_t up = (uintptr_t)blockabove(b);
	uintptr_t low = pageup((uintptr_t)b + BLOCKHDR, edge);
	uintptr_t high = end;

	if (low - BLOCKHDR != (uintptr_t)b &&
	    low - BLOCKHDR - (uintptr_t)b < MINBLOCK)
		low = pageup(low + 1, edge);
	if (blockabove(b) != r->fence) {
		high = pagedown(up - sizeof *r);
		if (high > low && high + sizeof *r != up &&
		    up - high - sizeof *r < MINBLOCK)
			high = pagedown(high - 1);
		edge = high;
	}
	if (low >= edge)
		return false;
	Region *above = holecut(&pool->holes, r, b, low, high);
	if (above != NULL)
		r->gone = NULL; /* it is above's */
	*next = r->next;
	pool->size -= edge - low;
	arenagoes(pool, r, unmappages(low, edge), high);
	return true;
}

/* Give back a hole of r; *next is then what comes behind it. */
static bool
giveone(Pool *pool, Region *r, Region **next)
{
	Block *b = (Block *)(r + 1);

	for (; b != r->fence; b = blockabove(b)) {
		if (b->bits & BUSY)
			continue;
		if (r->mapped ? unmaphole(pool, r, b, next)
			      : givehole(pool, r, b, next))
			return true;
	}
	return false;
}

/*
 * The blocks are only walked if anything became free since they were last: what
 * could not go back then cannot go now.
 */
bool
arenacompact(Pool *pool)
{
	bool changed = pool->holes.nfreed != pool->compacted;
	Region *next = NULL;
	bool any = false;

	pool->spare = NULL;
	pool->due |= pool->gone.pages != NULL;
	for (Region *r = pool->holes.regions; r != NULL; r = next) {
		next = r->next;
		pool->due |= r->gone != NULL;
		if (arenacango(pool, r))
			arenago(pool, r);
		else if (holeempty(r) && iswhole(r))
			; /* when the one before has gone: arenasettle */
		else if (!changed || !giveone(pool, r, &next))
			continue;
		any = true;
	}
	pool->compacted = pool->holes.nfreed;
	return any || pool->due;
}
