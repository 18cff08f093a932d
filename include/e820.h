/*
 * e820.h - 9front's *e820= line: the memory map as text.
 *
 *	type base end type base end ...		types 1, 2, 3 ... one digit
 *	base end base end ...			the old form: all is RAM
 *
 * Addresses are hexadecimal, end exclusive. A single character where an entry
 * starts is its type, so an old form that starts at 0 must write 00. 1 is
 * MemRAM, 3 MemACPI, all others MemReserved.
 */
#ifndef E820_H
#define E820_H

#include "memmap.h"

/* 1 RAM, 3 ACPI, anything else reserved. */
enum memtype e820typeof(uint32_t type);

/*
 * For a map that comes in another form: first the default layers, then each
 * entry with its end exclusive. Prints what is odd about it.
 */
void e820begin(void);
void e820range(uint32_t type, paddr_t pa, paddr_t end, int physbits);

/*
 * The next entry of a line at *s, which steps over it: 1; 0 at the end, -1 if a
 * word is wrong.
 */
typedef struct E820entry E820entry;
struct E820entry {
	uint32_t type;
	paddr_t pa;
	paddr_t end;
};
int e820entry(const char **s, E820entry *e, Badword *bad);

/*
 * The default layers and every entry of the line into the memmap. -1, and
 * nothing added, if a word is wrong or there is no entry at all. physbits is
 * the width of the CPU's physical addresses.
 */
int e820add(const char *line, int physbits, Badword *bad);

/* Print the memmap's RAM, ACPI and reserved ranges as "*e820=..." */
void e820print(void);

#endif
