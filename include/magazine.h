/*
 * magazine.h - the blocks of the pools that wait on one CPU, for percpu.h.
 *
 * Only the CPU they belong to looks at them, so taking one and giving one back
 * need no lock.
 */
#ifndef MAGAZINE_H
#define MAGAZINE_H

#include "types.h"

enum {
	NPOOL = 3,
	NCLASS = 73,  /* sizes of small blocks; 0 is none */
	MAGAZINE = 31 /* blocks of one size that may wait */
};

typedef struct Magazines Magazines;

/* All zero: nothing waits. */
struct Magazines {
	uint16_t n[NCLASS];
	void *slot[NCLASS][MAGAZINE];
};

#endif
