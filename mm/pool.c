/*
 * pool.c - the pools: their arenas, their large blocks, and the common path.
 *
 *	poolalloc --small--> magazine, spans (span.c) --+
 *	          --large--------------------------------> holes (hole.c)
 *	                                                  in arenas, from
 *	                                       xspanlate, or mapped by the page
 *
 * An arena is one region of the pool's holes. As long as the kernel has memory
 * it is one block of xalloc's. After that it is a range of kernel addresses
 * that opens page by page: reserverange, kalloc_frame, maprange.
 *
 * Locking: pool->lock for everything but a CPU's own magazines. Under it
 * xalloc's and the page allocator's locks may be taken, never the other way.
 */
#include "pool.h"
#include "poison.h"
#include "span.h"
#include "stage.h"

#define MAXSIZE (1ull << 46)

static Pool pools[NPOOL] = {
    {.name = "Main", .kind = KMAIN},
    {.name = "Image", .kind = KIMAGE},
    {.name = "Secrets", .kind = KSECRET},
};
Pool *const mainmem = &pools[0];
Pool *const imagmem = &pools[1];
Pool *const secrmem = &pools[2];

/*
 * Where the arenas of all pools lie: below and above there is none. One pair
 * for those of xalloc, one for those mapped by the page.
 */
static struct {
	uintptr_t low;
	uintptr_t high;
} within[2];

void
poolinit(void)
{
	for (size_t i = 0; i < NPOOL; i++)
		pools[i] = (Pool){.name = pools[i].name, .kind = pools[i].kind};
	memset(within, 0, sizeof within);
}

void
arenabounds(void *p, size_t size, bool bypage)
{
	uintptr_t low = (uintptr_t)p;
	uintptr_t high = low + size;
	int which = bypage;

	if (within[which].low != 0)
		low = MIN(low, within[which].low);
	high = MAX(high, within[which].high);
	__atomic_store_n(&within[which].low, low, __ATOMIC_RELAXED);
	__atomic_store_n(&within[which].high, high, __ATOMIC_RELAXED);
}

static inline bool
iswithin(int which, uintptr_t p)
{
	return p >= __atomic_load_n(&within[which].low, __ATOMIC_RELAXED) &&
	       p < __atomic_load_n(&within[which].high, __ATOMIC_RELAXED);
}

/*
 * Where a misuse was found; owner is who asked for the block.
 */
_Noreturn static void
notablock(const char *func, Pool *pool, const void *p)
{
	if (!iswithin(0, (uintptr_t)p) && !iswithin(1, (uintptr_t)p))
		panicat(func, "%p is no block: no arena has it", p);
	(void)pool;
	tagpanic(func, p);
}

/* The tag of p, which must be a live block of the pool. */
static inline uint64_t
livetag(const char *func, Pool *pool, const void *p)
{
	uintptr_t at = (uintptr_t)p;

	if (at % GRAIN != 0 || (!iswithin(0, at) && !iswithin(1, at)))
		notablock(func, pool, p);
	uint64_t tag = *tagof(p);
	if (!taglive(p, tag) || tagkindof(tag) != pool->kind)
		notablock(func, pool, p);
	return tag;
}

/* How many bytes the user of p may have at most, and has. */
static inline size_t
roomof(const void *p, uint64_t tag)
{
	unsigned class = tagclass(tag);

	if (class < NCLASS)
		return slotsizes[class] - SLOTEXTRA;
	return blockroom(memblock(p)) - CANARYSIZE;
}

/* The size of p, which must be a live block of the pool with a whole end. */
static inline size_t
livesize(const char *func, Pool *pool, const void *p, uint64_t tag)
{
	size_t size = roomof(p, tag) - tagslack(tag);

	(void)pool;
	if (!canaryholds(p, size))
		canarypanic(func, p, size);
	return size;
}

static inline void
stamp(
    Pool *pool, void *p, size_t size, unsigned class, size_t room, uintptr_t pc)
{
	tagset(p, tagkind(pool->kind, class), room - size, tagowner(pc));
	canaryset(p, size);
}

