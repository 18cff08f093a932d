/*
 * fakevolume.h - the volume that the program came from: a list of files by
 * their whole path. What is not in it cannot be opened; what is made there is
 * in the list from then on.
 */
#ifndef FAKEVOLUME_H
#define FAKEVOLUME_H

#include <efi.h>

#include "types.h"

typedef struct Volume Volume;
typedef struct Volumefile Volumefile;

enum { VOLUMEFILES = 12 };

struct Volumefile {
	EFI_FILE handle; /* first, so that a handle is a file */
	const char *path;
	const char *text;
	size_t size;
	EFI_STATUS status; /* of reading it, */
	size_t reads;      /* after so many that are fine */
	char *own;         /* its text, once it is written to */
	size_t at;         /* where it is read and written next */
	bool folder;       /* text is what is in it: NAME NAME/ */
	bool readonly;
	bool silent; /* nothing is told of it */
	bool gone;
	bool dirty; /* written to, and not flushed */
};

struct Volume {
	EFI_LOADED_IMAGE image; /* the program's, with no path */
	Volumefile files[VOLUMEFILES];
	size_t nfiles;
	size_t opened;     /* and not closed */
	EFI_STATUS status; /* of opening the volume */
	EFI_STATUS open;   /* and its files */

	bool readonly;
	size_t room;         /* bytes that files may yet grow by */
	bool shortwrites;    /* what finds no room is left out, in silence */
	EFI_STATUS flush;    /* of flushing */
	EFI_STATUS position; /* of finding a place in a file */
	EFI_STATUS cut;      /* of cutting a file off */
	bool silent;         /* nothing is told of what is made */
	bool undeletable;
	const char
	    *haunt;       /* has what is made this in it? NULL; "/": a folder */
	size_t unflushed; /* files closed like that */
};

extern Volume volume;

/* An empty volume, of the fake firmware: after fakestart(). */
void volumestart(void);

/* The file of that name, or NULL. */
Volumefile *volumefind(const char *path);

/* One more file; it may be changed later. */
Volumefile *volumefile(const char *path, const char *text);

/* The program's path in file path nodes: "a|b" is two. */
void programat(const char *path);

#endif
