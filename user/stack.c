/*
 * stack.c - the stack comes as it is used, down to its limit.
 */
#include "user.h"

static uint64_t
deeper(int n)
{
	volatile uint8_t frame[PAGE];

	frame[0] = (uint8_t)n;
	if (n == 0)
		return frame[0];
	return deeper(n - 1) + frame[0];
}

int
main(uint64_t arg)
{
	uint64_t sum = 0;

	(void)arg;
	for (uint64_t i = 1; i <= 200; i++)
		sum += i;
	return deeper(200) == sum ? 0 : 1;
}
