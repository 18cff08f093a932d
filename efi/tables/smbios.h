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

/* Where the structures lie, and what they take. */
struct Smbios {
	paddr_t table;
	size_t size;
	bool exact; /* or that is what they take at most */
};

/*
 * The entry point of either kind, of which room bytes can be read; false if it
 * is none, or damaged.
 */
bool smbiosentry(const uint8_t *entry, size_t room, Smbios *s);

/*
 * Bytes in all memory devices that are RAM, by their structures; 0 if none
 * says. Boards name the chip with their firmware as a device, too.
 */
uint64_t smbiosmemory(const uint8_t *table, size_t size);

/* Do the structures end within it, with the one that says so? */
bool smbiosends(const uint8_t *table, size_t size);

#endif
