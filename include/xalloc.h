/*
 * xalloc.h - the first allocator: memory for as long as the kernel lives.
 *
 * It hands out the kernel's share of each bank, by address in the direct map,
 * any number of blocks of any size, at the same cost however many holes there
 * are. Memory is probed before it is used, a step at a time as allocation
 * reaches it; pages that do not hold what is written are left out.
 *
 * From pageinit on it belongs to the pools' arenas and to rampage alone:
 * anybody else uses malloc.
 */
#ifndef XALLOC_H
#define XALLOC_H

#include "types.h"

/*
 * Forget everything; the kernel's share of each bank in conf.mem becomes
 * holes. Needs confinit. Touches a page of each bank.
 */
void xinit(void);

/*
 * size bytes of RAM at pa, which the direct map reaches, become a hole, joined
 * with its neighbours. What is not a whole page is left out. Panics if some of
 * it is xalloc's already.
 */
void xhole(paddr_t pa, size_t size);

/*
 * size bytes, 16-byte aligned, or NULL. xallocz clears them if asked, xalloc
 * always. From xinit until pageinit. Undo with xfree.
 */
void *xalloc(size_t size);
void *xallocz(size_t size, bool zero);

/*
 * The same, cleared, at a multiple of align and not across a multiple of span;
 * both are powers of two, or 0 if it does not matter.
 */
void *xspanalloc(size_t size, size_t align, size_t span);

/*
 * xspanalloc, not cleared, for those who may come after pageinit too, and say
 * who they are.
 */
enum xuser { XPOOL, XRAMPAGE };
void *xspanallocfor(enum xuser who, size_t size, size_t align, size_t span);

/*
 * Free p, which any of these returned; NULL is nothing. Anything else, a
 * second time, or a block that was written beyond its ends: panics, after
 * printing what lies about p. At any stage.
 */
void xfree(void *p);

/*
 * [from, to) inside the block p is free again: what is below it stays p, unless
 * from is p; what is above, to the block's end, is a block of its own at to.
 * from and to are 16-byte aligned, or the end; they are XGIVEMIN bytes apart at
 * least, for a hole, and so is to from the end, if it is not there.
 */
void xgive(void *p, void *from, void *to);
enum { XGIVEMIN = 128 };

/* The block p has size bytes where it is; -1 if what is above it is in use. */
int xgrow(void *p, size_t size);

/*
 * 1 if q was the block directly above p: p now reaches to the end of q, which
 * must not be freed any more. 0 if it was not; nothing happened.
 */
int xmerge(void *p, void *q);

/* Print the holes, as 9front does: how many, each from, to, bytes; the sum. */
void xsummary(void);

/* Panic unless everything is as it must be. O(blocks). */
void xcheck(void);

/* How many holes there are, and bytes in them, unprobed memory included. */
size_t xholes(void);
size_t xfreebytes(void);

/* Pages that did not hold what was written to them so far. */
size_t xbadpages(void);

#endif
