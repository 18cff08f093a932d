/*
 * quickbench.h - how fast the allocators are, on this machine.
 */
#ifndef QUICKBENCH_H
#define QUICKBENCH_H

/*
 * A page, blocks of malloc and of xalloc, each taken and given back over and
 * over, on this CPU alone: the best of several rounds, in nanoseconds a pair;
 * or in lines for programs, in picoseconds. About a second; Ctrl-C ends it.
 * Nothing stays taken.
 */
void bench(void);
void benchlines(void);

#endif
