/*
 * find.c - see heapfind.h.
 *
 * The pools are asked first: their arenas lie in blocks of xalloc's.
 */
#include "heapfind.h"
#include "poolfast.h"
#include "poolparts.h"
#include "stage.h"
#include "xlists.h"

/* The region that has it open; NULL: none. */
static Region *
regionof(const Holes *h, uintptr_t at)
{
	Region *r = h->regions;

	while (r != NULL && (at < (uintptr_t)r || at >= r->edge))
		r = r->next;
	return r;
}

/* The block there, its header included; NULL: a header of the region's. */
static Block *
blockat(Region *r, uintptr_t at)
{
	Block *b = (Block *)(r + 1);

	if (at < (uintptr_t)b)
		return NULL;
	while (b != r->fence && at >= (uintptr_t)blockabove(b))
		b = blockabove(b);
	return b == r->fence ? NULL : b;
}

/* Memory that may be handed out, with room for that much, by its tag. */
static void
judge(Heapblock *found, void *p, enum kind kind, size_t room)
{
	uint64_t parts = tagparts(p);

	found->at = (uintptr_t)p;
	found->size = room;
	found->state = HEAPFREE;
	if (!taglive(parts, kind))
		return;
	found->state = HEAPUSED;
	found->size = room - tagslack(parts);
	found->pc = tagpc(parts);
}

/* In a slab: a slot, or its header. */
static void
judgeslab(Heapblock *found, Slab *s, enum kind kind, uintptr_t at)
{
	size_t slot = slotsizes[s->class];
	uintptr_t first = (uintptr_t)memblock(s) + s->base;

	if ((at - first) / slot >= s->nslot) /* below, too */
		return;
	uintptr_t p = first + (at - first) / slot * slot + TAGSIZE;
	judge(found, (void *)p, kind, slot - SLOTEXTRA);
}

static void
judgeblock(Heapblock *found, Block *b, enum kind kind, uintptr_t at)
{
	void *p = blockmem(b);

	found->at = (uintptr_t)b;
	found->size = blocksize(b);
	found->state = b->bits & BUSY ? HEAPOWN : HEAPFREE;
	if ((b->bits & BUSY) == 0)
		return;
	switch (tagclass(tagparts(p))) {
	case CSLAB:
		judgeslab(found, p, kind, at);
		break;
	case CMAGAZINE:
		break;
	default:
		judge(found, p, kind,
		    blockroom(b) - (kind == KXALLOC ? 0 : CANARYSIZE));
	}
}

static bool
findin(const Holes *h, enum kind kind, uintptr_t at, Heapblock *found)
{
	Region *r = regionof(h, at);

	if (r == NULL)
		return false;
	Block *b = blockat(r, at);
	if (b != NULL)
		judgeblock(found, b, kind, at);
	else
		*found = (Heapblock){
		    found->whose, HEAPOWN, (uintptr_t)r, sizeof *r, 0};
	return true;
}

bool
heapfind(uintptr_t at, Heapblock *b)
{
	bool found = false;

	needstage(SXALLOC);
	for (int i = 0; i < NPOOL && !found; i++) {
		Pool *pool = &pools[i];

		*b = (Heapblock){.whose = pool->name};
		poollock(pool);
		found = findin(&pool->holes, pool->kind, at, b);
		poolunlock(pool);
	}
	if (found)
		return true;
	*b = (Heapblock){.whose = "xalloc"};
	lock(&xlists.lock);
	found = findin(&xlists.holes, KXALLOC, at, b);
	unlock(&xlists.lock);
	return found;
}
