/*
 * segments.h - what the CPU says of its segments, private to arch/amd64/.
 */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "types.h"

typedef struct Segments Segments;

/* The registers; the table is where GDTR says, whoever put it there. */
struct Segments {
	uintptr_t base; /* of the table */
	const uint64_t *gdt;
	uint16_t limit; /* of the table: its last byte */
	uint16_t cs;
	uint16_t ss;
	uint16_t data[4]; /* DS, ES, FS, GS */
	uint16_t tr;
	uint16_t ldtr;
};

/*
 * NULL, or what is wrong: descriptors that are not flat, or registers that lead
 * to other ones than they should. *selector is the one it is about.
 */
const char *segmentsjudge(const Segments *s, uint16_t *selector);

#endif
