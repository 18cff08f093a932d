/*
 * letters.h - the memory map in a few letters, and calls counted in pages.
 */
#ifndef LETTERS_H
#define LETTERS_H

#include "maptable.h"

enum { RAM = 64 << 20 };

/* A machine with an empty map; nothing of its RAM is in the map yet. */
static inline int
setup(void **state)
{
	(void)state;
	hostmachine(0, RAM, RAM, 1);
	mapbegin(SMEMINIT0);
	return 0;
}

/*
 * The map must be exactly this: "base-end type ...", in pages, the type by
 * its letter (upa u, umb b, ram r, acpi a, reserved x), in capitals if
 * allocated.
 */
static inline void
expect(const char *want)
{
	static const char letter[] = "ubrax";
	char got[2000] = "";
	size_t n = 0;
	Memrange r;

	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end) {
		char c = letter[r.type];

		if (r.allocated)
			c = (char)(c - 'a' + 'A');
		n += (size_t)snprintf(got + n, sizeof got - n, "%s%zu-%zu%c",
		    n == 0 ? "" : " ", (size_t)(r.pa / BY2PG),
		    (size_t)(r.end / BY2PG), c);
	}
	assert_string_equal(got, want);
	memmapcheck();
}

static inline void
add(size_t first, size_t end, enum memtype type)
{
	assert_int_equal(
	    memmapadd(first * BY2PG, (end - first) * BY2PG, type), 0);
}

static inline paddr_t
alloc(size_t first, size_t n, enum memtype type)
{
	paddr_t pa = memmapalloc(first * BY2PG, n * BY2PG, BY2PG, type);

	return pa == NOADDR ? pa : pa / BY2PG;
}

static inline void
give(size_t first, size_t n, enum memtype type)
{
	memmapfree(first * BY2PG, n * BY2PG, type);
}

#endif
