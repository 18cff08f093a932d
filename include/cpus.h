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

/* Numbers are below this; is that one there, and free? CPU 0 always is. */
size_t ncpus(void);
bool cpuup(size_t n);

/* Has it stopped for good? */
bool cpugone(size_t n);

/*
 * By CPU 0: run fn(arg) there, where nothing else is going on, and return when
 * it is done; false if that CPU is not up. If it takes longer than us, that is
 * a panic; MINDLESS: however long. A panic there that nobody catches is the
 * machine's.
 */
enum { WORKUS = 600000000 };
#define MINDLESS UINT64_MAX
bool oncpu(size_t n, void (*fn)(void *), void *arg, uint64_t us);

/*
 * The same on all at once, this one too, but on no more than most; of WORKUS
 * each. How many, also those that went away meanwhile. CPU 0's own fn answers
 * what the others ask, by rest() or a lock of mm/'s, every few seconds: it has
 * interrupts off.
 */
size_t oncpus(size_t most, void (*fn)(void *), void *arg);

/* A line for each, with what it is at. */
void cpusprint(void);
void cpuslines(void); /* "mem9: cpuat n=... at=..." */

#endif
