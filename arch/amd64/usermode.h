/*
 * usermode.h - the way into user mode and back: user.c and userasm.S.
 */
#ifndef USERMODE_H
#define USERMODE_H

#include "trap.h"

typedef struct Tss Tss;
typedef struct Userstack Userstack;

/* What stands for a vector in the Ureg of a SYSCALL. */
enum { SYSCALLVECTOR = NVECTOR };

/* Of a selector: user mode. */
enum { RING3 = 3 };

/* Of each CPU; userasm.S finds both words by GS, as SYSCALL finds no stack. */
struct Userstack {
	uintptr_t sp;     /* where userenter was called, and entries push */
	uintptr_t usersp; /* the program's, for three instructions */
};

/*
 * Go on in user mode with these registers; returns when userreturn(u->sp) is
 * called. Interrupts are off then only if they were before.
 */
void userenter(const Ureg *ur, Userstack *u, Tss *tss);
_Noreturn void userreturn(uintptr_t sp);
void syscallentry(void);

/*
 * A trap from user mode, if it is the program's own affair: true for all but
 * what may come at any time. Then userback goes to who called userenter.
 */
bool userowns(const Ureg *ur);
_Noreturn void userback(const Ureg *ur, uintptr_t cr2);

#endif
