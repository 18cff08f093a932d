/*
 * caching.c - how this machine caches memory: by its MTRRs, where they are
 * believed. Firmware sets them, and mem9 leaves them alone.
 */
#include "mtrr.h"

static Mtrrs mtrrs;
static bool known;

void
cachinguse(const Mtrrs *m)
{
	mtrrs = *m;
	known = true;
}

void
cachingforget(void)
{
	known = false;
}

enum caching
cachingat(paddr_t pa, paddr_t *end)
{
	if (known)
		return mtrrat(&mtrrs, pa, end);
	*end = NOADDR;
	return CACHEWB;
}
