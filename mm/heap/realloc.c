/*
 * realloc.c - blocks that change their size.
 *
 * A block stays where it is if it can: a small one within its slot, a large one
 * as far as there is free or unopened memory above. What moves because it grows
 * gets some more to grow in, so that it moves rarely. What becomes much smaller
 * moves too, so as not to keep much for little; but never fails for that.
 */
#include "pool.h"
#include "poolblock.h"
#include "poolfast.h"

/* What moves because it grows gets so many-th of its size more to grow in. */
enum { ROOMSHARE = 4 };

static bool
resizelarge(Pool *pool, Block *b, size_t size)
{
	if (size > WANTMAX)
		return false;
	Visit v = {0};
	int e;

	do {
		poolenter(pool, &v);
		size_t was = blocksize(b);
		e = arenagrow(pool, b, size + CANARYSIZE);
		pool->used += blocksize(b) - was;
		poolleave(pool);
	} while (e < 0 && visitfetch(&v));
	visitend(&v);
	return e == 0;
}

/* p made to hold size bytes where it is; false if that cannot be. */
static bool
resize(Pool *pool, void *p, size_t size, uintptr_t pc)
{
	unsigned class = tagclass(tagparts(p));

	if (class == CLARGE ? !resizelarge(pool, memblock(p), size)
			    : size > poolslotroom(class))
		return false;
	poolstamp(pool, p, size, class, pc);
	return true;
}

/* Would p, made so much smaller, be better in another place? */
static bool
wasteful(const void *p, size_t size)
{
	unsigned class = tagclass(tagparts(p));

	if (class == CLARGE)
		return size <= MAXSMALL;
	return size < poolslotroom(class) / 2;
}

/* A large block, if it is had easily, with free memory above it to grow. */
static void *
roomyalloc(Pool *pool, size_t size, uintptr_t pc)
{
	if (size > WANTMAX)
		return NULL; /* before the sum below could wrap */
	Want w = {size + size / ROOMSHARE, CANARYSIZE, GRAIN, 0, 0};
	void *q = wantsane(&w) ? poollargealloc(pool, &w, pc) : NULL;

	if (q != NULL)
		resize(pool, q, size, pc);
	return q;
}

/* p in another place, with size bytes, of which keep are the old ones. */
static void *
move(Pool *pool, void *p, size_t size, size_t keep, uintptr_t pc)
{
	void *q = NULL;

	if (size > keep && size > MAXSMALL)
		q = roomyalloc(pool, size, pc);
	if (q == NULL)
		q = poolallocfast(pool, pool->kind, size, pc);
	if (q == NULL)
		return NULL;
	memcpy(q, p, keep);
	poolgive("realloc", pool, p);
	return q;
}

void *
poolreallocfor(Pool *pool, void *p, size_t size, uintptr_t pc)
{
	if (p == NULL)
		return poolallocfast(pool, pool->kind, size, pc);
	if (size == 0) {
		poolgive("realloc", pool, p);
		return NULL;
	}
	size_t old = poollivesize("realloc", pool, p);
	if (pool->kind == KSECRET && size < old)
		memset((uint8_t *)p + size, 0, old - size);
	bool less = wasteful(p, size);
	if (!less && resize(pool, p, size, pc))
		return p;
	void *q = move(pool, p, size, MIN(old, size), pc);
	if (q != NULL || !less)
		return q;
	if (!resize(pool, p, size, pc)) /* cannot be reached: it is to less */
		panic("%p is not made smaller", p);
	return p;
}

void *
poolrealloc(Pool *pool, void *p, size_t size)
{
	return poolreallocfor(pool, p, size, callerpc());
}
