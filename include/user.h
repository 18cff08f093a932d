/*
 * user.h - a program in user mode, as the kernel sees it: called like a
 * function, it comes back with what it wants, or what it did.
 *
 * So nothing of a program is on a kernel stack while it does not run: all that
 * there is of it is its registers, and its memory (proc.h).
 */
#ifndef USER_H
#define USER_H

#include "proc.h"
#include "trap.h"

typedef struct Userevent Userevent;

enum userwhy {
	USERCALL,    /* a system call */
	USERFAULT,   /* that access at addr */
	USERTICK,    /* its slice is over */
	USERNOTHING, /* it was interrupted, and may go on */
	USERWRONG,   /* what it may not do, in words */
};

struct Userevent {
	enum userwhy why;
	enum access access;
	uintptr_t addr;
	const char *what; /* a sentence, for USERWRONG */
};

/* Milliseconds until a program is interrupted. */
enum { SLICEMS = 10, IDLEMS = 1 };

/*
 * Ready this CPU for programs: NULL, or why it cannot be. Before anything else
 * here; once more does nothing.
 */
const char *userready(void);

/* The registers of a program that is about to start with that argument. */
void userstart(Ureg *ur, uintptr_t pc, uintptr_t sp, uint64_t arg);

/*
 * Run it with these registers, in the space that this CPU is in, until
 * something happens; they are what they are then.
 */
Userevent userrun(Ureg *ur);

/* What it did, by the trap that ended it. Pure. */
Userevent userevent(const Ureg *ur, uintptr_t cr2);

/* A system call's number and arguments, of which there are three; its result.
 */
uint64_t usercall(const Ureg *ur);
uint64_t userarg(const Ureg *ur, int n);
void userresult(Ureg *ur, int64_t result);

/* From now on SLICEMS; nothing more; halt until an interrupt, or IDLEMS. */
void userslice(void);
void usersliceend(void);
void useridle(void);

#endif
