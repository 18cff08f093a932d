/*
 * ptes.h - what page tables should say, as an array with an entry per page.
 */
#ifndef PTES_H
#define PTES_H

#include "mem.h"

typedef struct Ptes Ptes;

/* The pages of [va, va + npages): address and flags as given, 0 for none. */
struct Ptes {
	uintptr_t va;
	size_t npages;
	size_t nmapped;
	pte_t *pte;
};

/* Undo with ptesfree. */
void ptesinit(Ptes *m, uintptr_t va, size_t size);
void ptesfree(Ptes *m);

/* Is any, are all, of size bytes at va mapped? */
bool ptesany(const Ptes *m, uintptr_t va, size_t size);
bool ptesall(const Ptes *m, uintptr_t va, size_t size);

void ptesmap(Ptes *m, uintptr_t va, pte_t pte, size_t size);
void ptesunmap(Ptes *m, uintptr_t va, size_t size);
void ptestype(Ptes *m, uintptr_t va, size_t size, pte_t memtype);

/*
 * Do the tables say the same of n models, and nothing else? NULL if so, or
 * what differs.
 */
const char *ptesdiffer(const Ptes *m, size_t n, pte_t *pml4);

#endif
