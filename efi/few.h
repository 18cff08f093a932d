/*
 * few.h - how much of what others wrote is said: of lines that are alike the
 * first few, then how many more; of a text its beginning.
 *
 * Without it a file of garbage, or firmware's table of it, is a screen that
 * scrolls for minutes and a log that has lost everything else.
 */
#ifndef FEW_H
#define FEW_H

#include "print.h"

enum { FEW = 8, SHOWNTEXT = 64 };

/* Is this one, of *n before, to be said? It is counted. */
static inline bool
few(size_t *n)
{
	return (*n)++ < FEW;
}

/* How many of n were not. */
static inline size_t
beyondfew(size_t n)
{
	return n > FEW ? n - FEW : 0;
}

/* For "piece%s". */
static inline const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* What stands behind the first SHOWNTEXT characters of a text of n. */
static inline const char *
cutmark(size_t n)
{
	return n > SHOWNTEXT ? "..." : "";
}

#endif
