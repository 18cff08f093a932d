/*
 * redraw.h - a line that changes, on anything that knows a backspace.
 *
 * A terminal and mem9's own screen have no other way to the left in common. Of
 * a line that is longer than its place the part around the cursor is shown.
 */
#ifndef REDRAW_H
#define REDRAW_H

#include "types.h"

typedef struct Redraw Redraw;

enum { REDRAWMAX = 128 };

/* All zero but for the width, up to REDRAWMAX, where the place is empty. */
struct Redraw {
	size_t width;
	size_t left; /* the first character of the line that is shown */
	size_t n;    /* characters shown */
	size_t at;   /* the cursor, from the left of the place */
	char shown[REDRAWMAX];
};

/*
 * Make it show these n characters, with the cursor before that one, and print
 * no more than it takes.
 */
void redraw(Redraw *p, const char *text, size_t n, size_t at);

#endif
