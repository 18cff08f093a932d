/*
 * mmu.h - page tables: walking, mapping, and the windows of the kernel half.
 *
 * A `pte` argument is a physical address with its flags (mem.h), as it would
 * stand in a 4 KiB entry; which page size is used is decided here. Tablepages
 * come from the space (space.h) that is changed. Ranges are whole pages, not
 * empty, and lie in one half; anything else is a panic that says which.
 */
#ifndef MMU_H
#define MMU_H

#include "types.h"
#include "hooks.h"
#include "mem.h"
#include "space.h"

enum walk { LOOKUP, CREATE };

/* The entry without what this space's tables must not hold. */
pte_t mmuallowed(const Space *s, pte_t pte);

/*
 * Return va's entry at level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB page), or NULL if
 * a larger page covers va, if LOOKUP meets a missing table, or if CREATE
 * finds no memory for one. The caller sets the entry and flushes the TLB. In
 * the kernel half of a space that others share no top-level entry may be
 * missing any more: that is a panic.
 */
pte_t *mmuwalk(Space *s, uintptr_t va, int level, enum walk how);

/*
 * The entry that decides about va, and its level in *level; NULL if nothing
 * is mapped there.
 */
pte_t *mmufind(const Space *s, uintptr_t va, int *level);

/* Where va leads; NOADDR if nowhere. */
paddr_t mmupa(const Space *s, uintptr_t va);

/*
 * Map size bytes at va to pte's address, with the largest pages that fit and
 * do not span memory that the machine caches in two ways (limits.caching). -1
 * if there is no memory for a table; nothing is mapped then. Panics if part of
 * the range is mapped already.
 */
int pmap(Space *s, uintptr_t va, pte_t pte, size_t size);

/*
 * Unmap size bytes at va, splitting a large page where the range ends inside
 * it. What is not mapped is skipped. -1 if there is no memory for a split;
 * everything is still mapped then.
 */
int punmap(Space *s, uintptr_t va, size_t size);

/*
 * Turn the large page *pte of that level, which va lies in, into a table of
 * pages one level down, with the same flags. -1 if there is no memory for the
 * table.
 */
int ptesplit(Space *s, pte_t *pte, uintptr_t va, int level);

/*
 * Make the pages that [p, p + size) touches, mapped by vmap, write-combining;
 * large ones are split at the ends. -1 if there is no memory for a split;
 * nothing has changed then.
 */
int patwc(Space *s, void *p, size_t size);

/*
 * Map a page of user space to pte's address, for user mode, in place of what
 * was there: this CPU drops that, others are asked nothing. The other flags
 * are pte's own. -1 if there is no memory for a table. mmurelease unmaps all of
 * user space and takes its tables back; the pages are the caller's.
 */
int putmmu(Space *s, uintptr_t va, pte_t pte);
void mmurelease(Space *s);

/* Panic unless va, in either half, is mapped to pa. */
void checkmmu(const Space *s, uintptr_t va, paddr_t pa);

/* Drop va from this CPU's TLB, global entries too. */
void flushva(uintptr_t va);

/*
 * A page for a table from whoever has memory at this stage, reached by kaddr;
 * not cleared. NULL if there is none. What rampages gives out once its list
 * has nothing: the tables of every space that is made after the first.
 */
void *rampage(void);
extern Tablepages rampages;

/* 9front's names for the direct map; any pointer's address, any address's. */
#define KADDR(pa) kaddr(pa)
#define PADDR(p) paddr(p)

/* kmap by address; and always through the window. Undo with kunmap. */
void *kmappa(paddr_t pa);
void *kmapplace(paddr_t pa);

/* The window exists, its first taken bytes are in use. Called by mmuinit. */
void vmapinit(size_t taken);

/*
 * Devices: map size bytes of any physical address, uncached (PTEUC) or write-
 * combining (PTEWC), and return where. Pages of 2 MiB and 1 GiB are used where
 * the device is that large. NULL, with a line that says why, if the request is
 * empty, wraps, is beyond the CPU's addresses, is page 0, touches RAM or mem9
 * itself, or no window space or table is left. vunmap takes exactly what one
 * vmap returned, and panics otherwise.
 */
void *vmap(paddr_t pa, size_t size, pte_t memtype);
void vunmap(void *p, size_t size);

/*
 * The final tables: the direct map of all RAM (below *directmap=, if given),
 * the windows, protections.
 */
void mmuinit(void);

/* RAM that has become free since mmuinit joins the direct map. */
void dmapadd(paddr_t pa, size_t size);

#endif
