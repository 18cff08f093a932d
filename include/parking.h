/*
 * parking.h - the other CPUs, out of firmware's reach.
 *
 * When firmware ends they are in a loop of its: code, stack, IDT and page
 * tables in memory that its map calls free. Before any of that is used again
 * each gets an INIT and starts anew in a page of ours below 1 MiB, where it
 * halts. The page stays theirs for good, so that a late one lands there too.
 */
#ifndef PARKING_H
#define PARKING_H

#include "types.h"

/* Fill that page, which lies below 1 MiB, at its physical address. */
void parkfill(paddr_t pa);

/*
 * Send there whom firmware has named, and wait until they
 * have come, or 10 s. Who did not is named, and not waited for any more.
 */
void parkcpus(void);

#endif
