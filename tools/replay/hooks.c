/*
 * hooks.c - the machine below mm/ as far as a saved map needs one.
 *
 * There is no memory to touch. kaddr says where mem9 would see an address if
 * its direct map did not slide, so that the banks are printed as there.
 */
#include "replay.h"
#include "hooks.h"

#include <stdlib.h>

#define DIRECTMAP 0xffff800000000000
#define DIRECTMAPSIZE (126 * TiB)

void *
kaddr(paddr_t pa)
{
	if (cankaddr(pa) == 0)
		panic("pa %#jx is not in the direct map", pa);
	return (void *)(DIRECTMAP + pa);
}

size_t
cankaddr(paddr_t pa)
{
	return pa < DIRECTMAPSIZE ? DIRECTMAPSIZE - pa : 0;
}

void
lock(Lock *l)
{
	l->holder = 1;
}

void
unlock(Lock *l)
{
	l->holder = 0;
}

void *
formstake(size_t size)
{
	return malloc(size);
}

void
formsfree(void *p)
{
	free(p);
}

FILE *printto;

void
print(const char *fmt, ...)
{
	va_list ap;

	if (printto == NULL)
		return;
	va_start(ap, fmt);
	vfprintf(printto, fmt, ap);
	va_end(ap);
}

void
panicat(const char *func, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "panic: %s: ", func);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
