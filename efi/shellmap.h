/*
 * shellmap.h - the UEFI shell's `memmap': its words, and its lines.
 *
 * Pure but for print.
 */
#ifndef SHELLMAP_H
#define SHELLMAP_H

#include "efimap.h"

enum { NSHELLTYPE = 16 }; /* that have a name */

/*
 * The names of a type in `memmap' and in `memmap -sfo'; NULL for one that has
 * a number only.
 */
const char *shelltype(uint32_t type);
const char *shelltypelong(uint32_t type);

/*
 * What `memmap -sfo' prints of this map, by the byte. With as, a column more:
 * what each descriptor becomes; and a line also for types without a name,
 * which the shell leaves out.
 */
void shellmapprint(const Efimap *map, bool as);

#endif
