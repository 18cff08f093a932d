/*
 * guest.h - machines whose memory is encrypted, where page tables of our own
 * would need to know which pages are.
 */
#ifndef GUEST_H
#define GUEST_H

#include "types.h"

enum guest { GUESTOPEN, GUESTSEV, GUESTTDX };

typedef struct Leaf4 Leaf4;
struct Leaf4 {
	uint32_t a, b, c, d;
};

/* What the CPU says: a leaf of CPUID, a register. */
typedef Leaf4 Readleaf(uint32_t leaf);
typedef uint64_t Readmsr(uint32_t msr);

/*
 * Which kind of guest this is, by those. Pure: no leaf beyond the highest is
 * read, and no register that may be missing.
 */
enum guest guestkind(Readleaf *leaf, Readmsr *msr);

/* The same, of this CPU. */
enum guest guest(void);

#endif
