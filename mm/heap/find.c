/*
 * find.c - see heapfind.h.
 *
 * The pools are asked first: their arenas lie in blocks of xalloc's. Nothing is
 * believed: whoever asks may do so because the heap is damaged. What may not be
 * there is not read. A header that cannot be one ends the walk, which so goes
 * up, and up to the region's end.
 * What lies behind a damaged region may be anybody's, so all are asked.
 */
#include "heapfind.h"
#include "poolfast.h"
#include "poolparts.h"
#include "stage.h"
#include "xlists.h"

/*
 * Does somebody have it? Maybe: a list that could tell is damaged, or its lock
 * held.
 */
enum answer { NO, MAYBE, YES };

/* Are the size bytes there? They are fewer than a page has. */
static bool
isthere(const void *p, size_t size)
{
	return canread(p) && canread((void *)((uintptr_t)p + size - 1));
}

/* Can it be one? What it says of itself, that is. */
static bool
regionsound(const Holes *h, const Region *r)
{
	uintptr_t p = (uintptr_t)r;
	uintptr_t fence = (uintptr_t)r->fence;

	return r->end <= h->high && r->edge <= r->end &&
	       fence >= p + sizeof *r && fence % GRAIN == 0 &&
	       fence < r->edge && r->edge - fence >= BLOCKHDR;
}

/*
 * The region that has it open; NULL: none, and *bad is one that makes no sense
 * and lies below, or NULL.
 */
static Region *
regionof(const Holes *h, uintptr_t at, Region **bad)
{
	Region *below = NULL;

	*bad = NULL;
	for (Region *r = h->regions; r != NULL; below = r, r = r->next) {
		if (r <= below || !holehas(h, r) || (uintptr_t)r % GRAIN != 0 ||
		    !isthere(r, sizeof *r)) {
			*bad = below; /* which leads nowhere */
			return NULL;
		}
		if (at < (uintptr_t)r)
			return NULL;
		if (!regionsound(h, r)) {
			*bad = r;
			return NULL;
		}
		if (at < r->edge)
			return r;
	}
	return NULL;
}

static bool
blocksound(const Region *r, const Block *b)
{
	if (!isthere(b, BLOCKHDR))
		return false;
	size_t size = blocksize(b);
	size_t flags = blockbits(b) - size;

	return size >= MINBLOCK && (flags & ~(BUSY | PREVFREE | FIRST)) == 0 &&
	       size <= (uintptr_t)r->fence - (uintptr_t)b;
}

/* What cannot be what should be there. */
static void
damaged(Heapblock *found, const void *p)
{
	found->at = (uintptr_t)p;
	found->size = 0;
	found->state = HEAPDAMAGED;
}

static void
own(Heapblock *found, const void *p, size_t size)
{
	found->at = (uintptr_t)p;
	found->size = size;
	found->state = HEAPOWN;
}

/*
 * Memory that may be handed out, with room for that much, by its tag. Where
 * memory is bad no tag was ever written.
 */
static void
judge(Heapblock *found, void *p, enum kind kind, size_t room)
{
	uint64_t parts = tagparts(p);
	bool live = taglive(parts, kind);

	if (!live && tagraw(p) == 0)
		own(found, p, room);
	else if (live ? tagslack(parts) > room : !tagfreed(parts))
		damaged(found, tagof(p));
	else {
		found->at = (uintptr_t)p;
		found->size = live ? room - tagslack(parts) : room;
		found->state = live ? HEAPUSED : HEAPFREE;
		found->pc = live ? tagpc(parts) : 0;
	}
}

/* In a slab: a slot, or its header. */
static void
judgeslab(Heapblock *found, const Pool *pool, Slab *s, uintptr_t at)
{
	if (!isthere(s, sizeof *s) || !slabsound(pool, s)) {
		damaged(found, s);
		return;
	}
	size_t slot = slotsizes[s->class];
	uintptr_t first = (uintptr_t)memblock(s) + s->base;

	if ((at - first) / slot >= s->nslot) /* below, too */
		return;
	uintptr_t p = first + (at - first) / slot * slot + TAGSIZE;
	judge(found, (void *)p, pool->kind, slot - SLOTEXTRA);
}

