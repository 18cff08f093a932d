/*
 * mach.h - what belongs to one CPU of this machine, and the CPU's own side.
 */
#ifndef MACH_H
#define MACH_H

#include "callcpus.h"
#include "cpu.h"
#include "desc.h"
#include "mtrr.h"
#include "../mates.h"
#include "trap.h"
#include "tscoffset.h"
#include "usermode.h"

typedef struct Catcher Catcher;
typedef struct Mach Mach;
typedef struct Machregs Machregs;

struct Catcher {
	uintptr_t sp; /* 0: nobody expects a fault */
	Caught *what;
};

/* Registers that all CPUs should have alike. */
struct Machregs {
	Cpuregs regs;
	uint64_t pat;
	bool mtrrsread;
	Mtrrs mtrrs;
};

/* Zero at first, but for n and sp. */
struct Mach {
	uintptr_t sp; /* where it starts; the first, for cpuentry.S */
	size_t n;
	Callee callee;

	Catcher catcher;
	int reporting;    /* how deep it is in reports */
	uint64_t nmis;    /* that came for nobody */
	uint64_t mchecks; /* likewise */
	uint64_t mcheck;  /* when one came last, in cycles */
	bool dead;        /* of what died says; set last */
	Caught died;

	/* Of user.c: */
	Userstack userstack;
	Ureg *user;          /* of the program that runs */
	uintptr_t usercr2;   /* CR2, at its trap */
	uint32_t tickms;     /* counts of its timer in 1 ms; 0: not ready */
	uint64_t ticks;      /* of its timer, that came to the kernel */
	uint64_t sliceticks; /* how many those were as a slice began */
	bool open;           /* CPU 0 too has interrupts on, for a moment */

	Desc desc;
	Machregs regs;
	bool othermtrrs;  /* until they were made as CPU 0's */
	uint64_t deftype; /* their default type then */
	Tscping ping;     /* how far its time stamps are ahead of CPU 0's */

	Mate mate;
};

/* machs.c: all that have been made, by number; CPU 0's is always there. */
extern Mach *machs[];

/* Of the CPU that asks. */
Mach *mach(void);

/* CPU 0's, before any other is called. */
extern Machregs regs0;

/* Are they the same, as far as they can be read? */
bool samemtrrs(const Machregs *a, const Machregs *b);

/* What a CPU is to load on the way, from the CPU that says so. */
Cpuregs machregs(void);
void machread(Machregs *r);

/* The first code of another CPU, on its own stack. */
_Noreturn void machstart(Mach *m);
void cpuentry(void);

/*
 * An interrupt or an exception of a CPU that is not the first, which nobody
 * catches: true if that is all there is to do, false if it is to be reported.
 * The CPU stops for good if it is not here yet.
 */
bool machtrap(Mach *m, const Ureg *ur, uintptr_t cr2);

#endif
