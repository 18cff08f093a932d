/*
 * avoid.c - a range that must not be used, in the words of other systems.
 *
 * Linux takes size$start. GRUB's badram (GRUB_BADRAM in its settings) takes
 * pairs of address and mask, each for a block that is as large as it is
 * aligned:
 *
 *	   1M    2M                4M          5M
 *	...[ 1M  )[       2M       )[    1M    )...	three pairs
 */
#include "memmap.h"
#include "hooks.h"

/* The largest aligned block that [pa, end) starts with. */
static size_t
block(paddr_t pa, paddr_t end)
{
	size_t size = pa == 0 ? PAMAX : pa & (~pa + 1);

	while (size > end - pa)
		size /= 2;
	return size;
}

void
memmapavoid(paddr_t pa, paddr_t end)
{
	print("mem9: avoid memmap=0x%jx$0x%jx\n", end - pa, pa);
	print("mem9: avoid badram=");
	for (const char *comma = ""; pa < end; comma = ",") {
		size_t size = block(pa, end);

		print("%s0x%jx,0x%jx", comma, pa, ~(paddr_t)(size - 1));
		pa += size;
	}
	print("\n");
}
