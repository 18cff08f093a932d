/*
 * qlock.h - a lock to be held for long: who holds it may allocate, wait, and
 * ask other CPUs something (cpubarrier), and is interrupted meanwhile.
 *
 * No interrupt handler may take one, and nobody who holds a Lock. They nest.
 */
#ifndef QLOCK_H
#define QLOCK_H

#include "hooks.h"

typedef struct QLock QLock;

/* All zero is unlocked. */
struct QLock {
	Lock lock; /* of held: never for long */
	bool held;
};

void qlock(QLock *q);
void qunlock(QLock *q);

/* Does anybody hold it just now, or is about to? It waits for nobody. */
bool qheld(QLock *q);

#endif
