/*
 * alone.c - for files of the image that wait for other CPUs: there are none.
 */
#include "cpus.h"
#include "hooks.h"
#include "patience.h"

size_t
cpunumber(void)
{
	return 0;
}

uint64_t
rest(Patience *p)
{
	(void)p;
	panic("nobody is there to wait for");
}

bool
cpugone(size_t n)
{
	(void)n;
	return false;
}
