/*
 * arena.c - where the pools' memory comes from, and goes back to.
 *
 * An arena is one region of its pool's holes. As long as the kernel's share
 * lasts it is a block of xalloc's. After that it is a range of kernel
 * addresses that opens from below by the page: reserverange, kalloc_frame,
 * maprange. Its size grows with the pool, so that a small kernel does not pay
 * for a large one. The last arena that became empty is kept, so that a pool
 * that swings about an arena's edge does not fetch and return it each time.
 *
 * Called under pool->lock; xalloc's and the page allocator's locks may be
 * taken below it, never the other way.
 */
#include "bytemap.h"
#include "mempoison.h"
#include "poolparts.h"
#include "stage.h"
#include "xalloc.h"

enum {
	ARENAMIN = 256 << 10, /* the first arenas of a pool */
	ARENAMAX = 1 << 20,
	ARENAMERGED = 16 << 20, /* no arena of xalloc's grows beyond */
	ARENASHARE = 16,        /* an arena is this part of what the pool has */
	RANGEMIN = 64 << 20     /* addresses for an arena mapped by the page */
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

static void
unmappages(uintptr_t p, uintptr_t end)
{
	for (; p < end; p += BY2PG) {
		paddr_t pa = paddr((void *)p);
		unmaprange((void *)p, 1);
		kfree_frame(pa);
	}
}

/* A frame at each page of [p, end), or at none and -1. */
static int
mappages(uintptr_t p, uintptr_t end)
{
	for (uintptr_t at = p; at < end; at += BY2PG) {
		paddr_t pa = kalloc_frame();
		if (pa != NOADDR && maprange((void *)at, pa, 1) == 0)
			continue;
		if (pa != NOADDR)
			kfree_frame(pa);
		unmappages(p, at);
		return -1;
	}
	return 0;
}

/* Map size bytes more at r's edge. */
static int
mapmore(Region *r, size_t size)
{
	Pool *pool = r->user;

	size = PGROUND(size);
	if (mappages(r->edge, r->edge + size) < 0)
		return -1;
	account(pool, size);
	holeopen(&pool->holes, r, size, GOOD);
	return 0;
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

	if (r == NULL || r->user != NULL ||
	    r->end - (uintptr_t)r + size > ARENAMERGED || !xmerge(r, p))
		return false;
	size = (uintptr_t)p + size - r->end;
	account(pool, size);
	holeextend(&pool->holes, r, size);
	holeopen(&pool->holes, r, size, GOOD);
	return true;
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

/* One that is mapped by the page as it is used. */
static Region *
mappedarena(Pool *pool, size_t least)
{
	size_t size = MAX(least, RANGEMIN);
	void *p = stage < SPAGES ? NULL : reserverange(size);

	if (p == NULL)
		return NULL;
	if (mappages((uintptr_t)p, (uintptr_t)p + BY2PG) < 0) {
		unreserverange(p, size);
		return NULL;
	}
	account(pool, BY2PG);
	widenbounds(p, size, true);
	Region *r = holeregion(&pool->holes, p, BY2PG, size);
	r->user = pool;
	return r;
}

/* Give back an arena with nothing in it. */
static void
release(Pool *pool, Region *r)
{
	uintptr_t p = (uintptr_t)r;
	uintptr_t edge = r->edge;
	uintptr_t end = r->end;
	bool bypage = r->user != NULL;

	holeremove(&pool->holes, r);
	pool->size -= edge - p;
	if (!bypage) {
		xfree((void *)p);
		return;
	}
	unmappages(p, edge);
	unreserverange((void *)p, end - p);
}

/* From what there is, else from a new arena. */
static Block *
findblock(Pool *pool, const Want *w)
{
	pool->holes.more = mapmore;
	Block *b = holealloc(&pool->holes, w);

	if (b == NULL && xarena(pool, arenaleast(w)) == 0)
		b = holealloc(&pool->holes, w);
	if (b != NULL)
		return b;
	Region *r = mappedarena(pool, arenaleast(w));
	if (r != NULL && (b = holealloc(&pool->holes, w)) == NULL)
		release(pool, r);
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

/* Is nothing in r handed out? */
static bool
isempty(Region *r)
{
	Block *b = (Block *)(r + 1);

	return (b->bits & BUSY) == 0 && blockabove(b) == r->fence;
}

void
arenafree(Pool *pool, Block *b)
{
	Region *r = holefree(&pool->holes, b);

	if (CHECKING)
		holecheck(&pool->holes);
	if (r == NULL || r == pool->spare)
		return;
	if (pool->spare != NULL && isempty(pool->spare)) {
		release(pool, r);
		return;
	}
	pool->spare = r;
}

bool
arenacompact(Pool *pool)
{
	Region *r = pool->spare;

	pool->spare = NULL;
	if (r == NULL || !isempty(r))
		return false;
	release(pool, r);
	return true;
}
