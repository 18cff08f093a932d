/*
 * ticks.h - the host's clock, which tests set (hostclock); none in benchmarks.
 */
#ifndef TICKS_H
#define TICKS_H

#include <stdint.h>

#ifdef HOSTNOSIGNALS
enum { HASTICKS = 0 };

static inline uint64_t
ticks(void)
{
	return 0;
}
#else
enum { HASTICKS = 1 };

uint64_t ticks(void);
#endif

#endif
