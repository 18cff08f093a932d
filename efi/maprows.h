/*
 * maprows.h - firmware's map as rows for people.
 *
 * Pure: no firmware is asked, nothing is printed.
 */
#ifndef MAPROWS_H
#define MAPROWS_H

#include "efimap.h"

typedef struct Maprow Maprow;

enum roworder {
	ROWSFOLDED, /* by address; neighbours that become the same are one */
	ROWSALL,    /* by address; holes between them are rows too */
	ROWSRAW,    /* as firmware gave them */
};

struct Maprow {
	paddr_t base;
	uint64_t npages;
	uint64_t attr;   /* what is not usual for RAM: see rowattr */
	uint32_t type;   /* of its largest descriptor */
	enum memtype as; /* NMEMTYPE: it is odd, and left out */
	size_t ndesc;    /* descriptors in it; 0: a hole */
	bool overlaps;   /* what came before reaches into it */
};

/* Descriptors in order of address; those at the same one stay as they are. */
void maprowssort(void *desc, size_t size, size_t stride);

/*
 * Calls fn for each row of the map, which has been sorted unless order is
 * ROWSRAW.
 */
void maprows(const Efimap *map, enum roworder order,
    void (*fn)(void *arg, const Maprow *row), void *arg);

/* A descriptor's attributes without those that all RAM has. */
uint64_t rowattr(uint64_t attr);

#endif
