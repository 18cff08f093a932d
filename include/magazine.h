/*
 * magazine.h - the blocks of the pools that wait on one CPU, for percpu.h.
 *
 * Only the CPU they belong to takes one and gives one back, without a lock; to
 * empty them, another one closes them first: mm/heap/maggather.c.
 */
#ifndef MAGAZINE_H
#define MAGAZINE_H

#include "types.h"

enum {
	NPOOL = 3,
	NCLASS = 64 /* sizes of small blocks; 0 is none */
};

typedef struct Magazine Magazine;
typedef struct Poolcpu Poolcpu;

/*
 * Free blocks of one size: one of the last ones in is the first one out. The
 * pool makes room for them when the CPU first needs it.
 */
struct Magazine {
	uint32_t n;
	uint32_t limit; /* max, or 0: closed to its own CPU, or no room yet */
	uint32_t max;
	uint32_t room;   /* bytes a block may have */
	uint64_t parts;  /* of the tag of one of 0 bytes: mm/heap/tag.h */
	uint64_t chance; /* where among the last ones the next is put */
	void **block;
	uint32_t was; /* n when blocks came from the slabs, or went there */
};

/* All zero until that CPU's first block. */
struct Poolcpu {
	_Alignas(64) uint32_t busy; /* its own CPU is at it */
	bool known;                 /* linked among those of all CPUs */
	Poolcpu *next;
	_Alignas(64) Magazine magazines[NPOOL][NCLASS];
};

#endif
