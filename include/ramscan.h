/*
 * ramscan.h - find out by trying what is memory and holds what is written.
 */
#ifndef RAMSCAN_H
#define RAMSCAN_H

#include "memmap.h"

enum { RAMSCANPIECE = 4 << 20 };

typedef struct Ramscan Ramscan;

/* What came out, in bytes. */
struct Ramscan {
	size_t good;
	size_t bad;
};

/*
 * Try every whole page of [pa, end) that is free memory of this type: MemRAM
 * to test what a map promises, MemUPA to look for memory without one. All of
 * it is written before any is read back, so that an alias of something lower
 * or higher shows. In pieces of 4 MiB: one that fails becomes MemReserved and
 * is listed, one that holds becomes (or stays) MemRAM. Prints how far it is.
 *
 * Contents are lost: nobody may use free memory of this type meanwhile.
 */
void ramscan(paddr_t pa, paddr_t end, enum memtype type, Ramscan *result);

#endif
