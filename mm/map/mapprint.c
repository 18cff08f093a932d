/*
 * mapprint.c - the whole memory map in words: lines of the stable interface.
 */
#include "memmap.h"
#include "hooks.h"

void
memmapdump(void)
{
	Memrange r;

	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end)
		print("mem9: memmap type=%s base=0x%jx size=0x%jx%s\n",
		    memtypename(r.type), r.pa, r.end - r.pa,
		    r.allocated ? " allocated=1" : "");
}

void
memmaptotal(Memtotal *t)
{
	Memrange r;

	memset(t, 0, sizeof *t);
	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end)
		t->size[r.type] += r.end - r.pa;
	t->lost = memmaplost();
}

void
memmapprinttotal(void)
{
	Memtotal t;

	memmaptotal(&t);
	print("mem9: total ram=%zu acpi=%zu reserved=%zu upa=%zu umb=%zu "
	      "lost=%zu\n",
	    t.size[MemRAM], t.size[MemACPI], t.size[MemReserved],
	    t.size[MemUPA], t.size[MemUMB], t.lost);
}
