/*
 * poolblock.h - a pool's block: its size, and what is written about it.
 *
 * Private to pool.c and realloc.c.
 */
#ifndef POOLBLOCK_H
#define POOLBLOCK_H

#include "poolparts.h"

/*
 * pool.c: the size of p, which must be a live block of the pool with whole
 * ends; if not, stop in the name of func.
 */
size_t poollivesize(const char *func, Pool *pool, const void *p);

/* pool.c: a block from the holes: too large for a slot, or aligned. */
void *poollargealloc(Pool *pool, const Want *w, uintptr_t pc);

/* pool.c: p, a live block, is free. */
void poolgive(const char *func, Pool *pool, void *p);

/* How many bytes a block in a slot of the class may have. */
static inline size_t
poolslotroom(unsigned class)
{
	return slotsizes[class] - SLOTEXTRA;
}

/* How many bytes p may have where it is. */
static inline size_t
poolroomof(const void *p, uint64_t parts)
{
	unsigned class = tagclass(parts);

	if (class == CLARGE)
		return blockroom(memblock(p)) - CANARYSIZE;
	return poolslotroom(class);
}

/* Make p a live block of size bytes, of which class and place are known. */
static inline void
poolstamp(Pool *pool, void *p, size_t size, unsigned class, uintptr_t pc)
{
	uint64_t parts = tagkind(pool->kind, class);
	uint64_t slack = poolroomof(p, parts) - size;

	tagset(p, parts | slack << SLACKSHIFT | tagowner(pc), size);
}

#endif
