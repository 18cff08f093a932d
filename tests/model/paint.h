/*
 * paint.h - what the memory map should be, found the slow and obvious way.
 *
 * Ranges are kept as given. For the result the address space is cut at every
 * end of every range, and each piece asks all ranges what it is.
 */
#ifndef PAINT_H
#define PAINT_H

#include "memmap.h"

typedef struct Paint Paint;
typedef struct Stroke Stroke;

/* [pa, end) of a type; claim: counts as the firmware's word. */
struct Stroke {
	paddr_t pa;
	paddr_t end;
	int type; /* NMEMTYPE: claims only */
	bool claim;
};

struct Paint {
	Stroke *stroke;
	size_t nstroke;
	Memrange *want; /* the result, after paintdone */
	size_t nwant;
	Memrange *twice; /* pieces claimed more than once */
	size_t ntwice;
	size_t odd[4]; /* entries with these oddities */
};

enum { ODDZERO, ODDWRAP, ODDWIDTH, ODDALIGN };

/* p is all zero to begin with; paintfree makes it so again. */
void paintrange(Paint *p, paddr_t pa, paddr_t end, enum memtype type);
void paintfree(Paint *p);

/* The default layers, and one entry of a firmware, by DESIGN's table. */
void paintdefaults(Paint *p);
void paintefi(Paint *p, uint32_t type, uint64_t base, uint64_t npages,
    uint64_t attr, int physbits);
void painte820(
    Paint *p, uint32_t type, uint64_t base, uint64_t end, int physbits);

/* All is said: find the result. */
void paintdone(Paint *p);

/*
 * Is the memmap exactly the result? NULL if so, or what differs. paintprint
 * says what should have been.
 */
const char *paintdiffers(const Paint *p);
void paintprint(const Paint *p);

#endif
