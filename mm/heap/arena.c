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
#include "mempoison.h"
#include "poolparts.h"
#include "stage.h"
#include "xalloc.h"

enum {
	ARENAMIN = 256 << 10, /* the first arenas of a pool */
	ARENAMAX = 1 << 20,
	ARENAMERGED = 16 << 20, /* no arena of xalloc's grows beyond */
	ARENASHARE = 16,        /* an arena is this part of what the pool has */
	RANGEMIN = 64 << 20,    /* addresses for an arena mapped by the page */
	GIVEMIN = BY2PG         /* a hole that goes back to xalloc */
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

/* Map size bytes more at r's edge. */
static int
mapmore(Region *r, size_t size)
{
	Pool *pool = r->user;

	uintptr_t to = mappages(r->edge, r->edge + PGROUND(size), r->end);
	if (to == 0)
		return -1;
	size = to - r->edge;
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

/* One that is mapped by the page as it is used. */
static Region *
mappedarena(Pool *pool, size_t least)
{
	size_t size = MAX(4 * least, RANGEMIN);
	void *p = stage < SPAGES ? NULL : reserverange(size);

	if (p == NULL && stage >= SPAGES)
		p = reserverange(size = least);
	if (p == NULL)
		return NULL;
	if (mappages((uintptr_t)p, (uintptr_t)p + BY2PG,
		(uintptr_t)p + BY2PG) == 0) {
		unreserverange(p, size);
		return NULL;
	}
	account(pool, BY2PG);
	widenbounds(p, size, true);
	Region *r = holeregion(&pool->holes, p, BY2PG, size);
	r->user = pool;
	r->mapped = true;
	r->reserved = size;
	return r;
}

/* r leaves the pool, and if it is mapped, its pages do. */
static void
drop(Pool *pool, Region *r)
{
	uintptr_t p = (uintptr_t)r;
	uintptr_t edge = r->edge;
	bool mapped = r->mapped;

	if (pool->spare == r)
		pool->spare = NULL;
	holeremove(&pool->holes, r);
	pool->size -= edge - p;
	if (mapped)
		unmappages(p, edge);
}

/*
 * Give back an arena with nothing in it. The addresses of a part that was cut
 * off belong to the part below again; those of the lowest part go back when
 * there is no other.
 */
static void
release(Pool *pool, Region *r)
{
	uintptr_t p = (uintptr_t)r;
	size_t size = r->end - p;
	size_t reserved = r->reserved;
	Region *below = r->prev;

	if (!r->mapped) {
		drop(pool, r);
		xfree((void *)p);
	} else if (reserved == 0) {
		drop(pool, r);
		holeextend(&pool->holes, below, size);
		if (holeempty(below))
			release(pool, below);
	} else if (reserved == size) {
		drop(pool, r);
		unreserverange((void *)p, size);
	}
}

/* From what there is, else from a new arena. */
static Block *
findblock(Pool *pool, const Want *w)
{
	pool->holes.more = mapmore;
	pool->holes.lock = &pool->lock;
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

void
arenafree(Pool *pool, Block *b)
{
	Region *r = holefree(&pool->holes, b);

	if (CHECKING)
		holecheck(&pool->holes);
	if (r == NULL || r == pool->spare)
		return;
	if (pool->spare != NULL && holeempty(pool->spare)) {
		release(pool, r);
		return;
	}
	pool->spare = r;
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
	holecut(&pool->holes, r, b, low, high);
	*next = r->next;
	pool->size -= edge - low;
	unmappages(low, edge);
	holeextend(&pool->holes, r, high - low);
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

/* Can r go as a whole, having no other part? */
static bool
canrelease(const Region *r)
{
	return holeempty(r) && (!r->mapped || r->reserved == 0 ||
				   r->reserved == r->end - (uintptr_t)r);
}

bool
arenacompact(Pool *pool)
{
	Region *next = NULL;
	bool any = false;

	pool->spare = NULL;
	for (Region *r = pool->holes.regions; r != NULL; r = next) {
		next = r->next;
		if (canrelease(r))
			release(pool, r);
		else if (!giveone(pool, r, &next))
			continue;
		any = true;
	}
	return any;
}
