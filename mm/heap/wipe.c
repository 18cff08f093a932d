/*
 * wipe.c - a pool's memory is cleared, secrets and all that led to them.
 *
 * No lock is taken and no block is looked at: whoever asks may have come here
 * by a panic, with a lock held and blocks in disorder.
 */
#include "pool.h"
#include "poolparts.h"

/* Of whole words; free ones, which the sanitizer hides, among them. */
memraw void
poolwipe(Pool *pool)
{
	for (Region *r = pool->holes.regions; r != NULL; r = r->next) {
		volatile uint64_t *end = (volatile uint64_t *)r->edge;

		for (volatile uint64_t *w = (volatile uint64_t *)(r + 1);
		     w < end; w++)
			*w = 0;
	}
}
