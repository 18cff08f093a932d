/*
 * told.h - nobody reads: what people would be told is noted (tell.h).
 */
#ifndef TOLD_H
#define TOLD_H

#include "tell.h"

typedef struct Told Told;

struct Told {
	const Teller *to;  /* whoever would be */
	size_t sunk;       /* bytes of the log */
	const char *wrong; /* what was, the first of it */
	size_t ends;       /* the end was told, so often ... */
	const char *more;  /* ... with this, the last time */
	bool asked;        /* for all of it */
	size_t again;      /* all of it, to who asked */
	size_t begins;     /* checks did, and so many are done */
	size_t checks;
};

extern Told told;

#endif
