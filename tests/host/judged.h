/*
 * judged.h - machines with a fault (forged.h), and what `mem9 audit' finds.
 */
#ifndef JUDGED_H
#define JUDGED_H

#include "forged.h"

typedef struct Fault Fault;

/*
 * What is made wrong of a good machine, which checks fail by that and no
 * others, and what is said.
 */
struct Fault {
	void (*make)(Forged *m);
	const char *fails; /* names, a blank after each */
	const char *says;  /* of the first of them; NULL: whatever */
};

/* The finding of that check on this machine. */
Finding judged(const Forged *m, const char *name);

/* The names of all checks that come to that; until the next call. */
const char *names(const Forged *m, enum judgement j);

/*
 * Each fault is found, on a machine that is made of m, and each check of the
 * group fails by one of them.
 */
void faultsarefound(
    Forged *m, enum auditgroup g, const Fault *faults, size_t n);

#endif
