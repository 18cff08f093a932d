/*
 * spin.c - never gives the CPU up: ended when its time is over, of so many
 * slices as its argument says, or 2.
 */
#include "user.h"

int
main(uint64_t arg)
{
	ask(SYSLIMIT, arg > 0 ? arg : 2, 0, 0);
	for (;;)
		__asm__ volatile("");
}
