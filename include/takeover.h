/*
 * takeover.h - from firmware's world to KZERO.
 *
 * efi/ asks how large the block must be, allocates it, fills it in and lets
 * go; from then on only the block and the image itself may be written to
 * until mem9 stands on its own tables, as firmware may keep its stack, tables
 * and IDT in memory its map calls free.
 */
#ifndef TAKEOVER_H
#define TAKEOVER_H

#include "bootinfo.h"
#include "mem.h"

/* Stacks, each at its own place above STACKS with nothing mapped below. */
enum stack { STACKMAIN, STACKDF, STACKNMI, STACKMC, STACKRT, NSTACK };

/* First address past the stack. */
uintptr_t stacktop(enum stack s);

/* The stack va belongs to, its guard included; NSTACK if none. */
enum stack stackof(uintptr_t va, bool *guard);

/* Go on in fn, for good, on an empty stack. */
_Noreturn void restack(uintptr_t sp, void (*fn)(void));

/*
 * Fill in the parts of a block for this image and so many bytes of hand-over,
 * starting at pa, and return the size of the whole.
 */
size_t blocklayout(Bootinfo *b, paddr_t pa, size_t handover);

/* What a block is aligned to. */
#define BLOCKALIGN (2 * MiB)

/*
 * Boot services are gone: copy the image, build the first page tables, switch
 * and call main() at KZERO. b is at its physical address, in the block.
 */
_Noreturn void takeover(Bootinfo *b);

/* Map image, stacks and hand-over, as both sets of tables have them. */
int mapblock(pte_t *pml4, const Bootinfo *b);

/*
 * The framebuffer's pixels, at whatever address they have at this stage: its
 * own, one in the first tables, or through vmap from mmuinit on. NULL if there
 * is none or it cannot be mapped.
 */
volatile void *fbpixels(void);

/* The identity mapping of the switch page goes away. */
void takeoverdone(void);

/*
 * What CR3 should hold for these two halves (lower may be NULL): with LA57 a
 * page of a fifth level, made for the purpose.
 */
paddr_t toplevel(pte_t *pml4, pte_t *lower);

/* Stand on these kernel tables; with LA57, under a fifth level that leads to
 * them. */
void loadmmu(pte_t *pml4);

#endif
