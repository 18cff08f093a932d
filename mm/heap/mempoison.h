/*
 * mempoison.h - what free memory is filled with in CHECK=1 builds.
 *
 * Also the place where the address sanitizer learns what is free. Private to
 * mm/heap.
 */
#ifndef MEMPOISON_H
#define MEMPOISON_H

#include "types.h"
#include "../checking.h"
#include "hooks.h"

enum { POISON = 0xdb };

/* [p, p + size) is free from now on. */
static inline void
mempoison(void *p, size_t size)
{
	if (CHECKING)
		memset(p, POISON, size);
	memhide(p, size);
}

/*
 * [p, p + size) was free, and is about to be used. In CHECK=1 builds: a byte
 * that somebody wrote since; otherwise, or if there is none, NULL.
 */
static inline const uint8_t *
memunpoison(void *p, size_t size)
{
	const uint8_t *byte = p;

	memshow(p, size);
	for (size_t i = 0; CHECKING && i < size; i++)
		if (byte[i] != POISON)
			return &byte[i];
	return NULL;
}

#endif
