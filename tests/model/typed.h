/*
 * typed.h - a line that is typed, as the two halves around its cursor.
 */
#ifndef TYPED_H
#define TYPED_H

#include "types.h"

typedef struct Typed Typed;

enum { TYPEDMAX = 127 };

struct Typed {
	char before[TYPEDMAX + 1];
	char behind[TYPEDMAX + 1];
};

/* What a key (key.h) does to it; others than an editor's do nothing. */
void typedkey(Typed *t, int key);

/* Both halves. */
void typedline(const Typed *t, char line[TYPEDMAX + 1]);

#endif
