/*
 * spin.c - never gives the CPU up: ended when its time is over.
 */
#include "user.h"

int
main(uint64_t arg)
{
	(void)arg;
	ask(SYSLIMIT, 2, 0, 0);
	for (;;)
		__asm__ volatile("");
}
