/*
 * poolinfo.c - what the pools say about themselves, and their proof.
 */
#include "pool.h"
#include "poolparts.h"
#include "stage.h"

/* Panic unless what a block's user may have written around it is whole. */
static void
checkbusy(Pool *pool, Block *b)
{
	void *p = blockmem(b);
	uint64_t parts = tagparts(p);

	if (!taglive(parts, pool->kind))
		panic("%p of %s: something wrote below it: tag %#jx", p,
		    pool->name, (uintmax_t)b->tag);
	if (tagclass(parts) == CSLAB) {
		slabcheck(pool, p);
		return;
	}
	if (tagclass(parts) == CMAGAZINE)
		return;
	size_t size = blockroom(b) - CANARYSIZE - tagslack(parts);
	if (tagclass(parts) != CLARGE || size > blockroom(b))
		panic("%p of %s: tag %#jx", p, pool->name, (uintmax_t)parts);
	if (!canaryholds(p, size))
		canarypanic(__func__, p, size);
}

void
poolcheck(Pool *pool)
{
	needstage(SXALLOC);
	lock(&pool->lock);
	holecheck(&pool->holes);
	size_t size = 0;
	for (Region *r = pool->holes.regions; r != NULL; r = r->next) {
		size += r->edge - (uintptr_t)r;
		for (Block *b = (Block *)(r + 1); b != r->fence;
		     b = blockabove(b))
			if (b->bits & BUSY)
				checkbusy(pool, b);
	}
	if (size != pool->size)
		panic("%s has %zu bytes of arenas, counted %zu", pool->name,
		    pool->size, size);
	unlock(&pool->lock);
}

size_t
poolused(Pool *pool)
{
	lock(&pool->lock);
	size_t size = pool->used - magazinebytes(pool);
	unlock(&pool->lock);
	return size;
}

const char *
poolname(Pool *pool)
{
	return pool->name;
}

void
poolsummary(Pool *pool)
{
	size_t used = poolused(pool);
	size_t size = poolsize(pool);

	print("%s max %zu cur %zu free %zu alloc %zu\n", pool->name, pool->max,
	    size, size - used, used);
}

void
mallocsummary(void)
{
	poolsummary(mainmem);
	poolsummary(imagmem);
	poolsummary(secrmem);
}
