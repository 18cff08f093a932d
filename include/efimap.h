/*
 * efimap.h - the firmware's EFI memory map, read as the specification says.
 *
 * Nothing here needs UEFI headers, and all but efimapadd() also runs while
 * firmware lives.
 */
#ifndef EFIMAP_H
#define EFIMAP_H

#include "memmap.h"

typedef struct Efidesc Efidesc;
typedef struct Efimap Efimap;

/* A map as GetMemoryMap() left it, and what is known beside it. */
struct Efimap {
	const void *desc;
	size_t size;   /* bytes of all descriptors */
	size_t stride; /* from one to the next, never sizeof */
	int physbits;  /* width of the CPU's physical addresses, below 64 */
	paddr_t block; /* the memory mem9 itself lies in, if blocksize != 0 */
	size_t blocksize;
};

/* One descriptor, unpacked. */
struct Efidesc {
	uint32_t type;
	paddr_t base;
	uint64_t npages;
	uint64_t attr;
};

/* Less or more than this is no stride. */
enum { EFISTRIDEMIN = 40, EFISTRIDEMAX = 4096 };

/* How many descriptors there are; 0 if the stride is wrong. */
size_t efimapcount(const Efimap *map);

/* Descriptor number i, in the firmware's order. */
Efidesc efimapdesc(const Efimap *map, size_t i);

/* The specification's name without Efi, or NULL for OEM, OS and unknown. */
const char *efitypename(uint32_t type);

/* What a descriptor's memory becomes, by its type and attributes alone. */
enum memtype efitypeof(uint32_t type, uint64_t attr);

/*
 * What this descriptor becomes, where it lies considered: MemReserved for RAM
 * below 1 MiB or inside the block, NMEMTYPE ("none") if it is dropped.
 */
enum memtype efimapverdict(const Efimap *map, const Efidesc *d);

/*
 * Everything into the memmap: the default layers, every descriptor, the block
 * as MemReserved. Prints "mem9: odd" lines. -1, and nothing added, if the
 * stride is wrong.
 */
int efimapadd(const Efimap *map);

/*
 * A page below 640 KiB, not page 0, that nobody needs once boot services have
 * ended: the highest, or NOADDR.
 */
paddr_t efimaplow(const Efimap *map);

/* Print the "mem9: efi" lines, in the firmware's order. */
void efimapprint(const Efimap *map);

#endif
