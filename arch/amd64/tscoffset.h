/*
 * tscoffset.h - how far the time stamps of two CPUs are apart.
 */
#ifndef TSCOFFSET_H
#define TSCOFFSET_H

#include "types.h"

typedef struct Tscping Tscping;

/* Zero at first; both sides have it. */
struct Tscping {
	uint32_t asked;    /* which round */
	uint32_t answered; /* likewise */
	uint64_t stamp;    /* of the answer */

	/* The other's time stamps are ahead of ours by offset, about. */
	int64_t offset;
	uint64_t width; /* of what it may be; 0: no answer came */
};

/* On one CPU, and at the same time, with its Tscping, on another. */
void tscask(Tscping *p);
void tscanswer(void *ping);

#endif
