/*
 * pushout.h - what was written, out of every cache and into RAM: a reset may
 * lose what is in a cache.
 */
#ifndef PUSHOUT_H
#define PUSHOUT_H

#include "types.h"

void pushout(const void *p, size_t size);

#endif
