/*
 * history.h - the lines that were typed last.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "types.h"

enum { HISTORYMAX = 32 };

/* One more; the oldest may go. Not if it is empty or the same as the last. */
void historyadd(const char *line);

/* The n-th last, from 1 on; NULL: there are not so many. */
const char *historyline(size_t n);

#endif
