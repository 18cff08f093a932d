/*
 * backtrace.h - who called whom, from the stack alone.
 */
#ifndef BACKTRACE_H
#define BACKTRACE_H

#include "types.h"

typedef struct Context Context;

/* Where a function is: rip, rbp and rsp. */
struct Context {
	uintptr_t pc; /* 0 where fp alone is known */
	uintptr_t fp;
	uintptr_t sp;
	bool calls; /* pc is where a call it has made returns to */
};

/*
 * Go from a function to the one that called it; false if it was the outermost.
 * Reads nothing but mem9's stacks and code, whatever is in *c.
 */
bool unwind(Context *c);

/* Print c and its callers, one a line, as address name+offset. */
void backtrace(Context c);

/* Print " name+offset", or nothing if pc is not in the image's code. */
void pcprint(uintptr_t pc);

#endif
