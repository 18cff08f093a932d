/*
 * pool.c - the pools: what malloc's common path does not do itself.
 *
 *	poolfast.h          the common path: this CPU's magazine, no lock
 *	pool.c              large blocks, misuse, the calls with a pool
 *	realloc.c           blocks that change their size
 *	magazine.c, slab.c  small blocks, on their way to a CPU and at rest
 *	maggather.c         how those on their way come back
 *	hole.c              everything of any size, in
 *	arena.c, mapped.c   arenas: from xalloc, or mapped by the page,
 *	arenaback.c         and how they go back
 *	visit.c, supply.c   the lock, and what is done without it
 *
 * Locking: pool->lock for everything but a CPU's magazines (magazine.c). Under
 * it xalloc's and the page allocator's locks may be taken, never the other way.
 * No misuse is reported with a lock held, and no other CPU is asked for
 * anything.
 */
#include "pool.h"
#include "poolblock.h"
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
	magazineinit();
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

size_t
poollivesize(const char *func, Pool *pool, const void *p)
{
	mustbewithin(func, p);
	uint64_t parts = tagparts(p);
	if (!taglive(parts, pool->kind) || tagclass(parts) == 0 ||
	    (tagclass(parts) >= NCLASS && tagclass(parts) != CLARGE))
		poolnotablock(func, p);
	size_t room = poolroomof(p, parts);
	uintptr_t end = (uintptr_t)p + room;
	if (tagslack(parts) > room || (!iswithin(0, end) && !iswithin(1, end)))
		panicat(func, "%p: something wrote to its header: %#zx bytes",
		    p, room);
	size_t size = room - tagslack(parts);
	if (!canaryholds(p, size))
		canarypanic(func, p, size);
	return size;
}

void *
poollargealloc(Pool *pool, const Want *w, uintptr_t pc)
{
	Visit v = {0};
	Block *b;

	do {
		poolenter(pool, &v);
		b = arenaalloc(pool, w);
		if (b != NULL)
			pool->used += blocksize(b);
		poolleave(pool);
	} while (b == NULL && visitfetch(&v));
	visitend(&v);
	if (b == NULL)
		return NULL;
	void *p = blockmem(b);
	poolstamp(pool, p, w->size, CLARGE, pc);
	return p;
}

/* Make p, a free slot of the class, a block of size bytes. */
static void *
slotout(Pool *pool, void *p, size_t size, unsigned class, uintptr_t pc)
{
	mustberest(p, tagkind(pool->kind, class));
	mustbewiped(p, poolslotroom(class));
	poolstamp(pool, p, size, class, pc);
	return p;
}

static inline bool
issmall(const Want *w)
{
	return w->size <= MAXSMALL && w->align <= GRAIN && w->span == 0;
}

/* A block that no magazine has: from one that is filled, or from the holes. */
static void *
hardalloc(Pool *pool, const Want *w, uintptr_t pc)
{
	if (!issmall(w))
		return poollargealloc(pool, w, pc);
	unsigned class = 0;
	void *p = magazinefill(pool, w->size, &class);
	return p == NULL ? NULL : slotout(pool, p, w->size, class, pc);
}

/* Give back what can be; true if anything was. */
static bool
compact(Pool *pool)
{
	bool any = magazinesgather(pool) > 0;
	Visit v = {0};

	poolenter(pool, &v);
	any |= slabsdrop(pool);
	any |= arenacompact(pool);
	poolleave(pool);
	return any;
}

size_t
poolsize(Pool *pool)
{
	poollock(pool);
	size_t size = pool->size;
	poolunlock(pool);
	return size;
}

bool
poolcompact(Pool *pool)
{
	needstage(SXALLOC);
	size_t before = poolsize(pool);
	compact(pool);
	return poolsize(pool) < before;
}

/* The same in all pools, as what one gives back another may have. */
static bool
compactall(void)
{
	bool any = false;

	for (size_t i = 0; i < NPOOL; i++)
		any |= compact(&pools[i]);
	return any;
}

/* A small block from the first slab that has a free slot large enough. */
static void *
anyslot(Pool *pool, size_t size, uintptr_t pc)
{
	unsigned class = classof(size);
	void *p = NULL;
	Visit v = {0};

	poolenter(pool, &v);
	while (class < NCLASS && slabtake(pool, class, &p, 1) == 0)
		class += 1;
	poolleave(pool);
	if (p == NULL)
		return NULL;
	return slotout(pool, p, size, class, pc);
}

static void *
failed(Pool *pool)
{
	poollock(pool);
	pool->nfailed++;
	poolunlock(pool);
	return NULL;
}

/*
 * By all means; NULL only if there is nothing left that would help. Where not
 * even a slab can be had, a small block is one of another size, or a large one.
 */
static void *
lastalloc(Pool *pool, const Want *w, uintptr_t pc)
{
	if (!wantsane(w))
		return failed(pool);
	void *p = hardalloc(pool, w, pc);
	if (p == NULL && compactall())
		p = hardalloc(pool, w, pc);
	if (p == NULL && issmall(w)) {
		compactall(); /* what hardalloc made on its way */
		p = anyslot(pool, w->size, pc);
		if (p == NULL)
			p = poollargealloc(pool, w, pc);
	}
	return p != NULL ? p : failed(pool);
}

void *
poolallocslow(Pool *pool, size_t size, uintptr_t pc)
{
	Want w = {size, CANARYSIZE, GRAIN, 0, 0};

	if (stage < SXALLOC)
		stagepanic("malloc", SXALLOC, SLAST);
	return lastalloc(pool, &w, pc);
}

static void
freelarge(Pool *pool, Block *b)
{
	Visit v = {0};

	poolenter(pool, &v);
	pool->used -= blocksize(b);
	arenafree(pool, b);
	poolleave(pool);
}

void
poolfreelong(Percpu *me, Magazine *m, uint32_t n, void *p, uint64_t key)
{
	slotwipe(p, m->room + CANARYSIZE);
	magazinepush(m, n, p, key);
	magazineleave(&me->pool);
	cpuleave(me);
}

void
poolfreeslow(const char *func, Pool *pool, void *p)
{
	poollivesize(func, pool, p);
	unsigned class = tagclass(tagparts(p));

	tagmustrelease(func, p, tagparts(p));
	if (class == CLARGE)
		freelarge(pool, memblock(p));
	else {
		slotwipe(p, poolslotroom(class) + CANARYSIZE);
		magazineput(pool, p, class);
	}
}

/* A secret is gone before anybody else has its block. */
void
poolgive(const char *func, Pool *pool, void *p)
{
	if (pool->kind == KSECRET)
		memset(p, 0, poollivesize(func, pool, p));
	poolfreefast(func, pool, pool->kind, p);
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
	return lastalloc(pool, &large, pc);
}

size_t
poolmsizefor(const char *func, Pool *pool, void *p)
{
	return poollivesize(func, pool, p);
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

size_t
poolmsize(Pool *pool, void *p)
{
	return poolmsizefor(__func__, pool, p);
}

void
poolfree(Pool *pool, void *p)
{
	if (p != NULL)
		poolgive(__func__, pool, p);
}
