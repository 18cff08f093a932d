/*
 * direct.h - what the direct map should be: from a painted memory map, and
 * from what no large page can cover.
 */
#ifndef DIRECT_H
#define DIRECT_H

#include "mem.h"
#include "metal.h"
#include "paint.h"

typedef struct Direct Direct;

/* For which CPU, below which cap, how far above DMAP. */
struct Direct {
	Kind kind;
	paddr_t cap; /* NOADDR: none */
	size_t slide;
};

/*
 * Find what should be mapped of a painting, which may go on after it: RAM and
 * ACPI tables that the CPU can address, under the cap, where there is room.
 * Returns its end; 0 if there is nothing.
 */
paddr_t directwant(const Direct *d, Paint *p);

/*
 * Is exactly that mapped, as plain data, in at most slack more tables than it
 * takes? NULL if so, or what differs.
 */
const char *directdiffers(const Direct *d, pte_t *pml4, size_t slack);

#endif
