/*
 * caching.h - how the machine caches physical memory, whatever page tables
 * say, and what the memory map makes of that.
 */
#ifndef CACHING_H
#define CACHING_H

#include "types.h"

/* Uncached, write-combining, -through, -protected, -back. */
enum caching { CACHEUC, CACHEWC, CACHEWT, CACHEWP, CACHEWB, NCACHING };

typedef struct Cached Cached;

/*
 * The kind that the memory at pa is of, and so is all of it up to *end; what
 * follows may be of the same kind.
 */
typedef enum caching Cachingat(paddr_t pa, paddr_t *end);

/* What came of asking. */
struct Cached {
	const char *doubt; /* why the machine is not believed, or NULL */
	size_t ram;        /* bytes of MemRAM and MemACPI that there were */
	size_t lost;       /* of those, not write-back */
};

/*
 * Ask about the whole memmap: RAM and ACPI tables that are not write-back, and
 * MemUMB and MemUPA that are not uncached, become MemReserved. Of the former
 * each range is named, "mem9: odd kind=mtrr". Nothing is changed, and one such
 * line with base=0x0 has all pages in question, if there is a doubt already
 * (NULL if not) or if less than half of the RAM would be write-back. Call it
 * when the map is made and nothing is allocated.
 */
void memmapcaching(Cachingat *at, const char *doubt);

/* What came of the last such call. */
const Cached *memmapcached(void);

/* Is all of [pa, end) write-back? */
bool writeback(Cachingat *at, paddr_t pa, paddr_t end);

/*
 * What this machine says: all is write-back until cachingread() has found out
 * better, and after cachingforget(). cachingread returns why there is nothing
 * to be found out, or NULL.
 */
Cachingat cachingat;
const char *cachingread(void);
void cachingforget(void);

#endif
