/*
 * main.h - the kernel's table of contents, and the part that can be rehearsed.
 */
#ifndef MAIN_H
#define MAIN_H

#include "types.h"

typedef struct Claim Claim;

/* Memory of a living firmware's that is ours for now. */
struct Claim {
	paddr_t pa;
	size_t npages;
};

/* All of it, called once, at KZERO. */
_Noreturn void main(void);

/*
 * Where a panic ends when firmware has gone and main() has not begun: as *end=
 * says, but for the monitor, as there is nothing that it could show.
 */
_Noreturn void tooearly(void);

/*
 * The steps that need no leaving, over n claims, with what lies at table as
 * room for the memmap. Afterwards firmware's page tables are in force as they
 * were and the claims are not used any more. Returns how many checks failed:
 * one, if it panicked or faulted on the way.
 */
size_t rehearsal(const Claim *claims, size_t n, void *table, size_t size);

#endif
