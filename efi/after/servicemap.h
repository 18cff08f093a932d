/*
 * servicemap.h - what firmware's runtime services see of memory, and how.
 *
 * Pure: descriptors in, ranges and page flags out. Two answers to the same map:
 *
 *	fine	what the memory-attributes table says; what it left out by type
 *	plain	without that table: services may write and run all of theirs
 */
#ifndef SERVICEMAP_H
#define SERVICEMAP_H

#include "efimap.h"
#include "mem.h"

typedef struct Servicemap Servicemap;
typedef struct Servicerange Servicerange;

struct Servicemap {
	Efimap map;  /* firmware's; its physbits hold for both */
	Efimap fine; /* the attributes table's descriptors; size 0: none */
};

/* Pages [pa, end), mapped at their own address with these flags. */
struct Servicerange {
	paddr_t pa;
	paddr_t end;
	pte_t flags;
};

/*
 * The first range at or after from; ranges do not overlap and are as long as
 * the flags are the same. False if there is no other. Where descriptors of one
 * table overlap, the first of them decides.
 */
bool servicerange(const Servicemap *m, paddr_t from, Servicerange *r);

/*
 * Is this descriptor for the services, by attribute or by type, as some
 * firmware forgets the mark? And if so, can it be mapped: whole pages, not page
 * 0, within the CPU's and user space's addresses?
 */
bool servicewanted(const Efidesc *d);
bool servicesane(const Efidesc *d, int physbits);

#endif
