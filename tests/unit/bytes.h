/*
 * bytes.h - patterns in memory, to be recognised later.
 */
#ifndef BYTES_H
#define BYTES_H

#include "types.h"

/* size bytes that depend on the seed, and on where they stand. */
static inline void
fill(void *p, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)p)[i] = (uint8_t)(seed * 31 + i);
}

static inline bool
filled(const void *p, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		if (((const uint8_t *)p)[i] != (uint8_t)(seed * 31 + i))
			return false;
	return true;
}

static inline bool
zero(const void *p, size_t size)
{
	while (size > 0 && ((const uint8_t *)p)[size - 1] == 0)
		size--;
	return size == 0;
}

#endif
