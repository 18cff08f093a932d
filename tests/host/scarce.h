/*
 * scarce.h - memory that runs out for proc/ when a test wants it.
 */
#ifndef SCARCE_H
#define SCARCE_H

#include "types.h"

/*
 * So many more pages, blocks and images are had, and then none, until the next
 * call; SIZE_MAX: as many as there are.
 */
void scarce(size_t n);

/* How many were refused since. */
size_t scarcerefused(void);

/* When something is asked for next, fn runs before: what another CPU may do. */
void scarcewhen(void (*fn)(void));

#endif
