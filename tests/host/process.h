/*
 * process.h - a machine for processes' memory, and a CPU that runs in it.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "proc.h"

/*
 * RAM with pools over the kernel's share, npages pages above, of which kaddr
 * reaches the first near, and a kernel's space of so many levels. Nothing is
 * limited (scarce.h).
 */
typedef struct Processes Processes;
struct Processes {
	size_t npages;
	size_t near;
	int levels;
	int ncpu;
};
void processmachine(Processes m);

/* Panic unless all is back: pages to the page, pools to the byte. */
void processesgone(void);

/*
 * This process is on the CPU from now on: what the CPU kept of another one, it
 * drops.
 */
void processenter(Proc *p);

/*
 * Touch va as the process that is on the CPU would, with what the CPU has kept:
 * where it is, or NULL and why not, when fault() has refused. Panics if the
 * access is not allowed after a fault that has not.
 */
uint64_t *processtouch(uintptr_t va, enum access access, const char **why);

/* How many faults that took in all. */
size_t processfaults(void);

/* Panic unless p's tables and the CPU agree with its segments. */
void processcheck(Proc *p);

/* A file whose page at off begins with off ^ FILEMARK; and one that is not
 * read. */
#define FILEMARK 0x6c69656874736177
extern Chan processfile;
extern Chan processbadfile;

/* How many bytes were read of it. */
size_t processread(void);

#endif
