/*
 * panel.h - some lines that stay where they are, on a screen or a terminal, and
 * of which only those that change are written again.
 */
#ifndef PANEL_H
#define PANEL_H

#include "ink.h"

typedef struct Canvas Canvas;
typedef struct Panel Panel;

enum { PANELLINES = 22, PANELCOLS = 79 }; /* of a terminal of 24 rows */

/* Where that is. */
struct Canvas {
	Sink *write;
	void (*up)(void);          /* by a row; the column may be any */
	void (*ink)(enum ink ink); /* NULL: no colours */
	void (*cursor)(void);      /* drawn; NULL: it is seen anyway */
};

/* All zero but for where. */
struct Panel {
	const Canvas *on;
	size_t n;   /* lines that there are */
	size_t at;  /* the one that is written next */
	bool stays; /* the cursor, in this column of it */
	size_t col;
	Cells line[PANELLINES];
};

/*
 * Line i is to be that, which is cut where the panel ends. A new one must be
 * the first or follow the last.
 */
void panelline(Panel *p, size_t i, const Cells *l);

/* The cursor, until a line changes. */
void panelcursor(Panel *p, size_t i, size_t col);

/* What is written next comes below it. */
void panelend(Panel *p);

#endif
