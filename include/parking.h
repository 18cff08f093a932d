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

/*
 * Fill the page at physical address pa, below 1 MiB, which is reached at page.
 * Needs cpuidentify().
 */
void parkfill(void *page, paddr_t pa);

/*
 * Send there whom firmware has named, and wait until they have come, or 10 s.
 * Who did not is named, and not waited for any more. If firmware had no page to
 * give, bootinfo->lowpage is NOADDR, and spare is one that boot services have
 * left, or NOADDR too: then they stay where they are, and that is said. To be
 * called before any memory that firmware had is written to.
 */
void parkcpus(paddr_t spare);

#endif
