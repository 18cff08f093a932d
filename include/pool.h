/*
 * pool.h - malloc: blocks of any size for as long as they are wanted.
 *
 * There are three pools, each with its own memory: mainmem for malloc,
 * imagmem for what may move, and secrmem for secrets, which is cleared when a
 * block is freed. Memory comes in arenas from xalloc, and when the kernel's
 * share is spent, page by page from the page allocator, mapped for the
 * purpose. An arena with nothing in it goes back, but for one.
 *
 * Every block knows its exact size, its pool and who asked for it. What is no
 * block, is free already, belongs to another pool, or was written beyond one
 * of its ends stops the machine when it is freed, resized or measured, with
 * the owner's pc. With CHECK=1 a write to a block that was free is found too.
 *
 * From xinit on, on any CPU, freeing on another than allocated is fine. From an
 * interrupt too, but for smalloc, in a kernel whose hooks allow for it
 * (hooks.h).
 */
#ifndef POOL_H
#define POOL_H

#include "types.h"

typedef struct Percpu Percpu;
typedef struct Pool Pool;
typedef struct Poolstats Poolstats;

extern Pool *const mainmem;
extern Pool *const imagmem;
extern Pool *const secrmem;

/*
 * size bytes of mainmem, 16-byte aligned, or NULL. malloc clears them, mallocz
 * if asked. smalloc clears, and waits for memory (memwait) instead of failing;
 * it panics if no machine has as much.
 */
void *malloc(size_t size);
void *mallocz(size_t size, bool zero);
void *smalloc(size_t size);

/*
 * The same, cleared, such that p + offset is a multiple of align, and the
 * block not across a multiple of span; powers of two, or 0 for "does not
 * matter".
 */
void *mallocalign(size_t size, size_t align, ptrdiff_t offset, size_t span);

/*
 * p with its size changed, moved if it must; what is gained is not cleared.
 * NULL if there is no memory: p stays as it was. A NULL p is malloc, not
 * cleared; size 0 is free.
 */
void *realloc(void *p, size_t size);

/* The size asked for. */
size_t msize(void *p);

/* NULL is nothing. */
void free(void *p);

/* The same in a given pool; nothing is cleared. */
void *poolalloc(Pool *pool, size_t size);
void *poolallocalign(
    Pool *pool, size_t size, size_t align, ptrdiff_t offset, size_t span);
void *poolrealloc(Pool *pool, void *p, size_t size);
size_t poolmsize(Pool *pool, void *p);
void poolfree(Pool *pool, void *p);

/*
 * Panic unless everything in the pool is as it must be. O(blocks). The other
 * CPUs must leave the pool alone meanwhile.
 */
void poolcheck(Pool *pool);

/*
 * Give back what can be: the blocks that wait on any CPU, and the empty arena
 * that was kept. True if anything went back to xalloc or the page allocator.
 */
bool poolcompact(Pool *pool);

/* "Main max 1 cur 2 free 3 alloc 4", bytes, as 9front does. */
void poolsummary(Pool *pool);
void mallocsummary(void);

/* The pools as `mem9: ` lines. */
void poolsprint(void);

struct Poolstats {
	size_t size;      /* bytes that the pool has from below */
	size_t max;       /* the most that there were */
	size_t used;      /* of them, in use */
	size_t nfailed;   /* times that there was no memory for a block */
	uint64_t longest; /* ticks() that the lock was held at once */
	uint64_t held;    /* and in all; 0 if there is no clock */
};

/* All of a moment ago. */
void poolstats(Pool *pool, Poolstats *st);

/* Bytes that the pool has from below, and of those, the bytes in use. */
size_t poolsize(Pool *pool);
size_t poolused(Pool *pool);
const char *poolname(Pool *pool);

/*
 * A CPU that runs no more, whose Percpu this is, gives back what waits at it in
 * all pools. It may come again. Called by another one, or by its last thread,
 * before pagecpugone, which takes what this leaves.
 */
void poolcpugone(Percpu *gone);

/*
 * Clear all memory the pool has, without a lock, for whoever is about to switch
 * the machine off: neither the pool nor its blocks can be used any more.
 */
void poolwipe(Pool *pool);

/*
 * Forget everything: all pools are as at the start. For whoever took the
 * memory away, xinit and the Percpu included.
 */
void poolinit(void);

#endif
