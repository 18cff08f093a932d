/*
 * progress.h - how far something long is, for who watches it and may end it.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "types.h"

typedef struct Progress Progress;

struct Progress {
	const char *name;
	size_t all;     /* pages */
	uint64_t start; /* by the clock, and the last report */
	uint64_t said;
};

/*
 * From now on somebody is there, at the monitor; before, all that follows is
 * silent and nothing ends early.
 */
void progresswatched(void);

/* So many pages are to be gone through. Nothing was broken off yet. */
Progress progressbegin(const char *name, size_t all);

/*
 * n of them are done: says so, how fast and how long it will take, once a
 * second, over what it said before. False: it was broken off. For CPU 0, or who
 * runs in its place.
 */
bool progressat(Progress *p, size_t n);

/* It is over, n are done: how long it took, if it said anything; a new line. */
void progressend(const Progress *p, size_t n);

/* What is said of what was, where there is a word for why. */
extern const char brokenoff[];

/* Was anything broken off, or is now? And from now on not. */
bool progressbroken(void);
void progressanew(void);

/* The clock's ticks in a second, whatever firmware said. */
uint64_t progresshz(void);

#endif
