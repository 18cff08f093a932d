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
typedef struct Processrun Processrun;
typedef struct Userimage Userimage;

enum { NPROCESS = 1000 };

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
};

/*
 * Run this program, and all processes that come of it, until none is left. By
 * CPU 0, on so many CPUs at most. NULL, or why not.
 */
const char *processrun(
    const char *name, uint64_t arg, size_t most, Processrun *r);

/* The same, of any program; what was cached of another one is not its. */
const char *processrunimage(
    const Builtin *b, uint64_t arg, size_t most, Processrun *r);

/* Their cached images go, too. */
void processtidy(void);

extern const char Enoent[]; /* no such program */

#endif
