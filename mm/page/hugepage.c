/*
 * hugepage.c - pages of 2 MiB, and of 1 GiB where 512 whole chunks line up.
 *
 * A whole chunk leaves its bucket and is marked taken in its word; neither
 * its byte map nor its other Pages are touched. The Page of its first frame
 * stands for all, with an image number that no image has. Some 2 MiB pages
 * wait at each CPU, as small ones do (pagecpu.c).
 */
#include "palloc.h"
#include "percpu.h"
#include "stage.h"

enum { GIGACHUNKS = 512 };

/* Are the GIGACHUNKS chunks from ci on all whole? */
static bool
allwhole(size_t ci)
{
	for (size_t i = 0; i < GIGACHUNKS; i++)
		if (palloc.chunks[ci + i].state != CHUNKWHOLE)
			return false;
	return true;
}

/*
 * The first index of 1 GiB of whole chunks, lined up; opening more while a
 * further one may come. NOCHUNK if there is none.
 */
static size_t
findgiga(void)
{
	for (size_t i = 0; i < palloc.nstretches; i++) {
		Stretch *s = &palloc.stretches[i];
		uint64_t first = ROUNDUP(s->number, (uint64_t)GIGACHUNKS);
		size_t ci = s->ci + (first - s->number);
		size_t end = s->ci + s->nchunks;

		for (; ci + GIGACHUNKS <= end; ci += GIGACHUNKS) {
			while (palloc.nopen < ci + GIGACHUNKS)
				if (!chunkopen())
					return NOCHUNK;
			if (allwhole(ci))
				return ci;
		}
	}
	return NOCHUNK;
}

/* 512 whole chunks in a row as a page, with nobody holding it; or NULL. */
static Page *
takegiga(void)
{
	lock(&palloc.lock);
	size_t ci = findgiga();
	if (ci == NOCHUNK && pagecpudrain() > 0)
		ci = findgiga();
	for (size_t i = 0; i < GIGACHUNKS && ci != NOCHUNK; i++)
		chunksettaken(&palloc.chunks[ci + i]);
	unlock(&palloc.lock);
	if (ci == NOCHUNK)
		return NULL;
	setimageid(&palloc.pages[ci * CHUNKPAGES], GIGAIMAGE);
	return &palloc.pages[ci * CHUNKPAGES];
}

static void
putgiga(Page *pg)
{
	lock(&palloc.lock);
	Chunk *c = &palloc.chunks[chunkof(pg)];
	setimageid(pg, 0);
	c->huge = false;
	for (size_t i = 0; i < GIGACHUNKS; i++)
		chunksetwhole(&c[i]);
	unlock(&palloc.lock);
}

static SLOWPATH Page *
newhugeslow(size_t size)
{
	if (stage < SPAGES)
		stagepanic("newhugepage", SPAGES, SLAST);
	if (size != 2 * MiB && size != GiB)
		panicat("newhugepage", "no pages have %zu bytes", size);
	Page *pg = size == GiB ? takegiga() : pagecputakehuge(&thiscpu()->page);
	for (size_t i = 0; pg != NULL && i < size / BY2PG && palloc.poison; i++)
		pagecheckfree(&pg[i]);
	return pg;
}

/* A 2 MiB page that waits at this CPU, or NULL. */
static inline Page *
pophuge(void)
{
	Pagecpu *cpu = &thiscpu()->page;
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpunhuge(cpu) - 1;
	Page *pg = NULL;

	if (n < limit) {
		pg = cpu->huge[n];
		pagecpusetnhuge(cpu, n);
	}
	pagecpuleave(cpu);
	return pg;
}

Page *
newhugepage(size_t size, enum clear clear, uintptr_t va)
{
	Page *pg = size == 2 * MiB ? pophuge() : NULL;

	if (pg == NULL && (pg = newhugeslow(size)) == NULL)
		return NULL;
	__atomic_store_n(
	    &pg->held, VATOHELD(va) | SPECIAL | 1, __ATOMIC_RELAXED);
	if (clear == CLEAR)
		zeropages(pagepa(pg), size / BY2PG, COLD);
	return pg;
}

/* Let a 2 MiB page that nobody holds wait at this CPU; false if it is full. */
static inline bool
pushhuge(Page *pg)
{
	Pagecpu *cpu = &thiscpu()->page;
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpunhuge(cpu);
	bool room = n < MIN(limit, (uint32_t)PAGECPUHUGE);

	if (room) {
		cpu->huge[n] = pg;
		pagecpusetnhuge(cpu, n + 1);
	}
	pagecpuleave(cpu);
	return room;
}

/* Drop a reference of a huge page; true if it was the last. */
static inline bool
drophuge(Page *pg)
{
	if (!ispage(pg))
		pagemisuse("puthugepage", pg);
	uint64_t held = __atomic_load_n(&pg->held, __ATOMIC_ACQUIRE);

	if ((held & PAGEREFMAX) == 0 || !ishuge(pg))
		pagemisuse("puthugepage", pg);
	if ((held & PAGEREFMAX) != 1)
		held = __atomic_sub_fetch(&pg->held, 1, __ATOMIC_ACQ_REL);
	else
		held--;
	if ((held & PAGEREFMAX) != 0)
		return false;
	if (((uintptr_t)pg->next | pg->daddr) != 0) {
		pg->next = NULL;
		pg->daddr = 0;
	}
	__atomic_store_n(&pg->held, held - SPECIAL, __ATOMIC_RELAXED);
	return true;
}

void
puthugepage(Page *pg)
{
	if (!drophuge(pg))
		return;
	if (pageimageid(pg) == GIGAIMAGE)
		putgiga(pg);
	else if (!pushhuge(pg))
		pagecpuputhuge(&thiscpu()->page, pg);
}
