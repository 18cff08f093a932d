/*
 * firmware.h - firmware's handles, and what is asked of it in more than one
 * place.
 *
 * Under everything else in efi/: firmware.c needs none of it. gnu-efi gives
 * the declarations; what its version lacks is in uefix.h.
 */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include <efi.h>

#include "efimap.h"
#include "uefix.h"

typedef struct Firmware Firmware;
typedef struct Rawmap Rawmap;

/* Copies: the system table loses its pointers when boot services end. */
struct Firmware {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *st;
	EFI_BOOT_SERVICES *bs;
};

/* Set by efi_main, first of all. */
extern Firmware fw;

/* The first interface of this kind on that handle, or NULL. */
void *protocol(EFI_HANDLE handle, EFI_GUID guid);

/* The first of this kind on any handle, or NULL. */
void *anyprotocol(EFI_GUID guid);

/* The configuration table with that name, or NULL. */
void *configtable(EFI_GUID guid);

/* All pool memory is freed with fwfree. NULL if there is none. */
void *fwtake(size_t size);
void fwfree(void *p);

/*
 * Text of n UCS-2 characters as bytes. False if it is no printable ASCII or
 * too long; what could be converted is in text even so.
 */
bool narrow(const CHAR16 *s, size_t n, char *text, size_t size);

/* The current memory map, in pool memory; false after an error was printed. */
struct Rawmap {
	uint8_t *desc;
	size_t size;
	size_t stride;
	size_t key;
};
bool getmap(Rawmap *m);

/* The same, as mm/ reads it, for this CPU: cpuidentify() comes first. */
Efimap efimapof(const Rawmap *m);

/* How many bytes the map knows from pa on, whatever they are; 0: none. */
uint64_t mapknows(const Efimap *map, paddr_t pa);

#endif
