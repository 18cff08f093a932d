/*
 * checkmtrr.c - the check of how the machine caches what the map calls RAM.
 *
 * MTRRs that leave a little of the RAM uncached are a flaw of many firmwares,
 * and only cost that; more than a twentieth is a fault to be told of.
 */
#include "audit.h"
#include "caching.h"
#include "checks.h"
#include "hooks.h"
#include "memmap.h"
#include "print.h"

enum { LOSABLE = 20 }; /* one part in so many */

/* The first range of RAM or ACPI tables that is not write-back, or NOADDR. */
static paddr_t
slowram(void)
{
	Memrange r;

	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end)
		if ((r.type == MemRAM || r.type == MemACPI) &&
		    !writeback(cachingat, r.pa, r.end))
			return r.pa;
	return NOADDR;
}

enum verdict
checkmtrr(char *detail, size_t size)
{
	const Cached *c = memmapcached();
	paddr_t slow = slowram();
	size_t mixed = audit().mixed;

	if (c->doubt != NULL) {
		snprint(detail, size, "not believed: %s", c->doubt);
		return SKIPPED;
	}
	snprint(detail, size, "%zu of %zu KiB of RAM are not write-back",
	    (size_t)(c->lost / KiB), (size_t)(c->ram / KiB));
	if (slow != NOADDR)
		snprint(detail, size, "RAM at %#jx is not write-back", slow);
	else if (mixed != 0)
		snprint(
		    detail, size, "%zu pages are cached in two ways", mixed);
	else if (c->lost * LOSABLE <= c->ram)
		return OK;
	return FAILED;
}
