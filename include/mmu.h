/*
 * mmu.h - page tables: walking, mapping, and the windows of the kernel half.
 *
 * A `pte` argument is a physical address with its flags (mem.h), as it would
 * stand in a 4 KiB entry; which page size is used is decided here. pml4 is
 * always the four-level table of one half: with LA57 the fifth level above it
 * is the takeover's business alone.
 */
#ifndef MMU_H
#define MMU_H

#include "types.h"
#include "mem.h"

enum walk { LOOKUP, CREATE };

/* The kernel half in force; user entries are in it too without LA57. */
extern pte_t *kpml4;

/*
 * What this CPU's tables may hold: the largest page is of level maxlevel, bits
 * in forbidden (NX where there is none) are left out of every entry.
 */
void mmulimits(int maxlevel, pte_t forbidden);
int mmumaxlevel(void);
pte_t mmuallowed(pte_t pte);

/*
 * Return va's entry at level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB page), or NULL if
 * a larger page covers va, if LOOKUP meets a missing table, or if CREATE
 * finds no memory for one. The caller sets the entry and flushes the TLB.
 */
pte_t *mmuwalk(pte_t *pml4, uintptr_t va, int level, enum walk how);

/*
 * The entry that decides about va, and its level in *level; NULL if nothing
 * is mapped there.
 */
pte_t *mmufind(pte_t *pml4, uintptr_t va, int *level);

/*
 * Map size bytes at va to pte's address, with the largest pages that fit. All
 * three are page aligned. -1 if there is no memory for a table; nothing is
 * mapped then. Panics if part of the range is mapped already.
 */
int pmap(pte_t *pml4, uintptr_t va, pte_t pte, size_t size);

/*
 * Unmap size bytes at va, splitting a large page where the range ends inside
 * it. What is not mapped is skipped. -1 if there is no memory for a split; the
 * range up to there is unmapped then.
 */
int punmap(pte_t *pml4, uintptr_t va, size_t size);

/*
 * Turn the large page *pte of that level at va into a table of pages one level
 * down, with the same flags. -1 if there is no memory for the table.
 */
int ptesplit(pte_t *pte, uintptr_t va, int level);

/* Drop va from this CPU's TLB, global entries too. */
void flushva(uintptr_t va);

/* A cleared page for a page table, in the direct map; NULL if there is none. */
void *rampage(void);

/* kmap by address; and always through the window. Undo with kunmap. */
void *kmappa(paddr_t pa);
void *kmapslot(paddr_t pa);

/* How many pages rampage has given out and not taken back. */
size_t rampages(void);

/*
 * Devices: map size bytes of any physical address, uncached or (PTEWC)
 * write-combining, and return where. NULL, with a line that says why, if the
 * request is empty, wraps, is beyond the CPU's addresses, or no window space
 * or table is left. vunmap takes exactly what one vmap returned.
 */
/* The window exists, its first taken bytes are in use. Called by mmuinit. */
void vmapinit(size_t taken);

void *vmap(paddr_t pa, size_t size, pte_t memtype);
void vunmap(void *p, size_t size);

/*
 * The final tables: the direct map of all RAM (below *directmap=, if given),
 * the windows, protections.
 */
void mmuinit(void);

/* RAM that has become free since mmuinit joins the direct map. */
void dmapadd(paddr_t pa, size_t size);

/* Where the direct map is and how much of physical memory it may reach. */
extern uintptr_t dmapbase;
extern paddr_t dmapcap;

#endif
