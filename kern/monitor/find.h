/*
 * find.h - all that is known of an address.
 */
#ifndef FIND_H
#define FIND_H

#include "types.h"

/* Tables and words, or "mem9: " lines. */
enum findfor { FINDPEOPLE, FINDPROGRAMS };

/*
 * Print it: an address of the upper half is one of the kernel's, any other a
 * physical one.
 */
void findaddress(uintptr_t at, enum findfor whom);

/*
 * Is it an address that no page table could have, or none of this CPU's
 * memory? What is wrong, or NULL.
 */
const char *badphysical(paddr_t pa);
const char *badvirtual(uintptr_t va);

/* The kernel's, and not a physical one. */
bool isvirtual(uintptr_t at);

#endif