/* A block from the holes: too large for a slot, or with an alignment. */
static void *
largealloc(Pool *pool, const Want *w, uintptr_t pc)
{
	if (w->size > MAXSIZE || w->align > MAXSIZE)
		return NULL;
	if (w->span != 0 && w->size > w->span)
		return NULL;
	lock(&pool->lock);
	Block *b = arenaalloc(pool, w);
	if (b != NULL)
		pool->used += blocksize(b);
	unlock(&pool->lock);
	if (b == NULL)
		return NULL;
	void *p = blockmem(b);
	stamp(pool, p, w->size, CLARGE, blockroom(b) - CANARYSIZE, pc);
	return p;
}

void *
poolallocfor(Pool *pool, size_t size, uintptr_t pc)
{
	needstage(SXALLOC);
	if (size > MAXSMALL) {
		Want w = {size, CANARYSIZE, GRAIN, 0, 0};
		return largealloc(pool, &w, pc);
	}
	unsigned class = classof(size);
	Magazines *m = magazines(pool);
	if (m->n[class] == 0 && (class = spanfill(pool, size)) == 0)
		return NULL;
	void *p = m->slot[class][--m->n[class]];
	size_t room = slotsizes[class] - SLOTEXTRA;
	unpoison("malloc", p, room + CANARYSIZE);
	stamp(pool, p, size, class, room, pc);
	return p;
}

void *
poolallocalignfor(Pool *pool, const Want *w, uintptr_t pc)
{
	needstage(SXALLOC);
	if ((w->align & (w->align - 1)) != 0 || (w->span & (w->span - 1)) != 0)
		panic("align %#zx, span %#zx: not powers of two", w->align,
		    w->span);
	if (w->align <= GRAIN && w->offset % GRAIN == 0 && w->span == 0)
		return poolallocfor(pool, w->size, pc);
	Want large = *w;
	large.align = MAX(w->align, GRAIN);
	large.behind = CANARYSIZE;
	return largealloc(pool, &large, pc);
}

void
poolfreefor(const char *func, Pool *pool, void *p)
{
	uint64_t tag = livetag(func, pool, p);
	size_t size = livesize(func, pool, p, tag);
	unsigned class = tagclass(tag);

	if (pool->kind == KSECRET)
		memset(p, 0, size);
	tagsetfreed(p, tag);
	if (class == CLARGE) {
		Block *b = memblock(p);
		lock(&pool->lock);
		pool->used -= blocksize(b);
		arenafree(pool, b);
		unlock(&pool->lock);
		return;
	}
	Magazines *m = magazines(pool);
	poison(p, slotsizes[class] - TAGSIZE);
	if (m->n[class] == MAGAZINE)
		spandrain(pool, class);
	m->slot[class][m->n[class]++] = p;
}

/* p made to hold size bytes where it is; false if that cannot be. */
static bool
resize(Pool *pool, void *p, uint64_t tag, size_t size, uintptr_t pc)
{
	unsigned class = tagclass(tag);
	size_t room = roomof(p, tag);

	if (class == CLARGE) {
		Block *b = memblock(p);
		if (size <= MAXSMALL || size > MAXSIZE)
			return false;
		lock(&pool->lock);
		size_t was = blocksize(b);
		int e = holeresize(&pool->holes, b, size + CANARYSIZE);
		pool->used += blocksize(b) - was;
		unlock(&pool->lock);
		if (e < 0)
			return false;
		room = blockroom(b) - CANARYSIZE;
	} else if (size > room || size < room / 2 || room - size > MAXSLACK)
		return false;
	stamp(pool, p, size, class, room, pc);
	return true;
}

void *
poolreallocfor(Pool *pool, void *p, size_t size, uintptr_t pc)
{
	if (p == NULL)
		return poolallocfor(pool, size, pc);
	if (size == 0) {
		poolfreefor("realloc", pool, p);
		return NULL;
	}
	uint64_t tag = livetag("realloc", pool, p);
	size_t old = livesize("realloc", pool, p, tag);
	if (resize(pool, p, tag, size, pc))
		return p;
	void *q = poolallocfor(pool, size, pc);
	if (q == NULL)
		return NULL;
	memcpy(q, p, MIN(old, size));
	poolfreefor("realloc", pool, p);
	return q;
}

size_t
poolmsizefor(const char *func, Pool *pool, void *p)
{
	return livesize(func, pool, p, livetag(func, pool, p));
}

void *
poolalloc(Pool *pool, size_t size)
{
	return poolallocfor(pool, size, callerpc());
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
		poolfreefor(__func__, pool, p);
}
