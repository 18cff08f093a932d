/*
 * alloc.c - malloc and its family: mainmem, cleared.
 */
#include "pool.h"
#include "hooks.h"
#include "span.h"

void *
malloc(size_t size)
{
	void *p = poolallocfor(mainmem, size, callerpc());

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
mallocz(size_t size, bool zero)
{
	void *p = poolallocfor(mainmem, size, callerpc());

	if (p != NULL && zero)
		memset(p, 0, size);
	return p;
}

void *
smalloc(size_t size)
{
	for (;;) {
		void *p = poolallocfor(mainmem, size, callerpc());
		if (p != NULL)
			return memset(p, 0, size);
		memwait("smalloc");
	}
}

void *
mallocalign(size_t size, size_t align, ptrdiff_t offset, size_t span)
{
	Want w = {size, 0, align, offset, span};
	void *p = poolallocalignfor(mainmem, &w, callerpc());

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
realloc(void *p, size_t size)
{
	return poolreallocfor(mainmem, p, size, callerpc());
}

size_t
msize(void *p)
{
	return poolmsizefor(__func__, mainmem, p);
}

void
free(void *p)
{
	if (p != NULL)
		poolfreefor(__func__, mainmem, p);
}
