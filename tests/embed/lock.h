/*
 * lock.h - this kernel's locks: who comes first is served first.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdatomic.h>

struct Lock {
	_Atomic unsigned next;
	_Atomic unsigned serving;
};

#endif
