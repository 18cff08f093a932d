/*
 * memmap.h - what every physical address is, and which of it is taken.
 *
 * 9front's memmap: typed ranges, the higher type winning where they overlap.
 */
#ifndef MEMMAP_H
#define MEMMAP_H

#include "types.h"

/* In rising precedence. */
enum memtype {
	MemUPA,      /* unbacked physical addresses, for devices */
	MemUMB,      /* upper memory blocks, below 16 MiB */
	MemRAM,      /* ordinary memory */
	MemACPI,     /* tables to read before it is used as RAM */
	MemReserved, /* hands off */
	NMEMTYPE
};

void memmapinit(void *table, size_t size);
int memmapadd(paddr_t pa, size_t size, enum memtype type);
paddr_t memmapalloc(paddr_t pa, size_t size, size_t align, enum memtype type);
void memmapfree(paddr_t pa, size_t size, enum memtype type);
paddr_t memmapnext(paddr_t pa, enum memtype type);
size_t memmapsize(paddr_t pa, size_t align);
void memmapdump(void);

#endif
