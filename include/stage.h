/*
 * stage.h - how far the machine has come: the boot order as a number.
 *
 * main() advances it once a step. A function that depends on the order says
 * so in its first line, and calling it too early or too late stops with one
 * line naming the function, the stage it needs and the stage the machine is
 * in.
 */
#ifndef STAGE_H
#define STAGE_H

#include "types.h"

/* Each is the last step done. */
enum stage {
	SFIRMWARE, /* nothing: firmware alive, or just taken over */
	SMACH,     /* mach0init: CPU 0's own TSS and stacks */
	SMEMINIT0, /* meminit0: the memmap holds the machine's memory */
	SMMU,      /* mmuinit: final page tables, kaddr works */
	SMEM,      /* meminit: conf.mem has the banks */
	SCONF,     /* confinit: kernel and user share decided */
	SXALLOC,   /* xinit: xalloc runs */
	SPREALLOC, /* preallocpages: the Page array has its place */
	SPAGES,    /* pageinit: pages run; xalloc is closed to others */
	SUSER,     /* userinit: the first process has run */
	SLAST = SUSER
};

extern enum stage stage;

/* The next step is done; panics if that is not how the order goes. */
void stagedone(enum stage s);

/* The name of the step, as in main(). */
const char *stagename(enum stage s);

_Noreturn void stagepanic(const char *func, enum stage from, enum stage to);

/* The caller works only from one stage on, or between two (both included). */
#define needstages(from, to)                                                   \
	do {                                                                   \
		if (stage < (from) || stage > (to))                            \
			stagepanic(__func__, from, to);                        \
	} while (0)
#define needstage(from)                                                        \
	do {                                                                   \
		if (stage < (from))                                            \
			stagepanic(__func__, from, SLAST);                     \
	} while (0)

#endif
