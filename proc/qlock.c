/*
 * qlock.c - a lock to be held for long: see include/qlock.h.
 *
 * Who finds it held looks again, and lets go of the Lock in between: there a
 * CPU answers what others ask of it (hooks.h, cpubarrier), as the holder may
 * be asking just that.
 */
#include "qlock.h"

void
qlock(QLock *q)
{
	lock(&q->lock);
	while (q->held) {
		unlock(&q->lock);
		lock(&q->lock);
	}
	q->held = true;
	unlock(&q->lock);
}

bool
qheld(QLock *q)
{
	if (!canlock(&q->lock))
		return true;
	bool held = q->held;
	unlock(&q->lock);
	return held;
}

void
qunlock(QLock *q)
{
	lock(&q->lock);
	bool held = q->held;
	q->held = false;
	unlock(&q->lock);
	if (!held)
		panic("%p is not held", (void *)q);
}
