/*
 * uefi.h - what the files of efi/ share while firmware is alive.
 *
 * gnu-efi gives the declarations; what its version lacks is in uefix.h.
 */
#ifndef UEFI_H
#define UEFI_H

#include <efi.h>

#include "bootinfo.h"
#include "efimap.h"
#include "uefix.h"

/* The shell's exit codes (UEFI Shell Specification, SHELL_STATUS). */
enum {
	SHELLOK = 0,
	SHELLERROR = 1,
	SHELLINVALID = 2,
	SHELLDEVICEERROR = 7,
	SHELLNOMEMORY = 9,
};

typedef struct Firmware Firmware;

/* Copies: the system table loses its pointers when boot services end. */
struct Firmware {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *st;
	EFI_BOOT_SERVICES *bs;
};

extern Firmware fw;

/* A Sink to the EFI console. */
void consolewrite(const char *s, size_t n);

/* Stop after each screen of output until a key is pressed. */
void consolepages(void);

/* The first interface of this kind on that handle, or NULL. */
void *protocol(EFI_HANDLE handle, EFI_GUID guid);

/* All pool memory is freed with fwfree. NULL if there is none. */
void *fwtake(size_t size);
void fwfree(void *p);

/*
 * Read what was asked for; errors have been printed. Returns SHELLOK, or the
 * status to leave with.
 */
int getoptions(Options *o);

/* The current memory map, in pool memory; false after an error was printed. */
typedef struct Map Map;
struct Map {
	uint8_t *desc;
	size_t size;
	size_t stride;
	size_t key;
};
bool getmap(Map *m);

/* The same, as mm/ reads it, for this CPU: cpuidentify() comes first. */
Efimap efimapof(const Map *m);

/* mem9 map. Returns the status to leave with. */
int mapcommand(const Options *o);

/* mem9 rehearse. */
int rehearsecommand(const Options *o);

/* mem9 e820. */
int e820command(void);

/* mem9 boot. Comes back, with a status, only if it has not left firmware. */
int bootcommand(const Options *o);

/* The configuration table with that name, or NULL. */
void *configtable(EFI_GUID guid);

/* How ACPI says this machine is switched off, into b->poweroff. */
void acpipoweroff(Bootinfo *b);

/*
 * Where in their regions the image and the direct map go, RAM ending at top;
 * after the block is laid out.
 */
void chooseslides(Bootinfo *b, paddr_t top);

/* Everything of the firmware that is of use later goes into *b. */
void collect(Bootinfo *b);

#endif
