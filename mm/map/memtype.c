/*
 * memtype.c - what a range is in words: its type's name, and what is odd.
 *
 * Below the map itself: whoever reads, adds or sorts ranges says so by these.
 */
#include "memmap.h"
#include "hooks.h"

const char *
memtypename(enum memtype type)
{
	static const char *const name[] = {
	    [MemUPA] = "MemUPA",
	    [MemUMB] = "MemUMB",
	    [MemRAM] = "MemRAM",
	    [MemACPI] = "MemACPI",
	    [MemReserved] = "MemReserved",
	};

	return (unsigned)type < NMEMTYPE ? name[type] : "none";
}

void
memmapodd(const char *kind, paddr_t pa, size_t npages)
{
	print("mem9: odd kind=%s base=0x%jx pages=%zu\n", kind, pa, npages);
}
