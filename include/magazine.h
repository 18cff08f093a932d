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
	NCLASS = 64 /* sizes of small blocks; 0 is none */
};

typedef struct Magazine Magazine;

/*
 * Free blocks of one size: the last one in is the first one out. The pool
 * makes it when the CPU first needs it.
 */
struct Magazine {
	uint32_t n;
	uint16_t max;
	uint16_t room;  /* bytes a block may have */
	uint64_t parts; /* of the tag of one of 0 bytes: mm/heap/tag.h */
	void *block[];
};

#endif
