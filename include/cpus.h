/*
 * cpus.h - the other CPUs, from the page they are parked in to work of ours.
 */
#ifndef CPUS_H
#define CPUS_H

#include "types.h"

/*
 * Set aside what cpusinit needs of low memory, if there is anybody to start:
 * one page, below 4 GiB. When the memmap has all of the RAM.
 */
void cpusreserve(void);

/*
 * Start the parked CPUs that there are stacks for. Each of them then halts
 * until it is given something to do. Says of each CPU what became of it. Once,
 * from SPAGES on.
 */
void cpusinit(void);

#endif
