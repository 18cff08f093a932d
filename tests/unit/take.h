/*
 * take.h - what tests of freed small blocks have in common.
 */
#ifndef TAKE_H
#define TAKE_H

#include "rename.h"
#include "pool.h"

/*
 * All that waited at this CPU, and more, is taken: in which order it comes out,
 * nobody knows.
 */
__attribute__((unused)) static void
takemany(Pool *pool, size_t size)
{
	for (unsigned i = 0; i < 1100; i++)
		poolalloc(pool, size);
}

#endif
