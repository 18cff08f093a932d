/*
 * programs.h - processes: made, run and ended, all by the kernel's own
 * programs.
 *
 * A process has no stack in the kernel, which runs it (user.h) and does what
 * it asks for, on the stack of the CPU that it is on. What it waits for is a
 * state of it. It may go on on another CPU each time.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "user.h"

typedef struct Builtin Builtin;
typedef struct Process Process;
typedef struct Processinfo Processinfo;
typedef struct Processrun Processrun;
typedef struct Seginfo Seginfo;
typedef struct Userimage Userimage;

enum { NPROCESS = 1000 };
#define NOLIMIT UINT64_MAX
#define NOCPU SIZE_MAX

/* What a built-in program begins with: user/prog.ld. */
struct Userimage {
	uint64_t magic;
	uint32_t text;  /* bytes, whole pages, from UTZERO on; this is there */
	uint32_t data;  /* bytes that follow, at the next page */
	uint32_t bss;   /* and of zeros, from the page behind those on */
	uint32_t entry; /* from UTZERO on */
};

#define UTZERO ((uintptr_t)0x200000)
#define USERMAGIC 0x72657375396d656dull
#define USTKSIZE MiB

/* All that there are; the last has no name. */
struct Builtin {
	const char *name;
	const uint8_t *image;
	const uint8_t *end;
};
extern const Builtin builtins[];

/* What came of it all. */
struct Processrun {
	int64_t status; /* of the first */
	size_t nprocs;  /* that there were */
	size_t nended;  /* by the kernel */
	size_t nwrong;  /* with CALLSWRONG */
	size_t ncpus;   /* that had any turns, since it began or went on */
	size_t moves;   /* turns on another CPU than the one before */
	size_t nleft;   /* that were stopped */
};

/* A segment, and a process, as they are now. */
struct Seginfo {
	const char *name;
	uintptr_t base;
	uintptr_t top;
	size_t npages; /* that are there; 0 if it is locked */
	uint32_t refs;
	bool locked; /* by who was broken off there */
};

struct Processinfo {
	int pid;
	int parent; /* 0: nobody's child */
	const char *name;
	const char *state;
	size_t cpu;      /* that it is on, or was last, or NOCPU */
	uint64_t slices; /* that it may still have, or NOLIMIT */
	size_t npages;   /* of its segments, and of its tables */
	size_t ntables;
	size_t nseg;
	Seginfo seg[NSEG];
};

/*
 * The process with the next higher number, from 0 on; false: there is none.
 * What the last run has come to; false: there was none. By the only one that
 * does anything with processes, or in a process's own call.
 */
bool processnext(int pid, Processinfo *i);
bool processlast(Processrun *r);

/*
 * Run this program, and all processes that come of it, until none is left. By
 * CPU 0, on so many CPUs at most. NULL, or why not. Each has so much time and
 * no more, but in a run that is RUNENDLESS.
 */
const char *processrun(
    const char *name, uint64_t arg, size_t most, Processrun *r);

/* The same, of any program; what was cached of another one is not its. */
const char *processrunimage(
    const Builtin *b, uint64_t arg, size_t most, Processrun *r);

/* Go on with what was stopped: the same. */
const char *processgoon(size_t most, Processrun *r);

/*
 * What is to become of a run: asked by CPU 0 between turns, from now on; NULL:
 * nobody is. All end, each as it would if its time were over; or all stop as
 * they are, and the run returns with them left. The time of a run that is
 * watched may have no limit.
 */
enum runasked { RUNGOON, RUNSTOP, RUNEND };
enum runtime { RUNLIMITED, RUNENDLESS };
typedef enum runasked Runasked(void);
void processwatch(Runasked *asked, enum runtime time);

/* Their cached images go, too; but if anything is left of a run. */
void processtidy(void);

extern const char Enoent[]; /* no such program */

#endif
