/*
 * fuzz.h - what a fuzz target begins with.
 *
 * A target is tests/fuzz/NAME.c with fuzzone(); a wrong answer is a panic,
 * which libFuzzer reports as a crash and keeps the input of.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "host.h"
#include "stage.h"

typedef struct Input Input;

/* The input, taken from the front; when it is used up there are zeros. */
struct Input {
	const uint8_t *p;
	size_t n;
};

static inline uint64_t
take(Input *in, size_t bytes)
{
	uint64_t x = 0;

	for (size_t i = 0; i < bytes && in->n > 0; i++, in->n--)
		x |= (uint64_t)*in->p++ << 8 * i;
	return x;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
