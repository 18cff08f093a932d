/*
 * badram.h - RAM that does not hold what is written to it, whoever found out.
 *
 * Firmware's map promised it: it is bad, or not there at all. It is out of use
 * already; here it is kept for whoever has to say where it is and how much.
 */
#ifndef BADRAM_H
#define BADRAM_H

#include "types.h"

typedef struct Badrange Badrange;
typedef struct Ramtry Ramtry;

/* [pa, end), whole pages. */
struct Badrange {
	paddr_t pa;
	paddr_t end;
};

/* How much of the RAM has been tried, in pages. */
struct Ramtry {
	size_t tried; /* before anybody had it */
	size_t total;
	size_t since; /* once more, by who could have them last */
};

enum tryhow { TRYSOME, TRYALL };

/* None is known yet: a new memmap. */
void badraminit(void);

/*
 * These pages are bad; known ones may be among them. Who has found them keeps
 * them out of use: an allocator, of its own, or the memmap. From any CPU.
 */
enum badkeeper { BADINALLOCATOR, BADINMAP };
void badram(paddr_t pa, size_t npages, enum badkeeper keeper);

/*
 * Pages that are bad, each counted once as long as there is room to list them;
 * and those that the memmap keeps.
 */
size_t badrampages(void);
size_t badraminmap(void);

/* The first range that ends after pa, into *r; false if none. */
bool badramnext(paddr_t pa, Badrange *r);

/*
 * Try the free MemRAM before anybody has it, and reserve what is bad: some
 * pages of every 2 MiB, of what is beyond 64 GiB fewer; or all of it. All are
 * written before any is read back. Prints "mem9: odd kind=bad" lines.
 */
void ramtry(enum tryhow how);

/* What ramtry has done, or ramscan: that tries everything. */
const Ramtry *ramtried(void);
void ramtriedall(size_t npages);

/* So many pages have been written and read back since. */
void ramtriedsince(size_t npages);

#endif
