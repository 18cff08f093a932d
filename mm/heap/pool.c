/*
 * pool.c - the pools: what malloc's common path does not do itself.
 *
 *	poolfast.h          the common path: this CPU's magazine, no lock
 *	pool.c              large blocks, realloc, misuse, the calls with a pool
 *	magazine.c, slab.c  small blocks, on their way to a CPU and at rest
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
#include "poolfast.h"
#include "stage.h"

/* What moves because it grows gets so many-th of its size more to grow in. */
enum { ROOMSHARE = 4 };

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
	if (!taglive(parts, pool->kind) || tagclass(parts) == 0 ||
	    (tagclass(parts) >= NCLASS && tagclass(parts) != CLARGE))
		poolnotablock(func, p);
	size_t room = roomof(p, parts);
	uintptr_t end = (uintptr_t)p + room;
	if (tagslack(parts) > room || (!iswithin(0, end) && !iswithin(1, end)))
		panicat(func, "%p: something wrote to its header: %#zx bytes",
		    p, room);
	size_t size = room - tagslack(parts);
	if (!canaryholds(p, size))
		canarypanic(func, p, size);
	return size;
}

/* A block from the holes: too large for a slot, or with an alignment. */
static void *
largealloc(Pool *pool, const Want *w, uintptr_t pc)
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
	stamp(pool, p, w->size, CLARGE, pc);
	return p;
}

/* Make p, a free slot of the class, a block of size bytes. */
static void *
slotout(Pool *pool, void *p, size_t size, unsigned class, uintptr_t pc)
{
	mustberest(p, tagkind(pool->kind, class));
	mustbewiped(p, slotroom(class));
	stamp(pool, p, size, class, pc);
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
		return largealloc(pool, w, pc);
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
			p = largealloc(pool, w, pc);
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
	livesize(func, pool, p);
	unsigned class = tagclass(tagparts(p));

	tagmustrelease(func, p, tagparts(p));
	if (class == CLARGE)
		freelarge(pool, memblock(p));
	else {
		slotwipe(p, slotroom(class) + CANARYSIZE);
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
			    : size > slotroom(class))
		return false;
	stamp(pool, p, size, class, pc);
	return true;
}

/* Would p, made so much smaller, be better in another place? */
static bool
wasteful(const void *p, size_t size)
{
	unsigned class = tagclass(tagparts(p));

	if (class == CLARGE)
		return size <= MAXSMALL;
	return size < slotroom(class) / 2;
}

/* A large block, if it is had easily, with free memory above it to grow. */
static void *
roomyalloc(Pool *pool, size_t size, uintptr_t pc)
{
	if (size > WANTMAX)
		return NULL; /* before the sum below could wrap */
	Want w = {size + size / ROOMSHARE, CANARYSIZE, GRAIN, 0, 0};
	void *q = wantsane(&w) ? largealloc(pool, &w, pc) : NULL;

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
	give("realloc", pool, p);
	return q;
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
