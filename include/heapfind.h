/*
 * heapfind.h - whose a piece of the heap's memory is, for who looks around.
 */
#ifndef HEAPFIND_H
#define HEAPFIND_H

#include "types.h"

typedef struct Heapblock Heapblock;

/*
 * Free, a caller's, or the heap's own: headers, what is set aside for small
 * blocks, bad memory. Damaged: at is a header that cannot be one, of what is
 * behind it nothing is known, and nobody else has that address. Busy: a lock
 * is held, maybe by who stopped with it, and nobody else has that address.
 */
enum heapstate { HEAPFREE, HEAPUSED, HEAPOWN, HEAPDAMAGED, HEAPBUSY };

/* What lies around an address: for a caller's, what it may write. */
struct Heapblock {
	const char *whose; /* "xalloc", or the pool's name */
	enum heapstate state;
	uintptr_t at;
	size_t size;
	uintptr_t pc; /* of a caller's, who asked for it; else 0 */
};

/*
 * What the heap has at that address; false if it has nothing there. From
 * SXALLOC on. O(blocks of the arena); waits for nobody, changes nothing, and
 * finds damage only where it is in its way.
 */
bool heapfind(uintptr_t at, Heapblock *b);

#endif
