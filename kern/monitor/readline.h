/*
 * readline.h - a line from whoever types, with editing, history, completion.
 */
#ifndef READLINE_H
#define READLINE_H

#include "complete.h"
#include "edit.h"

/*
 * The words that may stand where the line, up to n characters of it, is about
 * to have one; NULL: nothing is known.
 */
typedef Words *Wordsat(const char *line, size_t n);

/* Print the prompt, and return when a line is whole; it is in the history. */
void readline(const char *prompt, Wordsat *at, char line[EDITMAX]);

#endif
