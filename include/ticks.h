/*
 * ticks.h - the back end's clock: how long locks are held (mm/held.h).
 *
 * A back end that has one provides a header of this name that the compiler
 * finds before this one, as arch/amd64/mm has one. This one is for those that
 * have none: nothing is measured then, and nothing is left of it in the code,
 * as whoever would measure asks HASTICKS.
 */
#ifndef TICKS_H
#define TICKS_H

#include <stdint.h>

enum { HASTICKS = 0 };

static inline uint64_t
ticks(void)
{
	return 0;
}

#endif
