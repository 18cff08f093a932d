/*
 * spoil.c - *poison=1: nothing of firmware's is left to lean on by mistake.
 *
 * All RAM that firmware left is filled with junk before anything of it is
 * used: whoever still stands on firmware's stack, tables or descriptors falls
 * at once, and not one day on a machine far away.
 */
#include "spoil.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"

enum { JUNK = 0xa5 };

static size_t
spoilrange(paddr_t pa, paddr_t end)
{
	size_t n = 0;

	for (; end - pa >= BY2PG; pa += BY2PG, n++) {
		void *p = kmapplace(pa);

		memset(p, JUNK, BY2PG);
		kunmap(p);
	}
	return n;
}

void
spoil(void)
{
	Memrange r = {.end = 0};
	size_t pages = 0;

	while (memmaprange(r.end, &r))
		if (r.type == MemRAM && !r.allocated)
			pages += spoilrange(r.pa, r.end);
	print("poisoned %zu pages that firmware left\n", pages);
}
