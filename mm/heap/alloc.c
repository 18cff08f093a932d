/*
 * alloc.c - malloc and its family: blocks of mainmem.
 */
#include "pool.h"
#include "hooks.h"
#include "poolfast.h"

#define MAIN (&pools[KMAIN - KMAIN])

void *
mallocz(size_t size, bool zero)
{
	void *p = poolallocfast(MAIN, KMAIN, size, callerpc());

	return p != NULL && zero ? memset(p, 0, size) : p;
}

void *
malloc(size_t size)
{
	void *p = poolallocfast(MAIN, KMAIN, size, callerpc());

	return p != NULL ? memset(p, 0, size) : NULL;
}

void *
smalloc(size_t size)
{
	for (;;) {
		void *p = poolallocfast(MAIN, KMAIN, size, callerpc());
		if (p != NULL)
			return memset(p, 0, size);
		memwait(__func__);
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
