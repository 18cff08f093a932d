/*
 * crew.h - CPUs that are threads, for code that gives them work (cpus.h): as
 * many as are up, the last of NCREW; one of them with interrupts as they are.
 */
#ifndef CREW_H
#define CREW_H

#include "types.h"

enum { NCREW = 5 };

extern struct crew {
	size_t up;           /* CPUs */
	size_t absent;       /* of those that take part */
	void (*after)(void); /* all have ended: what they did besides */

	/* What faults() is told of that CPU, of NCREW; 0: nothing happens. */
	size_t faulty;
	uint64_t vector;
} crew;

/* So many are up, and all is well. */
void crewup(size_t up);

#endif
