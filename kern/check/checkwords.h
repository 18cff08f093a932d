/*
 * checkwords.h - the checks in words: what each promises, and which belong
 * together.
 */
#ifndef CHECKWORDS_H
#define CHECKWORDS_H

#include "types.h"

typedef struct Checkwords Checkwords;

/* In the order in which people are told of them. */
enum checkgroup {
	GROUPMAP,
	GROUPTABLES,
	GROUPPROTECTION,
	GROUPFAULTS,
	GROUPALLOCATORS,
	GROUPRAM,
	GROUPFIRMWARE,
	NGROUP
};

struct Checkwords {
	const char *name;
	enum checkgroup group;
	const char *promise; /* what holds, unless the check fails */
};

/* Of the check of that name; NULL if there is none. */
const Checkwords *checkwords(const char *name);

/* A group's name, and what it looks at. */
const char *groupname(enum checkgroup g);
const char *groupabout(enum checkgroup g);

#endif
