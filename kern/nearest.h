/*
 * nearest.h - the word that was meant, for one that nobody knows.
 */
#ifndef NEAREST_H
#define NEAREST_H

#include "types.h"

/*
 * Of n words, each the first member of a struct of stride bytes: the one that
 * this one is made of with the fewest changes (a letter left out, put in,
 * changed, or two that changed places), the first if there are several. A =
 * ends a word, and the case of letters is no change. NULL if none is near: it
 * takes more than one change, and more than a third of the letters.
 */
const char *nearest(
    const char *word, const void *words, size_t n, size_t stride);

/*
 * That there is no such kind of word, and the nearest one, if there is any: in
 * words that are good until the next.
 */
const char *unknownword(const char *kind, const char *word, const void *words,
    size_t n, size_t stride);

#endif
