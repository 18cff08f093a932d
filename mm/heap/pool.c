/*
 * pool.c - the pools: what malloc's common path does not do itself.
 *
 *	poolfast.h          the common path: this CPU's magazine, no lock
 *	pool.c              large blocks, realloc, misuse, the calls with a pool
 *	magazine.c, slab.c  small blocks, on their way to a CPU and at rest
 *	hole.c              everything of any size, in
 *	arena.c             arenas: from xalloc, or mapped by the page
 *
 * Locking: pool->lock for everything but a CPU's own magazines. Under it
 * xalloc's and the page allocator's locks may be taken, never the other way.
 * No misuse is reported with a lock held.
 */
#include "pool.h"
#include "poolfast.h"
#include "stage.h"

Pool pools[NPOOL] = {
    {.name = "Main", .kind = KMAIN},
    {.name = "Image", .kind = KIMAGE},
    {.name = "Secrets", .kind = KSECRET},
};

Pool *const mainmem = &pools[0];
Pool *const imagmem = &pools[1];
Pool *const secrmem = &pools[2];

void
poolinit(void)
{
	for (size_t i = 0; i < NPOOL; i++)
		pools[i] = (Pool){.name = pools[i].name, .kind = pools[i].kind};
	memset(arenabounds, 0, sizeof arenabounds);
}

/* Stop: p is no live block of the pool. */
void
poolnotablock(const char *func, const void *p)
{
	if (!iswithin(0, (uintptr_t)p) && !iswithin(1, (uintptr_t)p))
		panicat(func, "%p is no block: no arena has it", p);
	tagpanic(func, p);
}

void
poolwasfree(const void *p, const uint8_t *byte)
{
	panicat("malloc",
	    "%p was written to while it was free: %#x at %zu; its owner was "
	    "%#jx",
	    p, *byte, (size_t)(byte - (const uint8_t *)p),
	    (uintmax_t)tagpc(tagparts(p)));
}

/* How many bytes a block in a slot of the class may have. */
static size_t
slotroom(unsigned class)
{
	return slotsizes[class] - SLOTEXTRA;
}

/* How many bytes p may have where it is. */
static size_t
roomof(const void *p, uint64_t parts)
{
	unsigned class = tagclass(parts);

	if (class == CLARGE)
		return blockroom(memblock(p)) - CANARYSIZE;
	return slotroom(class);
}

/* Make p a live block of size bytes, of which class and place are known. */
static void
stamp(Pool *pool, void *p, size_t size, unsigned class, uintptr_t pc)
{
	uint64_t parts = tagkind(pool->kind, class);
	uint64_t slack = roomof(p, parts) - size;

	tagset(p, parts | slack << SLACKSHIFT | tagowner(pc), size);
}

/* The size of p, which must be a live block of the pool with whole ends. */
static size_t
livesize(const char *func, Pool *pool, const void *p)
{
	mustbewithin(func, p);
	uint64_t parts = tagparts(p);
	if (!taglive(parts, pool->kind) ||
	    (tagclass(parts) >= NCLASS && tagclass(parts) != CLARGE))
		poolnotablock(func, p);
	size_t size = roomof(p, parts) - tagslack(parts);
	if (!canaryholds(p, size))
		canarypanic(func, p, size);
	return size;
}

/* A block from the holes: too large for a slot, or with an alignment. */
static void *
largealloc(Pool *pool, const Want *w, uintptr_t pc)
{
	if (!wantsane(w))
		return NULL;
	lock(&pool->lock);
	Block *b = arenaalloc(pool, w);
	if (b != NULL)
		pool->used += blocksize(b);
	unlock(&pool->lock);
	if (b == NULL)
		return NULL;
	void *p = blockmem(b);
	stamp(pool, p, w->size, CLARGE, pc);
	return p;
}

/* A block that no magazine has: from one that is filled, or from the holes. */
static void *
hardalloc(Pool *pool, size_t size, uintptr_t pc)
{
	if (size > MAXSMALL) {
		Want w = {size, CANARYSIZE, GRAIN, 0, 0};
		return largealloc(pool, &w, pc);
	}
	Magazine *m = magazinefill(pool, size);
	return m == NULL ? NULL : handout(m, m->block[--m->n], size, pc);
}

bool
poolcompact(Pool *pool)
{
	needstage(SXALLOC);
	size_t before = pool->size;
	magazinesempty(pool);
	lock(&pool->lock);
	arenacompact(pool);
	size_t after = pool->size;
	unlock(&pool->lock);
	return after < before;
}

