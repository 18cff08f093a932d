/*
 * vt100.h - from the bytes of a terminal to keys.
 */
#ifndef VT100_H
#define VT100_H

#include "types.h"

typedef struct Vt Vt;

/* All zero to begin with. */
struct Vt {
	enum { VTGROUND, VTESC, VTCSI, VTSS3 } state;
	unsigned number[2]; /* the first ones of a sequence */
	size_t at;          /* the one that is read */
	uint8_t held;       /* the byte after an Escape that was one; 0: none */
};

/*
 * A byte, or NOKEY if none came for a while, by which a lone Escape is known:
 * the key that is complete with it, or NOKEY.
 */
int vtkey(Vt *v, int byte);

/* Does it wait for more? */
bool vtwaits(const Vt *v);

#endif
