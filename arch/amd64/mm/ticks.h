/*
 * ticks.h - this machine's clock for mm/: cycles of the time-stamp counter.
 *
 * Two CPUs' may differ, but what is measured begins and ends on one, with its
 * lock held. RDTSC is not ordered among loads: what is a few cycles long is
 * not exact.
 */
#ifndef TICKS_H
#define TICKS_H

#include <stdint.h>

enum { HASTICKS = 1 };

static inline uint64_t
ticks(void)
{
	return __builtin_ia32_rdtsc();
}

#endif