/* Give back what waits in any pool, so that another may have it. */
static bool
compactall(void)
{
	bool any = false;

	for (size_t i = 0; i < NPOOL; i++)
		any |= poolcompact(&pools[i]);
	return any;
}

void *
poolallocslow(Pool *pool, size_t size, uintptr_t pc)
{
	void *p = NULL;

	if (stage < SXALLOC)
		stagepanic("malloc", SXALLOC, SLAST);
	p = hardalloc(pool, size, pc);
	if (p == NULL && compactall())
		p = hardalloc(pool, size, pc);
	return p;
}

static void
freelarge(Pool *pool, Block *b)
{
	lock(&pool->lock);
	pool->used -= blocksize(b);
	arenafree(pool, b);
	unlock(&pool->lock);
}

void
poolfreeslow(const char *func, Pool *pool, void *p)
{
	livesize(func, pool, p);
	unsigned class = tagclass(tagparts(p));

	tagsetfreed(p);
	if (class == CLARGE)
		freelarge(pool, memblock(p));
	else {
		mempoison(p, slotroom(class) + CANARYSIZE);
		magazineput(pool, p, class);
	}
}

/* A secret is gone before anybody else has its block. */
static void
give(const char *func, Pool *pool, void *p)
{
	if (pool->kind == KSECRET)
		memset(p, 0, livesize(func, pool, p));
	poolfreefast(func, pool, pool->kind, p);
}

/* p made to hold size bytes where it is; false if that cannot be. */
static bool
resize(Pool *pool, void *p, size_t size, uintptr_t pc)
{
	unsigned class = tagclass(tagparts(p));

	if (class == CLARGE) {
		Block *b = memblock(p);
		if (size <= MAXSMALL || size > WANTMAX)
			return false;
		lock(&pool->lock);
		size_t was = blocksize(b);
		int e = holeresize(&pool->holes, b, size + CANARYSIZE);
		pool->used += blocksize(b) - was;
		unlock(&pool->lock);
		if (e < 0)
			return false;
	} else {
		size_t room = slotroom(class);
		if (size > room || size < room / 2 || room - size > MAXSLACK)
			return false;
	}
	stamp(pool, p, size, class, pc);
	return true;
}

void *
poolreallocfor(Pool *pool, void *p, size_t size, uintptr_t pc)
{
	if (p == NULL)
		return poolallocfast(pool, pool->kind, size, pc);
	if (size == 0) {
		give("realloc", pool, p);
		return NULL;
	}
	size_t old = livesize("realloc", pool, p);
	if (pool->kind == KSECRET && size < old)
		memset((uint8_t *)p + size, 0, old - size);
	if (resize(pool, p, size, pc))
		return p;
	void *q = poolallocfast(pool, pool->kind, size, pc);
	if (q == NULL)
		return NULL;
	memcpy(q, p, MIN(old, size));
	give("realloc", pool, p);
	return q;
}

void *
poolallocalignfor(Pool *pool, const Want *w, uintptr_t pc)
{
	Want large = {
	    w->size, CANARYSIZE, MAX(w->align, GRAIN), w->offset, w->span};
	size_t least = MIN(MAX(w->align, 1), GRAIN);

	if (stage < SXALLOC)
		stagepanic("mallocalign", SXALLOC, SLAST);
	if ((w->align & (w->align - 1)) != 0 ||
	    (w->span & (w->span - 1)) != 0 || (size_t)w->offset % least != 0)
		panicat("mallocalign", "align %#zx, offset %td, span %#zx",
		    w->align, w->offset, w->span);
	if (w->align <= GRAIN && w->span == 0)
		return poolallocfast(pool, pool->kind, w->size, pc);
	if (w->align <= GRAIN)
		large.offset = 0;
	return largealloc(pool, &large, pc);
}

size_t
poolmsizefor(const char *func, Pool *pool, void *p)
{
	return livesize(func, pool, p);
}

void *
poolalloc(Pool *pool, size_t size)
{
	return poolallocfast(pool, pool->kind, size, callerpc());
}

void *
poolallocalign(
    Pool *pool, size_t size, size_t align, ptrdiff_t offset, size_t span)
{
	Want w = {size, 0, align, offset, span};

	return poolallocalignfor(pool, &w, callerpc());
}

void *
poolrealloc(Pool *pool, void *p, size_t size)
{
	return poolreallocfor(pool, p, size, callerpc());
}

size_t
poolmsize(Pool *pool, void *p)
{
	return poolmsizefor(__func__, pool, p);
}

void
poolfree(Pool *pool, void *p)
{
	if (p != NULL)
		give(__func__, pool, p);
}
