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

/* The CPU that this runs on; 0 while there is only one. */
size_t cpunumber(void);

/* Numbers are below this; does that one run, with nothing to do? */
size_t ncpus(void);
bool cpuup(size_t n);

/*
 * By CPU 0: run fn(arg) there, where nothing else is going on, and return when
 * it is done; false if that CPU is not up. A panic there that nobody catches
 * is the machine's.
 */
bool oncpu(size_t n, void (*fn)(void *), void *arg);

/* The same on all at once, this one too, but on no more than most. How many. */
size_t oncpus(size_t most, void (*fn)(void *), void *arg);

/* A line for each, with what it is at. */
void cpusprint(void);

#endif
