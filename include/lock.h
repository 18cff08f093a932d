/*
 * lock.h - what a lock is made of: the back end's business.
 *
 * mm/ only keeps locks, all zero at first, and calls lock and unlock (hooks.h).
 * A back end with locks of another kind provides a header of this name that the
 * compiler finds before this one, which is the metal's: arch/lock.c.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdint.h>

struct Lock {
	uint32_t holder; /* its CPU's number + 1; 0: nobody */
	uint32_t due;    /* who waits too long, and how long; 0: nobody */
	uintptr_t pc;    /* that took it; 0: nobody, or not said yet */
};

#endif
