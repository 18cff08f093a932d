/*
 * stack.c - where the stacks are.
 *
 *	| unmapped, 64 KiB and more | stack | unmapped ... | stack |
 *	^ STACKS                            ^ stacktop(0)          ^ stacktop(1)
 */
#include "stack.h"
#include "mem.h"

#define STACKSTRIDE (256 * KiB)
#define STACKGUARD (64 * KiB)
#define MOST (128 * KiB)

_Static_assert(MOST + STACKGUARD <= STACKSTRIDE, "a guard below the largest");

static const size_t sizes[NSTACK] = {
    [STACKMAIN] = 64 * KiB,
    [STACKDF] = 16 * KiB,
    [STACKNMI] = 16 * KiB,
    [STACKMC] = 16 * KiB,
    [STACKRT] = MOST,
};

size_t
stacksize(enum stack s)
{
	return sizes[s];
}

uintptr_t
stacktop(enum stack s)
{
	return STACKS + (s + 1) * (uintptr_t)STACKSTRIDE;
}

enum stack
stackof(uintptr_t va, bool *guard)
{
	for (enum stack s = 0; s < NSTACK; s++)
		if (va < stacktop(s) && va >= stacktop(s) - STACKSTRIDE) {
			*guard = va < stacktop(s) - sizes[s];
			return s;
		}
	return NSTACK;
}
