/*
 * userfuzz.h - programs that do anything, one after another.
 */
#ifndef USERFUZZ_H
#define USERFUZZ_H

#include "types.h"

/*
 * Run so many of them, from that seed on: of an odd one random text, of an even
 * one user/calls.c. After each, all memory must be back. The same seed is the
 * same program each time. Says how they ended; ^C ends it.
 */
void userfuzz(uint64_t nseeds, uint64_t first);

#endif
