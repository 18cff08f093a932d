/*
 * patience.h - how long a CPU has waited for another one.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include "types.h"

typedef struct Patience Patience;

/*
 * Microseconds that a CPU which runs may take for what another one waits for,
 * and after which what it may not have heard is said again.
 */
enum { PATIENCEUS = 30000000, AGAINUS = 100000 };

/* All zero at the beginning of a wait. */
struct Patience {
	uint64_t first; /* when it began, and when it was looked at last */
	uint64_t last;
	uint64_t spent;
};

/*
 * A moment of it; returns the microseconds so far. Only those count in which we
 * ran: a virtual CPU that others keep from running does not lose patience. What
 * other CPUs ask of this one meanwhile is answered (hooks.h, cpubarrier).
 */
uint64_t rest(Patience *p);

/* The same, but for the answer. */
uint64_t waited(Patience *p);

/* Microseconds since the first of these, by the clock. */
uint64_t sofar(const Patience *p);

/* Of a CPU's time stamps, whatever firmware said: never less than a million. */
uint64_t ticksperms(void);

/*
 * Since some time or other: by this CPU's time stamps, which another one's may
 * be far from; by the same ones on any CPU.
 */
uint64_t clockus(void);
uint64_t clockms(void);

/* Busy for so long, by the clock. */
void pausefor(uint64_t us);

#endif
