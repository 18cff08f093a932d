/*
 * hugepage.c - pages of 2 MiB, and of 1 GiB where 512 whole chunks line up.
 *
 * A whole chunk leaves its bucket and is marked taken in its word; neither
 * its byte map nor its other Pages are touched. The Page of its first frame
 * stands for all, with an image number that no image has. Some 2 MiB pages
 * wait at each CPU, as small ones do (pagecpu.c), if there is plenty.
 */
#include "where.h"
#include "stock.h"
#include "percpu.h"
#include "stage.h"

enum { GIGACHUNKS = 512 };

/* Are the chunks [ci, end) all whole? With palloc.lock held. */
static bool
allwhole(size_t ci, size_t end)
{
	for (; ci < end; ci++)
		if (palloc.chunks[ci].state != CHUNKWHOLE)
			return false;
	return true;
}

/* Take the GIGACHUNKS chunks from ci on, if they are all whole. */
static bool
take(size_t ci)
{
	pageslock();
	bool whole = allwhole(ci, ci + GIGACHUNKS);
	for (size_t i = 0; i < GIGACHUNKS && whole; i++)
		chunksettaken(&palloc.chunks[ci + i]);
	pagesunlock();
	return whole;
}

/* Open all of them, and take them; false if one turns out not to be whole. */
static bool
openandtake(Node *node, size_t ci, paddr_t pa)
{
	size_t end = ci + GIGACHUNKS;

	if (userframes(pa, pa + GiB, NULL) < GiB / BY2PG)
		return false;
	while (!isopen(end - 1)) {
		size_t nopen = node->first + chunksopen(node);
		size_t n = MAX(ci, nopen);

		pageslock();
		bool whole = allwhole(ci, n);
		pagesunlock();
		if (!whole || !chunksopento(n))
			return false;
	}
	return take(ci);
}

enum where { ISOPEN, UNOPENED };

/*
 * The first index of 1 GiB of a node's whole chunks, lined up, now taken: where
 * all of it is open, or where some of it is not, which can be all whole.
 * NOCHUNK if there is none. The lock is held for one gigabyte at a time.
 */
static size_t
findgiga(Node *node, enum where where)
{
	for (size_t i = 0; i < stretchcount(); i++) {
		const Stretch *s = stretchat(i);
		uint64_t first = ROUNDUP(s->number, (uint64_t)GIGACHUNKS);
		size_t ci = s->ci + (first - s->number);
		size_t end = s->ci + s->nchunks;
		paddr_t pa = first << CHUNKSHIFT;

		if (nodeof(s->ci) != node)
			continue;
		for (; ci + GIGACHUNKS <= end; ci += GIGACHUNKS, pa += GiB) {
			bool open = isopen(ci + GIGACHUNKS - 1);

			if (open != (where == ISOPEN))
				continue;
			if (open ? take(ci) : openandtake(node, ci, pa))
				return ci;
		}
	}
	return NOCHUNK;
}

/* The same in the nearest node that has one. */
static size_t
nearestgiga(void)
{
	const uint8_t *order = nodesfromhere();
	size_t ci = NOCHUNK;

	for (size_t i = 0; i < palloc.nnodes && ci == NOCHUNK; i++)
		if ((ci = findgiga(&palloc.node[order[i]], ISOPEN)) == NOCHUNK)
			ci = findgiga(&palloc.node[order[i]], UNOPENED);
	return ci;
}

/* 512 whole chunks in a row as a page, with nobody holding it; or NULL. */
static Page *
takegiga(void)
{
	size_t ci = nearestgiga();

	if (ci == NOCHUNK) {
		pagecpugatherfor(GIGACHUNKS * CHUNKPAGES);
		ci = nearestgiga();
	}
	if (ci == NOCHUNK)
		return NULL;
	setimageid(&palloc.pages[ci * CHUNKPAGES], GIGAIMAGE);
	return &palloc.pages[ci * CHUNKPAGES];
}

/* It becomes as many 2 MiB pages, each with its last user address. */
static void
putgiga(Page *pg)
{
	pageslock();
	Chunk *c = &palloc.chunks[chunkof(pg)];
	for (size_t i = 0; i < GIGACHUNKS; i++) {
		setimageid(&pg[i * CHUNKPAGES], HUGEIMAGE);
		pg[i * CHUNKPAGES].held = pg->held;
		c[i].huge = true;
		chunksetwhole(&c[i]);
	}
	pagecpuwiden();
	pagesunlock();
}

static SLOWPATH Page *
newhugeslow(size_t size)
{
	if (stage < SPAGES)
		stagepanic("newhugepage", SPAGES, SLAST);
	if (size != 2 * MiB && size != GiB)
		panicat("newhugepage", "no pages have %zu bytes", size);
	Page *pg = size == GiB ? takegiga() : pagecputakehuge();
	for (size_t i = 0; pg != NULL && i < size / BY2PG && pagespoisoned();
	     i++)
		pagecheckfree(&pg[i]);
	return pg;
}

/* A 2 MiB page that waits at this CPU, or NULL. */
static inline Page *
pophuge(void)
{
	Percpu *me = cpuenter();
	Pagecpu *cpu = &me->page;
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpunhuge(cpu) - 1;
	Page *pg = NULL;

	if (n < limit) {
		pg = cpu->huge[n];
		pagecpusetnhuge(cpu, n);
	}
	pagecpuleave(cpu);
	cpuleave(me);
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
	Percpu *me = cpuenter();
	Pagecpu *cpu = &me->page;
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpunhuge(cpu);
	bool room = n < PAGECPUHUGE && hashugeroom(limit) &&
		    pagenumber(cpu->pages, pg) < cpu->plain;

	if (room) {
		cpu->huge[n] = pg;
		pagecpusetnhuge(cpu, n + 1);
	}
	pagecpuleave(cpu);
	cpuleave(me);
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
		pagecpuputhuge(pg);
}
