/*
 * terminal.h - the last line of a terminal, of what was printed to it: it knows
 * a backspace and a new line, and nothing is left of its first column.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stddef.h>

typedef struct Terminal Terminal;

enum { TERMINALCOLS = 400 };

struct Terminal {
	size_t at;   /* the cursor */
	size_t most; /* columns that were ever reached in this line */
	char text[TERMINALCOLS + 1];
};

/* Show this text from an empty line on; blanks at its end are no part of it. */
void terminal(Terminal *t, const char *said);

#endif
