/*
 * linuxtype.h - what Linux takes memory for that EFI describes.
 */
#ifndef LINUXTYPE_H
#define LINUXTYPE_H

#include "types.h"

/*
 * Linux's numbers for e820, of which the highest wins where some overlap;
 * NOTYPE: Linux leaves it out.
 */
#define E820SOFT 0xefffffffu
enum {
	NOTYPE = 0,
	E820RAM = 1,
	E820RESERVED = 2,
	E820ACPI = 3,
	E820NVS = 4,
	E820UNUSABLE = 5,
	E820PMEM = 7,
	E820PRAM = 12,
};

enum { EFIUNACCEPTED = 15 };

/*
 * By type and attributes alone: what firmware and loaders used for themselves
 * is RAM by then, whether it can be cached or not, and what is for a special
 * purpose is left to a driver. Unaccepted memory is RAM to a kernel that can
 * accept it, which is supposed here.
 */
uint32_t linuxtypeof(uint32_t type, uint64_t attr);

#endif
