/*
 * asked.h - what a line of options asks for, by regular expressions and the C
 * library's numbers.
 */
#ifndef ASKED_H
#define ASKED_H

#include "options.h"

/* As optionsline() and optionsword(): false, and nothing is changed. */
bool asked(Options *o, const char *line);
bool askedword(Options *o, const char *word);

/* The name of the first field in which both differ, or NULL. */
const char *askeddiffers(const Options *a, const Options *b);

#endif
