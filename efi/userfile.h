/*
 * userfile.h - a file that the user names: as the shell finds it, or, where
 * there is none, on the volume that mem9 came from.
 */
#ifndef USERFILE_H
#define USERFILE_H

#include "types.h"

typedef struct Userfile Userfile;
struct Userfile {
	uint8_t *bytes; /* pool memory, to be given back in any case */
	size_t n;
};

/* All of it, if it has no more than most bytes; NULL, or what is wrong. */
const char *userfile(Userfile *f, const char *name, bool shell, size_t most);

#endif
