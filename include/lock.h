/*
 * lock.h - what a lock is made of: the back end's business.
 *
 * mm/ only keeps locks, all zero at first, and calls lock and unlock (hooks.h).
 * A back end with locks of another kind provides a header of this name that the
 * compiler finds before this one.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdint.h>

struct Lock {
	uint32_t word;
};

#endif
