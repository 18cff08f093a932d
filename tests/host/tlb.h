/*
 * tlb.h - page tables as a CPU reads them, with a TLB that can be stale.
 *
 * It remembers every translation and every table it has seen, as SDM volume
 * 3A, 4.10 allows a CPU to, until flushva() drops them. Nothing here is shared
 * with arch/: the walk is written a second time.
 */
#ifndef TLB_H
#define TLB_H

#include "mem.h"

typedef struct Xlat Xlat;

/* A page in force; flags are its entry's, without PTELARGE. */
struct Xlat {
	uintptr_t va;
	paddr_t pa;
	size_t size;
	pte_t flags;
};

/* A CPU that remembers nothing, with so many address bits, NX or not. */
void tlbinit(int physbits, bool nx);

/* Translate and remember; false is a page fault. */
bool tlblook(pte_t *pml4, uintptr_t va, Xlat *x);

/* What is remembered and not true any more, or NULL. */
const char *tlbstale(pte_t *pml4);

/*
 * Call visit for every page, ascending; returns how many tables there are from
 * va up to end, both multiples of 512 GiB, pml4 itself not counted. Prints and
 * aborts where a CPU would find a reserved bit, or a page that is no table.
 */
typedef void Visitpage(void *arg, const Xlat *x);
size_t tlbwalk(
    pte_t *pml4, uintptr_t va, uintptr_t end, Visitpage *visit, void *arg);

/* All of it. */
#define TLBALL 0, 0

/* How often flushva was called. */
size_t tlbflushes(void);

/* Is this page of memory a table in use? Whoever gives them out says. */
bool istablepage(paddr_t pa);

#endif
