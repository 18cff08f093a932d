/*
 * stack.h - the stacks: each at a place of its own above STACKS, with nothing
 * mapped below it.
 */
#ifndef STACK_H
#define STACK_H

#include "types.h"
#include "cpulist.h"

enum stack { STACKMAIN, STACKDF, STACKNMI, STACKMC, STACKRT, NSTACK };

/* Bytes of it that are mapped. */
size_t stacksize(enum stack s);

/* The first address past it, of CPU 0; of any of MOSTCPUS. */
uintptr_t stacktop(enum stack s);
uintptr_t cpustacktop(size_t cpu, enum stack s);

/* The stack va belongs to, its guard included, of any CPU; NSTACK if none. */
enum stack stackof(uintptr_t va, bool *guard);

/*
 * The CPU whose stack sp is in, one of MOSTCPUS; 0 if it is in none. Between
 * the two a call's frames never reach: a guard is larger than any.
 */
size_t cpuofsp(uintptr_t sp);

/* Go on in fn, for good, on an empty stack. */
_Noreturn void restack(uintptr_t sp, void (*fn)(void));

#endif
