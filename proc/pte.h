/*
 * pte.h - what the files of segments do with Ptes, and nobody else.
 */
#ifndef PTE_H
#define PTE_H

#include "segment.h"

/*
 * Memory for a Pte with one reference and no pages; a copy of one, with
 * references of its own to the same pages; NULL if there is none. freepte drops
 * a reference, and with the last one the pages'.
 */
Pte *ptealloc(void);
Pte *ptecpy(const Pte *pte);
void freepte(Pte *pte);

/* Which page of its Pte is at this offset in a segment? */
static inline size_t
pteslot(size_t off)
{
	return off % PTEMAPMEM / BY2PG;
}

static inline Pte *
pteref(Pte *pte)
{
	__atomic_add_fetch(&pte->ref, 1, __ATOMIC_RELAXED);
	return pte;
}

static inline bool
pteshared(const Pte *pte)
{
	return __atomic_load_n(&pte->ref, __ATOMIC_ACQUIRE) > 1;
}

/* In a Pte that is not shared: this page is there; those from, to are gone. */
static inline void
pteset(Pte *pte, size_t i, Page *pg)
{
	pte->pages[i] = pg;
	pte->first = (uint16_t)MIN(pte->first, i);
	pte->end = (uint16_t)MAX(pte->end, i + 1);
}
void ptedrop(Pte *pte, size_t from, size_t to);

/* How many pages are there. */
size_t ptecount(const Pte *pte);

#endif
