/*
 * complete.h - a word that was begun, and those that it may become.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include "types.h"

/* The i-th word there is; NULL: there are no more. */
typedef const char *Words(size_t i);

/*
 * How many words begin with those n characters, and in *more how many
 * characters are the same in all of them beyond those. *first is one of them.
 */
size_t complete(const char *begun, size_t n, Words *words, const char **first,
    size_t *more);

/* Print them, side by side in that width; a great many not all. */
void completions(const char *begun, size_t n, Words *words, size_t cols);

#endif
