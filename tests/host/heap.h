/*
 * heap.h - a machine for xalloc and the pools, without the boot before them.
 */
#ifndef HEAP_H
#define HEAP_H

#include "types.h"

/* Where the first bank lies. */
#define HEAPBASE (16 * MiB)

/*
 * The machine has two CPUs and nbanks banks of size bytes, a page between
 * them, all the kernel's; above those a bank of nframes pages, none of them the
 * kernel's, which the direct map does not reach. xinit is done. Pages in bad of
 * the first bank, of which there are nbad, hold nothing.
 */
void heapmachine(size_t nbanks, size_t size, size_t nframes);
void heapbadmachine(size_t size, const size_t *bad, size_t nbad);

/* The next machines have so many CPUs instead. */
void heapcpus(int n);

/* preallocpages and pageinit are done too. */
void heappages(void);

#endif
