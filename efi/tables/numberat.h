/*
 * numberat.h - numbers in bytes that firmware, or a file's format, has laid
 * out.
 */
#ifndef NUMBERAT_H
#define NUMBERAT_H

#include "hooks.h"

/* Of size bytes at that offset, whatever that is a multiple of. */
static inline uint64_t
numberat(const uint8_t *p, size_t offset, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p + offset, size);
	return v;
}

#endif
