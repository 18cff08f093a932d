/*
 * edit.h - a line that is typed: a string, and a cursor in it.
 */
#ifndef EDIT_H
#define EDIT_H

#include "types.h"

typedef struct Edit Edit;

enum { EDITMAX = 128 };

struct Edit {
	size_t n;  /* characters */
	size_t at; /* the cursor stands before this one */
	char text[EDITMAX];
};

/* The line is that, as far as it has room, with the cursor at its end. */
void editset(Edit *e, const char *text);

/* Put n characters in before the cursor: all or, for want of room, none. */
bool editinsert(Edit *e, const char *text, size_t n);

/*
 * A key (key.h): a character goes in before the cursor; arrows, Home, End, ^A,
 * ^E, ^B and ^F move it; Backspace, Delete and ^D take one away, ^U all before
 * it, ^K all after it, ^W the word before it. False: it is no key of these.
 */
bool editkey(Edit *e, int key);

#endif
