/*
 * takeover.h - from firmware's world to KZERO, and what is left of it.
 */
#ifndef TAKEOVER_H
#define TAKEOVER_H

#include "block.h"

/*
 * Boot services are gone: copy the image, build the first page tables, switch
 * and go on in kernel, a function of ours, at KZERO; a panic there ends in
 * broken, another, until kernel has said where. b is at its physical address,
 * in the block; cpuidentify() has been called.
 */
_Noreturn void takeover(
    Bootinfo *b, void (*kernel)(void), void (*broken)(void));

/* CPU 0: TSS and its stacks; nothing of the switch stays mapped. */
void mach0init(void);

#endif
