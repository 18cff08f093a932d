/*
 * fakefw.h - a firmware for efi/ on this machine: its tables, pool memory,
 * protocols and map are what a test says, and fail when it says so.
 *
 * Functions that are not here are NULL; a test that needs them puts its own
 * into fakeservices.
 */
#ifndef FAKEFW_H
#define FAKEFW_H

#include <efi.h>

#include "types.h"

typedef struct Fakefw Fakefw;

enum { FAKESAID = 1 << 16 };

struct Fakefw {
	uint8_t map[1 << 14]; /* what GetMemoryMap() gives */
	size_t mapsize;
	size_t stride;
	size_t growth;     /* bytes the map grows by at each call */
	bool shy;          /* says no stride with EFI_BUFFER_TOO_SMALL */
	EFI_STATUS status; /* of every call of GetMemoryMap(), if an error */
	size_t mapcalls;
	size_t pool;         /* blocks taken and not freed */
	size_t most;         /* that there may be */
	char said[FAKESAID]; /* on the console */
	size_t nsaid;
};

extern Fakefw fakefw;
extern EFI_SYSTEM_TABLE fakesystem;
extern EFI_BOOT_SERVICES fakeservices;

/* Everything anew; fw is this firmware, the image's handle is 1. */
void fakestart(void);

/* A teardown: print is heard again, and all pool memory was given back. */
int fakeended(void **state);

/* One more descriptor, of 48 bytes unless fakefw.stride says otherwise. */
void fakedesc(uint32_t type, paddr_t base, uint64_t npages, uint64_t attr);

/* handle, or LocateProtocol() if that is NULL, has this interface. */
void fakeprotocol(EFI_HANDLE handle, EFI_GUID guid, void *interface);

/* One more configuration table. */
void fakeconfig(EFI_GUID guid, void *table);

/* Text as firmware has it; until the next eight of them. */
CHAR16 *wide(const char *s);

#endif
