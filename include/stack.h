/*
 * stack.h - the stacks: each at a place of its own above STACKS, with nothing
 * mapped below it.
 */
#ifndef STACK_H
#define STACK_H

#include "types.h"

enum stack { STACKMAIN, STACKDF, STACKNMI, STACKMC, STACKRT, NSTACK };

/* Bytes of it that are mapped, and the first address past it. */
size_t stacksize(enum stack s);
uintptr_t stacktop(enum stack s);

/* The stack va belongs to, its guard included; NSTACK if none. */
enum stack stackof(uintptr_t va, bool *guard);

/* Go on in fn, for good, on an empty stack. */
_Noreturn void restack(uintptr_t sp, void (*fn)(void));

#endif
