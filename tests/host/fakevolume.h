/*
 * fakevolume.h - the volume that the program came from: a list of files by
 * their whole path. What is not in it cannot be opened.
 */
#ifndef FAKEVOLUME_H
#define FAKEVOLUME_H

#include <efi.h>

#include "types.h"

typedef struct Volume Volume;
typedef struct Volumefile Volumefile;

enum { VOLUMEFILES = 4 };

struct Volumefile {
	EFI_FILE handle; /* first, so that a handle is a file */
	const char *path;
	const char *text;
	size_t size;
	EFI_STATUS status; /* of reading it */
};

struct Volume {
	EFI_LOADED_IMAGE image; /* the program's, with no path */
	Volumefile files[VOLUMEFILES];
	size_t nfiles;
	size_t opened;     /* and not closed */
	EFI_STATUS status; /* of opening the volume */
};

extern Volume volume;

/* An empty volume, of the fake firmware: after fakestart(). */
void volumestart(void);

/* One more file; it may be changed later. */
Volumefile *volumefile(const char *path, const char *text);

/* The program's path in file path nodes: "a|b" is two. */
void programat(const char *path);

#endif
