/*
 * randomtext.h - a program of which nobody knows what it does.
 */
#ifndef RANDOMTEXT_H
#define RANDOMTEXT_H

#include "types.h"

/* The page is a program's image (programs.h), all text, by that seed. */
void randomtext(uint64_t seed, uint8_t page[BY2PG]);

#endif
