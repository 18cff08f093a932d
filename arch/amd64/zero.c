/*
 * zero.c - clearing whole pages: see zero.h.
 *
 * Stores past the caches (movnti, clzero) are not ordered with others: the
 * fence at the end makes them so, before anyone is told of the page.
 */
#include "zero.h"

enum { LINE = 64 };

enum zero
zerochoice(enum heat heat, bool clzero)
{
	if (heat == HOT)
		return ZEROREP;
	return clzero ? ZEROCLZERO : ZEROMOVNTI;
}

static void
zerorep(void *p, size_t size)
{
	__asm__ volatile("rep stosb" : "+D"(p), "+c"(size) : "a"(0) : "memory");
}

static void
zeromovnti(char *p, const char *end)
{
	for (; p < end; p += LINE)
		__asm__ volatile("movnti %1, 0(%0)\n\t"
				 "movnti %1, 8(%0)\n\t"
				 "movnti %1, 16(%0)\n\t"
				 "movnti %1, 24(%0)\n\t"
				 "movnti %1, 32(%0)\n\t"
				 "movnti %1, 40(%0)\n\t"
				 "movnti %1, 48(%0)\n\t"
				 "movnti %1, 56(%0)"
				 :
				 : "r"(p), "r"(0ull)
				 : "memory");
	__asm__ volatile("sfence" ::: "memory");
}

static void
zeroclzero(char *p, const char *end)
{
	for (; p < end; p += LINE)
		__asm__ volatile("clzero" : : "a"(p) : "memory");
	__asm__ volatile("sfence" ::: "memory");
}

void
zerowith(enum zero how, void *p, size_t size)
{
	if (how == ZEROREP)
		zerorep(p, size);
	else if (how == ZEROMOVNTI)
		zeromovnti(p, (char *)p + size);
	else
		zeroclzero(p, (char *)p + size);
}
