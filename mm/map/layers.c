/*
 * layers.c - what every firmware's entry goes through: see layers.h.
 */
#include "layers.h"

void
firmwaredefaults(void)
{
	memmapadd(0, 16 * MiB, MemUMB);
	memmapadd(16 * MiB, 4 * GiB - 16 * MiB, MemUPA);
}

static void
addram(paddr_t pa, paddr_t end)
{
	pa = PGROUND(pa);
	end = ROUNDDOWN(end, BY2PG);
	if (pa >= end)
		return;
	if (pa < MIN(end, MiB))
		memmapclaim(pa, MIN(end, MiB) - pa, MemReserved);
	if (end > MAX(pa, MiB))
		memmapclaim(MAX(pa, MiB), end - MAX(pa, MiB), MemRAM);
}

/*
 * Two entries that meet inside a page both grow over it, which is no fault of
 * theirs: only their whole pages count as claimed.
 */
static void
addother(paddr_t pa, paddr_t end, enum memtype type)
{
	paddr_t first = PGROUND(pa);
	paddr_t last = ROUNDDOWN(end, BY2PG);

	if (first == pa && last == end) {
		memmapclaim(pa, end - pa, type);
		return;
	}
	memmapadd(
	    ROUNDDOWN(pa, BY2PG), PGROUND(end) - ROUNDDOWN(pa, BY2PG), type);
	if (first < last)
		memmapclaimonly(first, last - first);
}

void
firmwareadd(paddr_t pa, size_t size, enum memtype type, int physbits)
{
	paddr_t width = (paddr_t)1 << physbits;

	if (pa >= width || size > width - pa)
		memmapodd("width", pa, PAGES(size));
	if (pa >= width)
		return;
	size = MIN(size, width - pa);
	if (type == MemRAM)
		addram(pa, pa + size);
	else
		addother(pa, pa + size, type);
}
