/*
 * replay.h - a saved map of a file, and what is done with it.
 *
 *	file --efi/forms--> maps --feed--> memmap
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "forms.h"

#include <stdio.h>

typedef struct File File;

/* The entries into the memmap, which must be empty; -1 and m->why. */
int mapfeed(Map *m, int physbits);

/* Print what must not be used, for GRUB and for Linux. */
void mapavoid(const Map *m, int physbits);

/* A file, and the map of it that is used: n as above. */
struct File {
	const char *name;
	uint8_t *bytes;
	Text t;
	Lists ls;
	Map *m;
	bool unasked; /* which of several was not said */
};

/*
 * Read what is in the file; then find the map. -1, and it is said on stderr why
 * not. To be closed in any case.
 */
int fileread(File *f, const char *name);
int filemap(File *f, size_t n);

/* What is odd about the map. */
void filenotes(const File *f);
int filefailed(const File *f, const Map *why);
void fileclose(File *f);

/*
 * Compare two maps and print what changed, for programs and for people: 0 if
 * nothing did that a system could trip over, 1 if something did, 2 if they
 * cannot be compared.
 */
int diff(File *was, File *now);

/* Where print() writes to; NULL is nowhere. */
extern FILE *printto;

#endif
