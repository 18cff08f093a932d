/*
 * callfirmware.h - the one call by firmware's rules instead of ours.
 */
#ifndef CALLFIRMWARE_H
#define CALLFIRMWARE_H

#include "types.h"

/*
 * Call fn with up to four arguments on the stack that ends at sp, in the space
 * this CPU is in, which must have both firmware's memory and our upper half.
 */
uint64_t callfirmware(void *fn, const uint64_t args[4], uintptr_t sp);

#endif
