/*
 * glass.h - a glass terminal of 24 rows, or fewer, for the host's tests, as
 * dumb as one may be: what is written to it is where it would be seen.
 */
#ifndef GLASS_H
#define GLASS_H

#include "types.h"

enum { GLASSROWS = 24, GLASSCOLS = 80 };

typedef struct Glass Glass;

/* All zero but for its blanks: see glassclear(). */
struct Glass {
	char text[GLASSROWS][GLASSCOLS + 1];
	size_t rows; /* that it has */
	size_t row;
	size_t col;
	size_t wrote;    /* bytes, ever */
	size_t scrolled; /* rows, ever */
	bool escape;     /* stands before what comes */
};

/* Nothing is on it, and it has all rows. */
void glassclear(Glass *t);

/* '\n', '\r', '\b', and RI (ESC M), which goes up; anything else is shown. */
void glasswrite(Glass *t, const char *s, size_t n);

/* The row that begins with that, wherever it is; GLASSROWS: none does. */
size_t glassfind(const Glass *t, const char *text);

#endif
