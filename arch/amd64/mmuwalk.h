/*
 * mmuwalk.h - what of the walk only those need who change what it finds.
 */
#ifndef MMUWALK_H
#define MMUWALK_H

#include "mmu.h"

/* Does this entry of that level lead to a table? */
static inline bool
istable(pte_t pte, int level)
{
	return (pte & PTEVALID) && level > 0 && (pte & PTELARGE) == 0;
}

/* An entry that another may set meanwhile, and what it leads to. */
static inline pte_t
ptewalked(const pte_t *pte)
{
	return __atomic_load_n(pte, __ATOMIC_ACQUIRE);
}

/* Panic unless va is in one of the two halves. */
void checkcanonical(uintptr_t va);

/*
 * Panic if a table at this level for va would be one that other spaces do not
 * get: with four levels, who shares the kernel half has copies of its entries.
 */
void checkgrow(const Space *s, uintptr_t va, int level);

/*
 * What the walk for va ends with: a page, or an entry that has nothing, which
 * is at *at. Another may put a table there as soon as it was read.
 */
pte_t walkend(const Space *s, uintptr_t va, int *level, pte_t **at);

/* Take the table that *pte leads to away; nothing is mapped by it. */
void droptable(Space *s, pte_t *pte, uintptr_t va, int level);

#endif
