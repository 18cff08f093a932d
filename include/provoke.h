/*
 * provoke.h - faults on purpose.
 */
#ifndef PROVOKE_H
#define PROVOKE_H

#include "types.h"

/*
 * Provoke the fault of that name: comes back only if none came. False if there
 * is no such. The i-th of the names; NULL: there are no more.
 */
bool provoke(const char *name);
const char *faultname(size_t i);

/* The address "text" writes to or "nx" runs; 0 for all others. */
uintptr_t provokedaddr(const char *name);

#endif
