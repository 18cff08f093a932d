/*
 * mtrr.h - memory type range registers, as values: what they say of memory.
 */
#ifndef MTRR_H
#define MTRR_H

#include "caching.h"

typedef struct Mtrrs Mtrrs;
typedef struct Mtrrvar Mtrrvar;

/* So many fixed ones; and so many pairs have MSRs below the fixed ones'. */
enum { MTRRFIXED = 11, MTRRVARIABLE = 40 };

/* A variable range: what pa & mask is in it, and the type; if it is valid. */
struct Mtrrvar {
	uint64_t base;
	uint64_t mask;
};

struct Mtrrs {
	int physbits; /* width of a physical address */
	uint64_t cap; /* MTRRCAP: how many, of which kinds */
	uint64_t deftype;
	uint64_t fixed[MTRRFIXED]; /* ascending */
	Mtrrvar var[MTRRVARIABLE];
	uint64_t syscfg; /* AMD's, otherwise 0; and TOP_MEM2 */
	uint64_t tom2;
};

/* Which of the registers there are: variable pairs, the fixed ones. */
size_t mtrrvariable(const Mtrrs *m);
bool mtrrfixed(const Mtrrs *m);

/* Are they switched on? All memory is uncached if not. */
bool mtrron(const Mtrrs *m);

/* Does the memory up to TOP_MEM2 have a default type of its own? */
bool mtrrtom2(uint64_t syscfg);

/*
 * What they say of pa, which is below the width, and of all up to *end. What
 * the manual leaves undefined is uncached.
 */
enum caching mtrrat(const Mtrrs *m, paddr_t pa, paddr_t *end);

/*
 * Does the manual define what variable ranges that overlap at pa come to? They
 * are of one kind, or one is uncached, or they are write-through and -back.
 */
bool mtrrdefined(const Mtrrs *m, paddr_t pa);

/* AMD's bit that lets the fixed ranges be changed; it is on while firmware sets
 * them. */
bool mtrrfixeddram(uint64_t syscfg);

/*
 * What comes of memory of this kind, by the MTRRs, in a page whose entry
 * chooses this byte of IA32_PAT.
 */
enum caching mtrrpat(uint8_t pat, enum caching kind);

/* Those of this CPU, zero before; false if that faults, or it has none. */
bool mtrrsread(Mtrrs *m);

/*
 * The same where nobody catches a fault: those of a CPU that says it has them.
 * AMD's own are left out where a hypervisor may have none.
 */
void mtrrsnow(Mtrrs *m);

/*
 * This CPU's become m, another CPU's, instead of was, both from mtrrsread; or
 * stay what they were, if one cannot be written. With interrupts off.
 */
void mtrrswrite(Mtrrs *m, Mtrrs *was);

/* These are the machine's: cachingat() says what they say. */
void cachinguse(const Mtrrs *m);

#endif
