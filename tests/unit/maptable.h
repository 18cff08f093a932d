/*
 * maptable.h - an empty memory map, before any other part of the machine.
 */
#ifndef MAPTABLE_H
#define MAPTABLE_H

#include "unit.h"
#include "memmap.h"

static uint64_t maptable[1 << 15];

/* The map is empty, the machine at this stage, and print says nothing. */
static inline void
mapbegin(enum stage at)
{
	hostquiet();
	stage = at;
	memmapinit(maptable, sizeof maptable);
}

#endif
