/*
 * hugepage.c - pages of 2 MiB, and of 1 GiB where 512 whole chunks line up.
 *
 * A whole chunk leaves its bucket and is marked taken in its word; neither
 * its byte map nor its other Pages are touched. The Page of its first frame
 * stands for all, with an image number that no image has.
 */
#include "palloc.h"
#include "stage.h"

enum { GIGACHUNKS = 512 };

size_t
pagesize(const Page *pg)
{
	switch (pageimageid(pg)) {
	case HUGEIMAGE:
		return 2 * MiB;
	case GIGAIMAGE:
		return GiB;
	}
	return BY2PG;
}

/* Are the GIGACHUNKS slots from slot on all whole? */
static bool
allwhole(size_t slot)
{
	for (size_t i = 0; i < GIGACHUNKS; i++)
		if (palloc.chunks[slot + i].state != CHUNKWHOLE)
			return false;
	return true;
}

/*
 * The first slot of 1 GiB of whole chunks, lined up; opening more while a
 * further one may come. NOSLOT if there is none.
 */
static size_t
gigaslot(void)
{
	for (size_t i = 0; i < palloc.nspans; i++) {
		Span *s = &palloc.spans[i];
		uint64_t first = ROUNDUP(s->number, (uint64_t)GIGACHUNKS);
		size_t slot = s->slot + (first - s->number);
		size_t end = s->slot + s->nslots;

		for (; slot + GIGACHUNKS <= end; slot += GIGACHUNKS) {
			while (palloc.nopen < slot + GIGACHUNKS)
				if (!chunkopen())
					return NOSLOT;
			if (allwhole(slot))
				return slot;
		}
	}
	return NOSLOT;
}

/* Take a run of whole chunks; the first, or NULL. With palloc.lock held. */
static Chunk *
takewhole(size_t size)
{
	if (size == 2 * MiB)
		return chunkwhole();
	size_t slot = gigaslot();

	if (slot == NOSLOT)
		return NULL;
	for (size_t i = 0; i < GIGACHUNKS; i++)
		chunksettaken(&palloc.chunks[slot + i]);
	return &palloc.chunks[slot];
}

Page *
newhugepage(size_t size, enum clear clear, uintptr_t va)
{
	needstage(SPAGES);
	if (size != 2 * MiB && size != GiB)
		panic("no pages have %zu bytes", size);
	lock(&palloc.lock);
	Chunk *c = takewhole(size);
	/* A few pages waiting at CPUs may be all that keeps one from being
	 * whole. */
	if (c == NULL && pagesdrain() > 0)
		c = takewhole(size);
	unlock(&palloc.lock);
	if (c == NULL)
		return NULL;

	Page *pg = &palloc.pages[(size_t)(c - palloc.chunks) * CHUNKPAGES];
	for (size_t i = 0; i < size / BY2PG && palloc.poison; i++)
		pagecheckfree(&pg[i]);
	setimageid(pg, size == GiB ? GIGAIMAGE : HUGEIMAGE);
	__atomic_store_n(&pg->held, VATOHELD(va) | MARK | 1, __ATOMIC_RELAXED);
	if (clear == CLEAR)
		zeropages(pagepa(pg), size / BY2PG, COLD);
	return pg;
}

void
puthugepage(Page *pg)
{
	if (!ispage(pg) || pagerefs(pg) == 0 || !ishuge(pg))
		pagemisuse(__func__, pg);
	size_t n = pagesize(pg) == GiB ? GIGACHUNKS : 1;
	uint64_t held = __atomic_sub_fetch(&pg->held, 1, __ATOMIC_ACQ_REL);

	if ((held & HELD) != MARK)
		return;
	setimageid(pg, 0);
	pg->held = held - MARK;
	pg->next = NULL;
	pg->daddr = 0;
	lock(&palloc.lock);
	for (Chunk *c = &palloc.chunks[pageslot(pg)]; n-- > 0; c++)
		chunksetwhole(c);
	unlock(&palloc.lock);
}
