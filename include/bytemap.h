/*
 * bytemap.h - frames by physical address: one byte each says what it is.
 *
 * The same frames as page.h's pages: a frame from kalloc_frame is a page with
 * one reference and no user address.
 */
#ifndef BYTEMAP_H
#define BYTEMAP_H

#include "types.h"

enum framestate {
	FRAMEFREE,      /* anyone may have it */
	FRAMEALLOCATED, /* handed out, or waiting at a CPU */
	FRAMERESERVED,  /* not ours to give: the kernel's, bad, or no RAM */
};

/* A frame, not cleared, or NOADDR if all are taken. Undo with kfree_frame. */
paddr_t kalloc_frame(void);

/*
 * A frame for a page table, where kaddr reaches it; it is never given back.
 * From pageinit on, wherever it is wanted: while mm/ maps, too. NOADDR if there
 * is none to be had without asking other CPUs.
 */
paddr_t kalloc_table(void);

/* Panics if pa is no frame, or it is not handed out, or someone shares it. */
void kfree_frame(paddr_t pa);

/* What the frame at any pa is; costs no more where nothing was used yet. */
enum framestate framestate(paddr_t pa);

/*
 * Prove that byte map, chunk words, reference counts, stocks and totals
 * agree; panics where they do not. O(frames in use). No other CPU may be at
 * it.
 */
void bytemapcheck(void);

/*
 * Print "mem9: bytemap free=… allocated=… reserved=…", in frames of all banks
 * and of RAM that came later.
 */
void bytemapprint(void);

#endif
