/*
 * procs.h - what tests of processes begin with: one that has text, data, bss
 *and a stack, and is on the CPU.
 *
 *	TEXT	TEXTPAGES of the file
 *	DATA	DATAPAGES, of which the file has FILEPAGES and a half
 *	BSS	BSSPAGES, below which a Pte of its own begins
 *	STACK	STACKPAGES, up to USTKTOP
 */
#ifndef PROCS_H
#define PROCS_H

#include "../unit/unit.h"
#include "process.h"
#include "scarce.h"

enum {
	TEXTPAGES = 4,
	DATAPAGES = 6,
	FILEPAGES = 3,
	BSSPAGES = 3 * PTEPERTAB,
	STACKPAGES = 64,
};

#define TEXT ((uintptr_t)0x200000)
#define DATA ((uintptr_t)0x400000)
#define BSS ((uintptr_t)0x600000)
#define STACK (USTKTOP - STACKPAGES * BY2PG)
#define DATAOFF (TEXTPAGES * BY2PG)

/* What text and data are of. */
extern const Filepart textpart;
extern const Filepart datapart;

/* Two that a test may have. */
extern Proc a;
extern Proc b;

/* A machine for them; and a of it, as above. */
void procsmachine(void);
int procssetup(void **state);

/* All is back: pages to the page, pools to the byte. */
int procsgone(void **state);

/* p's nth segment from now on; p begins as above. */
void giveseg(Proc *p, int n, Segment *s);
void startproc(Proc *p);

/* a forks b; and b is on the CPU then. */
void dupb(enum dup how);
void forkb(enum dup how);

/* The word at va, as a process on the CPU reads it; and writes it. */
uint64_t get(uintptr_t va);
void put(uintptr_t va, uint64_t v);

/* Why that is refused, or NULL. */
const char *refused(uintptr_t va, enum access access);

/* The entry that is in force for va, or 0. */
pte_t entry(const Proc *p, uintptr_t va);

#endif
