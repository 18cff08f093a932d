/*
 * arena.c - where the pools' memory comes from; how it goes back: arenaback.c.
 *
 * An arena is one region of its pool's holes. As long as the kernel's share
 * lasts it is a block of xalloc's. After that it is a range of kernel
 * addresses that opens from below by the page: reserverange, kalloc_frame,
 * maprange. Its size grows with the pool, so that a small kernel does not pay
 * for a large one. The last arena that became empty is kept, so that a pool
 * that swings about an arena's edge does not fetch and return it each time.
 *
 * Called in a visit of the pool (visit.c), under its lock; xalloc's and the
 * page allocator's locks may be taken below it, never the other way.
 */
#include "mempoison.h"
#include "page.h"
#include "poolparts.h"
#include "stage.h"
#include "xalloc.h"

enum {
	ARENAMIN = 256 << 10, /* the first arenas of a pool */
	ARENAMAX = 1 << 20,
	ARENAMERGED = 16 << 20, /* no arena of xalloc's grows beyond */
	ARENASHARE = 16,        /* an arena is this part of what the pool has */
	RANGEMIN = 64 << 20,    /* addresses for an arena mapped by the page */
	GAPMIN = 64 << 10       /* left unmapped below what is aligned */
};

Bounds arenabounds[2];
static Lock boundslock; /* to change them */

/*
 * An arena is at p. The size first: who sees the lower start sees at least
 * that size.
 */
static void
widenbounds(void *p, size_t size, bool bypage)
{
	Bounds *b = &arenabounds[bypage];
	uintptr_t low = (uintptr_t)p;
	uintptr_t high = low + size;

	lock(&boundslock);
	if (b->size != 0) {
		low = MIN(low, b->low);
		high = MAX(high, b->low + b->size);
	}
	__atomic_store_n(&b->size, high - low, __ATOMIC_RELAXED);
	__atomic_store_n(&b->low, low, __ATOMIC_RELEASE);
	unlock(&boundslock);
}

static void
account(Pool *pool, size_t size)
{
	pool->size += size;
	pool->max = MAX(pool->max, pool->size);
}

/*
 * Where an arena is mapped for a block at at: from the edge on, or as a region
 * of its own where much would lie below the block that nobody asked for.
 */
static uintptr_t
mapfrom(uintptr_t edge, uintptr_t at)
{
	uintptr_t from = ROUNDDOWN(at - MINREGION - MINBLOCK, BY2PG);

	return from >= edge + GAPMIN ? from : edge;
}

/* From from on, what was r's is a region of its own, mapped up to to. */
static void
splitarena(Pool *pool, Region *r, uintptr_t from, uintptr_t to)
{
	uintptr_t end = r->end;

	holeshrink(&pool->holes, r, from);
	Region *above =
	    holeregion(&pool->holes, (void *)from, to - from, end - from);
	above->user = pool;
	above->mapped = true;
	above->gone = r->gone;
	above->goneend = r->goneend;
	r->gone = NULL;
}

/* Map r up to to, or just enough of it for a block at at. */
static enum opened
mapmore(Region *r, uintptr_t at, uintptr_t to)
{
	Pool *pool = r->user;
	uintptr_t from = mapfrom(r->edge, at);

	to = PGROUND(to);
	enum opened how = visitneeds(pool->visit, 0, from, to, r->end);
	if (how != OPENED)
		return how;
	uintptr_t mapped = mappages(pool->visit, from, to, r->end);
	if (mapped < to) {
		uintptr_t end = r->end;
		if (mapped == from)
			return CLOSED;
		holeshrink(&pool->holes, r, r->edge);
		arenagoes(pool, r, unmappages(from, mapped), end);
		return CLOSED;
	}
	account(pool, mapped - from);
	if (from == r->edge)
		holeopen(&pool->holes, r, mapped - from, GOOD);
	else
		splitarena(pool, r, from, mapped);
	return OPENED;
}

/* Bytes for an arena that surely has a place for w. */
static size_t
arenaleast(const Want *w)
{
	return PGROUND(wantsurely(w) + MINREGION + MINBLOCK);
}

/*
 * p, size bytes from xalloc, may continue the arena below: one arena wastes
 * less at its ends than two, but is longer in use.
 */
static bool
continues(Pool *pool, void *p, size_t size)
{
	Region *r = holebelow(&pool->holes, p);

	if (r == NULL || r->mapped ||
	    r->end - (uintptr_t)r + size > ARENAMERGED || !xmerge(r, p))
		return false;
	size = (uintptr_t)p + size - r->end;
	account(pool, size);
	holeextend(&pool->holes, r, size);
	holeopen(&pool->holes, r, size, GOOD);
	return true;
}

