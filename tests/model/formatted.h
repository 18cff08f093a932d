/*
 * formatted.h - what a conversion of printf's should print, put together by
 * hand: sign or 0x, zeros, digits, blanks.
 *
 * As hooks.h has it and not the C library: 0 with # is 0x0, and precision 0
 * still shows a digit.
 */
#ifndef FORMATTED_H
#define FORMATTED_H

#include "types.h"

typedef struct Conversion Conversion;

/* "hh" to "t"; where each is in bytes, by the compiler of the tests. */
static const struct {
	const char *name;
	size_t bytes;
} conversionsizes[] = {{"", 4}, {"hh", 1}, {"h", 2}, {"l", sizeof(long)},
    {"ll", 8}, {"j", 8}, {"z", 8}, {"t", 8}};

struct Conversion {
	char letter; /* d i u x X */
	bool sharp;
	bool zero;
	bool left;
	int width;     /* -1: none */
	int precision; /* -1: none */
	size_t size;   /* in conversionsizes */
};

/* "%-#012.3llx", in 32 bytes. */
void conversionformat(const Conversion *c, char *format);

/* snprint() with that, given the value in the size that it says. */
size_t conversionprint(const Conversion *c, const char *format, uint64_t value,
    char *text, size_t size);

/* What it should print. */
void formatted(const Conversion *c, uint64_t value, char *text);

#endif
