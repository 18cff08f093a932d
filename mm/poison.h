/*
 * poison.h - what free memory is filled with in CHECK=1 builds.
 *
 * Also the place where the address sanitizer learns what is free. Private to
 * mm/.
 */
#ifndef POISON_H
#define POISON_H

#include "types.h"
#include "check.h"
#include "hooks.h"

enum { POISON = 0xdb };

/* [p, p + size) is free from now on. */
static inline void
poison(void *p, size_t size)
{
	if (CHECKING)
		memset(p, POISON, size);
	memhide(p, size);
}

/*
 * [p, p + size) was free, and is about to be used. In CHECK=1 builds: panic,
 * for func, if anybody wrote to it since.
 */
static inline void
unpoison(const char *func, void *p, size_t size)
{
	const uint8_t *byte = p;

	memshow(p, size);
	if (!CHECKING)
		return;
	for (size_t i = 0; i < size; i++)
		if (byte[i] != POISON)
			panicat(func,
			    "%p was written to while it was free: "
			    "%#x at %p",
			    p, byte[i], (const void *)&byte[i]);
}

#endif
