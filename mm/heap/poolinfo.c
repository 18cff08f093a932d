/*
 * poolinfo.c - what the pools say about themselves, and their proof.
 */
#include "pool.h"
#include "poolparts.h"
#include "stage.h"

/*
 * Panic unless what a block's user may have written around it is whole. Is it
 * a slab with a free slot?
 */
static bool
checkbusy(Pool *pool, Block *b)
{
	void *p = blockmem(b);
	uint64_t parts = tagparts(p);

	if (!taglive(parts, pool->kind))
		poolpanic(pool, "%p of %s: something wrote below it: tag %#jx",
		    p, pool->name, (uintmax_t)b->tag);
	if (tagclass(parts) == CSLAB)
		return slabcheck(pool, p);
	if (tagclass(parts) == CMAGAZINE)
		return false;
	size_t size = blockroom(b) - CANARYSIZE - tagslack(parts);
	if (tagclass(parts) != CLARGE || size > blockroom(b))
		poolpanic(pool, "%p of %s: tag %#jx", p, pool->name,
		    (uintmax_t)parts);
	if (!canaryholds(p, size)) {
		poolletgo(pool);
		canarypanic("poolcheck", p, size);
	}
	return false;
}

void
poolcheck(Pool *pool)
{
	needstage(SXALLOC);
	poollock(pool);
	holecheck(&pool->holes);
	size_t size = 0;
	size_t nslabs = 0; /* with a free slot */
	for (Region *r = pool->holes.regions; r != NULL; r = r->next) {
		size += r->edge - (uintptr_t)r;
		for (Block *b = (Block *)(r + 1); b != r->fence;
		     b = blockabove(b))
			if (b->bits & BUSY)
				nslabs += checkbusy(pool, b);
	}
	slablistscheck(pool, nslabs);
	if (size != pool->size)
		poolpanic(pool, "%s has %zu bytes of arenas, counted %zu",
		    pool->name, pool->size, size);
	poolunlock(pool);
}

void
poolstats(Pool *pool, Poolstats *st)
{
	poollock(pool);
	st->size = pool->size;
	st->max = pool->max;
	st->used = pool->used - magazinebytes(pool);
	st->nfailed = pool->nfailed;
	st->longest = pool->held.longest;
	st->held = pool->held.total;
	poolunlock(pool);
}

size_t
poolused(Pool *pool)
{
	Poolstats st;

	poolstats(pool, &st);
	return st.used;
}

const char *
poolname(Pool *pool)
{
	return pool->name;
}

void
poolsummary(Pool *pool)
{
	Poolstats st;

	poolstats(pool, &st);
	print("%s max %zu cur %zu free %zu alloc %zu\n", pool->name, st.max,
	    st.size, st.size - st.used, st.used);
}

void
mallocsummary(void)
{
	poolsummary(mainmem);
	poolsummary(imagmem);
	poolsummary(secrmem);
}

static void
poolprint(Pool *pool)
{
	Poolstats st;

	poolstats(pool, &st);
	print("mem9: pool name=%s size=%zu used=%zu longest=%ju held=%ju\n",
	    pool->name, st.size, st.used, (uintmax_t)st.longest,
	    (uintmax_t)st.held);
}

void
poolsprint(void)
{
	poolprint(mainmem);
	poolprint(imagmem);
	poolprint(secrmem);
}
