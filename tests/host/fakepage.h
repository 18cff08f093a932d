/*
 * fakepage.h - pages for tables that run out when a test wants it: in place of
 * arch/tablepages.c.
 */
#ifndef FAKEPAGE_H
#define FAKEPAGE_H

#include "types.h"

/* Start again, with pages of [pa, pa + size), which kaddr reaches. */
void fakeinit(paddr_t pa, size_t size);

/* After n more pages there are none; SIZE_MAX: no limit. */
void fakelimit(size_t n);

/* How often there was none since fakelimit(). */
size_t fakerefused(void);

#endif
