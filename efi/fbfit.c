/*
 * fbfit.c - how much of a framebuffer there is to draw into.
 */
#include "collect.h"

void
fbfit(Fb *fb, uint64_t given, int physbits)
{
	paddr_t end = (paddr_t)1 << physbits;
	uint64_t row = (uint64_t)fb->pitch * fb->bytes;
	uint64_t size = given;

	fb->size = 0;
	if (fb->pa == 0 || fb->pa >= end || row == 0 || row > UINT32_MAX)
		return;
	size = MIN(size, end - fb->pa);
	if (size / row >= fb->height)
		size = row * fb->height;
	fb->size = size;
}
