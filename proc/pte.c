/*
 * pte.c - the pages of 1 MiB of a segment, shared by copies of it.
 *
 *	Segment a --map[i]--+
 *	                    +--> Pte, ref 2 --pages[j]--> Page, one reference
 *	Segment b --map[i]--+
 *
 * A Pte with several references is not changed by anybody: who wants to makes a
 * copy first, whose pages then have a reference more. So a fork costs what its
 * Ptes are, not its pages. Who holds a reference and sees that it is the only
 * one may change it: nobody else can come by one.
 */
#include "pte.h"
#include "pool.h"

Pte *
ptealloc(void)
{
	Pte *pte = malloc(sizeof *pte);

	if (pte == NULL)
		return NULL;
	pte->ref = 1;
	pte->first = PTEPERTAB;
	return pte;
}

Pte *
ptecpy(const Pte *pte)
{
	Pte *copy = ptealloc();

	if (copy == NULL)
		return NULL;
	copy->first = pte->first;
	copy->end = pte->end;
	for (size_t i = pte->first; i < pte->end; i++)
		if (pte->pages[i] != NULL)
			copy->pages[i] = pageref(pte->pages[i]);
	return copy;
}

void
ptedrop(Pte *pte, size_t from, size_t to)
{
	for (size_t i = MAX(from, pte->first); i < MIN(to, pte->end); i++)
		if (pte->pages[i] != NULL) {
			putpage(pte->pages[i]);
			pte->pages[i] = NULL;
		}
}

size_t
ptecount(const Pte *pte)
{
	size_t n = 0;

	for (size_t i = pte->first; i < pte->end; i++)
		n += pte->pages[i] != NULL;
	return n;
}

void
freepte(Pte *pte)
{
	if (__atomic_sub_fetch(&pte->ref, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	ptedrop(pte, 0, PTEPERTAB);
	free(pte);
}
