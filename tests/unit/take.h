/*
 * take.h - what tests of attacks on the pools have in common.
 */
#ifndef TAKE_H
#define TAKE_H

#include "unit.h"

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

/* The panic must have this block's address in its message. */
static const void *named;

__attribute__((unused)) static void *
naming(void *p)
{
	named = p;
	return p;
}

__attribute__((unused)) static uint8_t *
block(size_t size)
{
	return naming(malloc(size));
}

/* The message names the block, and no lock is held. */
__attribute__((unused)) static void
mustpanic(void (*run)(void), const char *words)
{
	char address[32];

	hostquiet();
	assert_panics(run(), words);
	snprintf(address, sizeof address, "%p", named);
	if (strstr(hostpanic(), address) == NULL)
		fail_msg("'%s' does not name %s", hostpanic(), address);
}

#endif
