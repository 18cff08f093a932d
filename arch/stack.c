/*
 * stack.c - where the stacks are.
 *
 *	CPU 0                                 CPU 1
 *	| unmapped, 64 KiB and more | stack | ... | unmapped | stack | ...
 *	^ STACKS                            ^     ^ STACKS + CPUSTRIDE
 *	                                    stacktop(0)
 *
 * A CPU's number follows from where its stack is, which is what cpuofsp is for:
 * nothing that a fault, firmware's code or a user's program may load into a
 * register says otherwise. Before there are such stacks, and on firmware's,
 * only CPU 0 runs.
 */
#include "stack.h"
#include "mem.h"

#define STACKSTRIDE (256 * KiB)
#define STACKGUARD (64 * KiB)
#define MOST (128 * KiB)
#define CPUSTRIDE (2 * MiB)

_Static_assert(MOST + STACKGUARD <= STACKSTRIDE, "a guard below the largest");
_Static_assert(NSTACK *STACKSTRIDE < CPUSTRIDE, "another CPU's lie above all");
_Static_assert(MOSTCPUS *CPUSTRIDE <= KZERO - STACKS, "room for every CPU's");

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
cpustacktop(size_t cpu, enum stack s)
{
	return STACKS + cpu * CPUSTRIDE + (s + 1) * (uintptr_t)STACKSTRIDE;
}

uintptr_t
stacktop(enum stack s)
{
	return cpustacktop(0, s);
}

size_t
cpuofsp(uintptr_t sp)
{
	size_t cpu = (sp - STACKS) / CPUSTRIDE;

	return cpu < MOSTCPUS ? cpu : 0;
}

enum stack
stackof(uintptr_t va, bool *guard)
{
	size_t slot = (va - STACKS) % CPUSTRIDE / STACKSTRIDE;

	if (va - STACKS >= MOSTCPUS * CPUSTRIDE || slot >= NSTACK)
		return NSTACK;
	*guard = STACKSTRIDE - va % STACKSTRIDE > sizes[slot];
	return (enum stack)slot;
}
