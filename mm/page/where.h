/*
 * where.h - from a frame, a Page, a chunk and a node to one another.
 *
 * An address becomes a chunk's index by bank.c (chunkat); from there on all is
 * arithmetic on palloc's tables. Nothing here takes a lock: what it reads only
 * grows while pages run.
 */
#ifndef WHERE_H
#define WHERE_H

#include "memmap.h"
#include "palloc.h"

/* pg's number among those from first on; a huge one if it points between two.
 */
static inline size_t
pagenumber(const Page *first, const Page *pg)
{
	uintptr_t off = (uintptr_t)pg - (uintptr_t)first;

	return off >> PAGESHIFT | off << (64 - PAGESHIFT);
}

/* How many ranges came later; and all stretches, those of the banks first. */
static inline size_t
latercount(void)
{
	return __atomic_load_n(&palloc.nlater, __ATOMIC_ACQUIRE);
}

static inline size_t
stretchcount(void)
{
	return palloc.nstretches + latercount();
}

static inline const Stretch *
stretchat(size_t i)
{
	return i < palloc.nstretches
		   ? &palloc.stretches[i]
		   : &palloc.later[i - palloc.nstretches].stretch;
}

/* The node that has index ci, for a chunk that is there or may come; or NULL.
 */
static inline Node *
nodeof(size_t ci)
{
	for (size_t i = 0; i < palloc.nnodes; i++)
		if (ci - palloc.node[i].first < palloc.node[i].nreserved)
			return &palloc.node[i];
	return NULL;
}

/* Is it the index of a chunk, open or not? Nobody adds any meanwhile. */
static inline bool
ischunk(size_t ci)
{
	const Node *n = nodeof(ci);

	return n != NULL && ci - n->first < n->nchunks;
}

/* How many chunks of a node are open: only ever more. */
static inline size_t
chunksopen(const Node *n)
{
	return __atomic_load_n(&n->openpages, __ATOMIC_ACQUIRE) / CHUNKPAGES;
}

/* Is ci the index of an open one? */
static inline bool
isopen(size_t ci)
{
	const Node *n = nodeof(ci);

	return n != NULL && ci - n->first < chunksopen(n);
}

/* Can [pa, pa + npages pages) be RAM: whole pages, and not beyond all? */
static inline bool
iswhole(paddr_t pa, size_t npages)
{
	return pa % BY2PG == 0 && npages > 0 && pa < PAMAX &&
	       npages <= (PAMAX - pa) / BY2PG;
}

/* The Page of the frame at pa, which lies in an open chunk. */
static inline Page *
frameat(paddr_t pa)
{
	return &palloc.pages[chunkat(pa) * CHUNKPAGES +
			     (size_t)(pa >> PGSHIFT) % CHUNKPAGES];
}

static inline size_t
chunkof(const Page *pg)
{
	return (size_t)(pg - palloc.pages) / CHUNKPAGES;
}

/* Is pg a Page, of a chunk that was opened? Node 0's begin with the first. */
static inline bool
ispage(const Page *pg)
{
	size_t number = pagenumber(palloc.pages, pg);

	return number < __atomic_load_n(
			    &palloc.node[0].openpages, __ATOMIC_ACQUIRE) ||
	       (palloc.nnodes > 1 && isopen(number / CHUNKPAGES));
}

/* The node of a Page. */
static inline Node *
pagenodeof(const Page *pg)
{
	return &palloc.node[palloc.chunks[chunkof(pg)].node];
}

static inline uint8_t *
pagebyte(const Page *pg)
{
	return (uint8_t *)palloc.bytes + (pg - palloc.pages);
}

static inline uint8_t *
chunkbytes(size_t ci)
{
	return (uint8_t *)palloc.bytes + ci * CHUNKPAGES;
}

#endif