/* What a block of a pool's holds; a tag that is none says nothing of that. */
static void
judgebusy(Heapblock *found, const Pool *pool, Block *b, uintptr_t at)
{
	void *p = blockmem(b);
	uint64_t parts = tagparts(p);
	unsigned class = taglive(parts, pool->kind) ? tagclass(parts) : CLARGE;

	if (class == CSLAB)
		judgeslab(found, pool, p, at);
	else if (class == CLARGE)
		judge(found, p, pool->kind, blockroom(b) - CANARYSIZE);
	else if (class != CMAGAZINE)
		damaged(found, tagof(p));
}

/* pool: whose, or NULL, xalloc's. */
static void
judgeblock(Heapblock *found, const Pool *pool, Block *b, uintptr_t at)
{
	own(found, b, blocksize(b));
	if ((b->bits & BUSY) == 0)
		found->state = HEAPFREE;
	else if (pool == NULL)
		judge(found, blockmem(b), KXALLOC, blockroom(b));
	else
		judgebusy(found, pool, b, at);
}

/* The headers of the region, or the block there. */
static void
findwithin(const Pool *pool, Region *r, uintptr_t at, Heapblock *found)
{
	Block *b = (Block *)(r + 1);

	if (at < (uintptr_t)b) {
		own(found, r, sizeof *r);
		return;
	}
	if (at >= (uintptr_t)r->fence) {
		own(found, r->fence, r->edge - (uintptr_t)r->fence);
		return;
	}
	while (blocksound(r, b) && at >= (uintptr_t)blockabove(b))
		b = blockabove(b);
	if (blocksound(r, b))
		judgeblock(found, pool, b, at);
	else
		damaged(found, b);
}

static enum answer
findin(const Holes *h, const Pool *pool, uintptr_t at, Heapblock *found)
{
	Region *bad = NULL;
	Region *r = regionof(h, at, &bad);

	if (r != NULL) {
		findwithin(pool, r, at, found);
		return YES;
	}
	if (bad == NULL || at >= h->high)
		return NO;
	damaged(found, bad);
	return MAYBE;
}

static enum answer
findinpool(Pool *pool, uintptr_t at, Heapblock *b)
{
	*b = (Heapblock){.whose = pool->name, .state = HEAPBUSY};
	if (!poolcanlock(pool))
		return MAYBE;
	enum answer answer = findin(&pool->holes, pool, at, b);
	poolunlock(pool);
	return answer;
}

static enum answer
findinxalloc(uintptr_t at, Heapblock *b)
{
	*b = (Heapblock){.whose = "xalloc", .state = HEAPBUSY};
	if (!canlock(&xlists.lock))
		return MAYBE;
	enum answer answer = findin(&xlists.holes, NULL, at, b);
	unlock(&xlists.lock);
	return answer;
}

/* The first who may have it; damage, if there is some. */
static void
note(Heapblock *maybe, const Heapblock *b)
{
	if (maybe->whose == NULL ||
	    (maybe->state == HEAPBUSY && b->state == HEAPDAMAGED))
		*maybe = *b;
}

/* Of xalloc's: an arena, of whom the pools that answered know nothing. */
static bool
isarena(const Heapblock *b, const Heapblock *maybe)
{
	const Region *r = (const Region *)b->at;

	return b->state == HEAPUSED && isthere(r, sizeof *r) &&
	       (r->end == b->at + b->size || b->at == maybe->at);
}

bool
heapfind(uintptr_t at, Heapblock *b)
{
	Heapblock maybe = {.whose = NULL};
	enum answer answer = NO;

	needstage(SXALLOC);
	for (int i = 0; i < NPOOL; i++) {
		answer = findinpool(&pools[i], at, b);
		if (answer == YES)
			return true;
		if (answer == MAYBE)
			note(&maybe, b);
	}
	answer = findinxalloc(at, b);
	if (answer == YES && (maybe.whose == NULL || !isarena(b, &maybe)))
		return true;
	if (answer == MAYBE)
		note(&maybe, b);
	*b = maybe;
	return maybe.whose != NULL;
}
