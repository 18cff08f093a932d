/*
 * mallocpeers.h - our malloc and those that it is timed beside.
 */
#ifndef MALLOCPEERS_H
#define MALLOCPEERS_H

#include "peers.h"

enum { MALLOCPEERS = 5 };

/* Ours first, then those of mimalloc, jemalloc, scudo, glibc that are here: how
 * many? */
size_t mallocpeers(Peer peers[MALLOCPEERS]);

#endif
