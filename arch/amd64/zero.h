/*
 * zero.h - the ways to clear memory that a kernel without SSE has.
 *
 * Which is best depends on the memory more than on the CPU: stores that go
 * past the caches beat all others where the memory is not in them, and lose
 * badly where it is.
 */
#ifndef ZERO_H
#define ZERO_H

#include "hooks.h"

enum zero {
	ZEROREP,    /* rep stosb: through the caches, whole lines at a time */
	ZEROMOVNTI, /* past the caches, eight bytes at a time */
	ZEROCLZERO, /* past the caches, a line at a time: AMD, by CPUID */
	NZERO
};

/* The best way for memory of this heat on a CPU with clzero or without. */
enum zero zerochoice(enum heat heat, bool clzero);

/* Clear size bytes from p on; both are multiples of 64. */
void zerowith(enum zero how, void *p, size_t size);

#endif
