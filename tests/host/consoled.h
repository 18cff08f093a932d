/*
 * consoled.h - firmware's console for the host's tests: what people are told
 * there, as one text.
 */
#ifndef CONSOLED_H
#define CONSOLED_H

#include "types.h"

typedef struct Consoled Consoled;
struct Consoled {
	char text[1 << 14];
	size_t n;
	bool pages; /* the console stops by itself */
};

extern Consoled consoled;

/* Nothing has been told, and it does not stop. */
void consoledstart(void);

#endif
