/*
 * block.h - the one piece of memory that mem9 asks firmware for.
 *
 *	block  [ image copy | stacks | of others | first tables | hand-over ]
 *	mapped   KZERO        STACKS     later     direct map     VMAP
 *
 * efi/ asks how large it must be, allocates it, fills it in and lets go; from
 * then on only the block and the image itself may be written to until mem9
 * stands on its own tables, as firmware may keep its stack, tables and IDT in
 * memory that its map calls free.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "bootinfo.h"
#include "space.h"

/* What a block is aligned to. */
#define BLOCKALIGN (2 * MiB)

/*
 * Fill in the parts of a block for this image, b->ncpus CPUs (at least one) and
 * so many bytes of hand-over, starting at pa, and return the size of the whole.
 */
size_t blocklayout(Bootinfo *b, paddr_t pa, size_t handover);

/*
 * Map image, stacks and hand-over, as the first and the final tables have
 * them. -1 if there are no pages for tables.
 */
int mapblock(Space *s, const Bootinfo *b);

/*
 * The stacks of CPU n, one of 1 to b->ncpus - 1: all but STACKRT. -1 if there
 * are no pages for tables; nothing is mapped then.
 */
int mapcpustacks(Space *s, const Bootinfo *b, size_t n);

/*
 * The framebuffer's pixels, at whatever address they have at this stage: its
 * own, one that first and final tables have, or through vmap from mmuinit on.
 * NULL if there is none or it cannot be mapped. mapearlyfb is for who makes
 * those tables; unmapearlyfb undoes it once vmap can be asked, before a page is
 * mapped in two ways.
 */
volatile void *fbpixels(void);
int mapearlyfb(Space *s, const Fb *fb);
void unmapearlyfb(Space *s, const Fb *fb);

#endif
