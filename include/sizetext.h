/*
 * sizetext.h - an amount of memory as people read it.
 */
#ifndef SIZETEXT_H
#define SIZETEXT_H

#include "types.h"

/*
 * "1.5 GB", " 512 MB": 7 characters in the largest unit that leaves 1 or more,
 * of 1024 each; a tenth below 100 where there is one. Cut, not rounded.
 */
enum { SIZETEXT = 8 };
const char *sizetext(char text[SIZETEXT], uint64_t bytes);

/* The same in a sentence: no blanks before it. */
const char *sizeword(char text[SIZETEXT], uint64_t bytes);

/* "1,234,567": in groups of three. */
enum { GROUPTEXT = 28 };
const char *grouptext(char text[GROUPTEXT], uint64_t n);

#endif
