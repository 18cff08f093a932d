/*
 * volume.h - the volume that the program came from, by firmware's own driver.
 */
#ifndef VOLUME_H
#define VOLUME_H

#include "firmware.h"

enum { MAXPATH = 256, MAXNAME = 16 };

/* Its root, to be closed; NULL if there is none. */
EFI_FILE_HANDLE volumeroot(const EFI_LOADED_IMAGE *li);

/*
 * The program's path on it, cut so that a name of MAXNAME characters still fits
 * behind it: its length, and how much of it is the folder, with a backslash
 * last.
 */
size_t programpath(
    const EFI_LOADED_IMAGE *li, CHAR16 path[MAXPATH], size_t *folder);

/*
 * Was it started as firmware starts a stick, \EFI\BOOT\BOOTX64.EFI, from a
 * volume that is no installed system's? Those have folders of their own in
 * \EFI.
 */
bool fromstick(const EFI_LOADED_IMAGE *li);

/* What firmware tells of an open file. */
typedef struct Fileinfo Fileinfo;
struct Fileinfo {
	bool folder;
	uint64_t size;
};

/* False if it does not. */
bool fileinfo(EFI_FILE_HANDLE f, Fileinfo *info);

/* Cut an open file off behind so many bytes. False if firmware cannot. */
bool filecut(EFI_FILE_HANDLE f, uint64_t size);

#endif
