/*
 * layers.h - one entry of a firmware's map, EFI or e820, into the memmap.
 *
 * Private to efimap.c and e820.c.
 */
#ifndef LAYERS_H
#define LAYERS_H

#include "memmap.h"

/*
 * The default layers under everything: 0 - 16 MiB is MemUMB, 16 MiB - 4 GiB is
 * MemUPA.
 */
void firmwaredefaults(void);

/*
 * [pa, pa + size), not empty and not past 2^64, is of this type, says a
 * firmware. It is cut off at physbits, which is said; RAM shrinks to whole
 * pages and everything else grows; RAM below 1 MiB becomes MemReserved.
 */
void firmwareadd(paddr_t pa, size_t size, enum memtype type, int physbits);

#endif
