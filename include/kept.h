/*
 * kept.h - the log, kept in RAM over a warm reset.
 *
 *	run   [ page 0 | page 1 | ... ]   two of them, far apart, both the same
 *	page  [ id, n, seal | text ]
 *
 * Page number n of the log is page n modulo KEPTPAGES of each run: when all are
 * full, the oldest is written over. Each vouches for itself, so that a run of
 * which something else has written a part still gives the rest, and so that it
 * is whole after each word, wherever the machine stops.
 *
 * The next start finds the runs by the report (efi/saved.c), and trusts nothing
 * that it finds there.
 */
#ifndef KEPT_H
#define KEPT_H

#include "log.h"

typedef struct Keptpage Keptpage;
typedef struct Keptlog Keptlog;

enum { KEPTRUNS = 2, KEPTPAGES = 64 };

#define KEPTSIZE ((size_t)(KEPTPAGES * BY2PG))

struct Keptpage {
	uint64_t id;   /* this boot's, never 0: of any other it is no page */
	uint64_t n;    /* which of the log's */
	uint64_t seal; /* bytes of text; above 32 bits, CRC of all the others */
	char text[];
};

#define KEPTTEXT (BY2PG - sizeof(Keptpage))

/*
 * From now on what is given to keptwrite, a Sink, is kept in these runs, of
 * which there are at most KEPTRUNS; NULL is none. id is this boot's.
 */
void keptopen(Keptpage *const run[KEPTRUNS], uint64_t id);
void keptwrite(const char *s, size_t n);

/* Is anything kept? */
bool keptopened(void);

/* What was found of a kept log. */
struct Keptlog {
	uint64_t bytes; /* of text */
	size_t pages;
	size_t lost; /* pages between those, or before, that are not there */
};

/*
 * Give the text to sink, oldest first, with a line of its own where pages are
 * missing. What is no page of that boot is left out; a run may be NULL. False
 * if there is none at all.
 */
bool keptread(
    Keptpage *const run[KEPTRUNS], uint64_t id, Sink *sink, Keptlog *found);

/* What these runs have of that boot is no page any more. */
void keptforget(Keptpage *const run[KEPTRUNS], uint64_t id);

#endif
