/*
 * smbios.h - how much memory the machine has, as its SMBIOS tables tell.
 *
 * Pure: bytes in. DMTF's "System Management BIOS Reference Specification"
 * (DSP0134), 5.2 for the entry points, 7.18 for memory devices.
 */
#ifndef SMBIOS_H
#define SMBIOS_H

#include "types.h"

typedef struct Smbios Smbios;

/* Where the structures lie; size is what they take at most. */
struct Smbios {
	paddr_t table;
	size_t size;
};

/* The entry point of either kind; false if it is none, or damaged. */
bool smbiosentry(const uint8_t *entry, Smbios *s);

/*
 * Bytes in all memory devices that are RAM, by their structures; 0 if none
 * says. Boards name the chip with their firmware as a device, too.
 */
uint64_t smbiosmemory(const uint8_t *table, size_t size);

#endif