/* r, which is xalloc's, goes on for size bytes or more, if it can. */
static int
extend(Pool *pool, Region *r, size_t size)
{
	size_t was = r->end - (uintptr_t)r;
	size_t more = MAX(PGROUND(size), ARENAMAX);

	if (xgrow(r, was + more) < 0) {
		more = PGROUND(size);
		if (xgrow(r, was + more) < 0)
			return -1;
	}
	widenbounds(r, was + more, false);
	account(pool, more);
	holeextend(&pool->holes, r, more);
	holeopen(&pool->holes, r, more, GOOD);
	return 0;
}

int
arenagrow(Pool *pool, Block *b, size_t size)
{
	if (holegrow(&pool->holes, b, size) == 0)
		return 0;
	Region *r = holelast(&pool->holes, b);
	if (r == NULL || r->mapped ||
	    extend(pool, r, holeneeds(r, b, size)) < 0)
		return -1;
	return holeresize(&pool->holes, b, size);
}

/* An arena from xalloc, of the size that is due or else of the least size. */
static int
xarena(Pool *pool, size_t least)
{
	size_t due = ROUNDDOWN(pool->size / ARENASHARE, ARENAMIN);
	size_t size = MAX(least, MIN(MAX(due, ARENAMIN), ARENAMAX));
	void *p = xspanallocfor(XPOOL, size, 0, 0);

	if (p == NULL && least < size)
		p = xspanallocfor(XPOOL, size = least, 0, 0);
	if (p == NULL)
		return -1;
	widenbounds(p, size, false);
	if (continues(pool, p, size))
		return 0;
	account(pool, size);
	holeregion(&pool->holes, p, size, size);
	return 0;
}

/*
 * Addresses for an arena of least bytes or more, which a visit keeps for when
 * it comes back; false if there are none. It may come back for more than they
 * were: a magazine first, then the slab to fill it from.
 */
static bool
reserve(Visit *v, size_t least)
{
	if (v->range != NULL)
		return v->rangesize >= least;
	if (stage < SPAGES)
		return false;
	v->rangesize = MAX(4 * least, RANGEMIN);
	v->range = reserverange(v->rangesize);
	if (v->range == NULL) {
		v->rangesize = least;
		v->range = reserverange(least);
	}
	return v->range != NULL;
}

/*
 * One that is mapped by the page as it is used: nothing but its first page,
 * when there are enough for w.
 */
static Region *
mappedarena(Pool *pool, const Want *w)
{
	Visit *v = pool->visit;

	if (!reserve(v, arenaleast(w)))
		return NULL;
	uintptr_t p = (uintptr_t)v->range;
	size_t size = v->rangesize;
	uintptr_t at = wantplace(w, p + sizeof(Region), p + size - BLOCKHDR);
	if (at == 0) /* cannot be reached: arenaleast is enough */
		panic("no place for %#zx bytes in %#zx", wantsize(w), size);
	uintptr_t from = mapfrom(p + BY2PG, at);
	uintptr_t to = MAX(PGROUND(at + wantsize(w)), from);
	if (visitneeds(v, 1, from, to, p + size) != OPENED ||
	    mappages(v, p, p + BY2PG, p + BY2PG) == p)
		return NULL;
	v->range = NULL;
	account(pool, BY2PG);
	widenbounds((void *)p, size, true);
	Region *r = holeregion(&pool->holes, (void *)p, BY2PG, size);
	r->user = pool;
	r->mapped = true;
	r->reserved = size;
	return r;
}

/* Whoever reports something about a pool's holes has it in hand. */
static void
letgo(Holes *h)
{
	poolletgo((Pool *)((uint8_t *)h - offsetof(Pool, holes)));
}

/* From what there is, else from a new arena. */
static Block *
findblock(Pool *pool, const Want *w)
{
	pool->holes.more = mapmore;
	pool->holes.letgo = letgo;
	Block *b = holealloc(&pool->holes, w);

	if (b != NULL || pool->visit->lacks)
		return b;
	if (xarena(pool, arenaleast(w)) == 0)
		b = holealloc(&pool->holes, w);
	if (b != NULL)
		return b;
	Region *r = mappedarena(pool, w);
	if (r != NULL && (b = holealloc(&pool->holes, w)) == NULL &&
	    arenacango(pool, r))
		arenago(pool, r);
	return b;
}

Block *
arenaalloc(Pool *pool, const Want *w)
{
	Block *b = findblock(pool, w);

	if (CHECKING)
		holecheck(&pool->holes);
	return b;
}

void
arenafree(Pool *pool, Block *b)
{
	Region *r = holefree(&pool->holes, b);

	if (CHECKING)
		holecheck(&pool->holes);
	if (r == NULL || r == pool->spare)
		return;
	if (pool->spare != NULL && holeempty(pool->spare)) {
		if (arenacango(pool, r))
			arenago(pool, r);
		return;
	}
	pool->spare = r;
}
