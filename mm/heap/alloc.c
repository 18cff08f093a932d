/*
 * alloc.c - malloc and its family: blocks of mainmem.
 */
#include "pool.h"
#include "hooks.h"
#include "poolfast.h"

#define MAIN (&pools[KMAIN - KMAIN])

/* Apart, so that nothing has to be saved around it by who needs it rarely. */
static __attribute__((noinline)) void *
clearslow(size_t size, uintptr_t pc)
{
	void *p = poolallocslow(MAIN, size, pc);

	return p != NULL ? memset(p, 0, size) : NULL;
}

static inline void *
clear(size_t size, uintptr_t pc)
{
	void *p = poolpop(KMAIN, size, pc);

	if (p == NULL)
		return clearslow(size, pc);
	if (SLOTFILL != 0)
		return memset(p, 0, size);
	/* up to there it is proved to be; cannot be reached in CHECK=1 */
	if (size > WIPEMAX)
		memset((uint8_t *)p + WIPEMAX, 0, size - WIPEMAX);
	return p;
}

void *
mallocz(size_t size, bool zero)
{
	if (zero)
		return clear(size, callerpc());
	return poolallocfast(MAIN, KMAIN, size, callerpc());
}

void *
malloc(size_t size)
{
	return clear(size, callerpc());
}

void *
smalloc(size_t size)
{
	if (size > WANTMAX)
		panic("%#zx bytes are never to be had", size);
	for (size_t tries = 1;; tries++) {
		void *p = poolallocfast(MAIN, KMAIN, size, callerpc());
		if (p != NULL)
			return memset(p, 0, size);
		memwait(__func__, tries);
	}
}

void *
mallocalign(size_t size, size_t align, ptrdiff_t offset, size_t span)
{
	Want w = {size, 0, align, offset, span};
	void *p = poolallocalignfor(MAIN, &w, callerpc());

	return p != NULL ? memset(p, 0, size) : NULL;
}

void *
realloc(void *p, size_t size)
{
	return poolreallocfor(MAIN, p, size, callerpc());
}

size_t
msize(void *p)
{
	return poolmsizefor(__func__, MAIN, p);
}

void
free(void *p)
{
	if (p != NULL)
		poolfreefast("free", MAIN, KMAIN, p);
}
