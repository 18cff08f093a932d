/*
 * kaddr.c - the direct map as mm/ sees it (hooks.h): addresses to pointers
 * and back, in the kernel's space.
 *
 * Until mmuinit kaddr reaches what the first tables map, the block's own
 * tables, and cankaddr promises nothing.
 */
#include "hooks.h"
#include "mmu.h"
#include "stage.h"

/* Firmware's identity map, which reaches everything, until the takeover. */
Space kspace = {.directend = NOADDR};

size_t
cankaddr(paddr_t pa)
{
	if (pa >= kspace.directend || (alone() && stage < SMMU))
		return 0;
	return kspace.directend - pa;
}

void *
kaddr(paddr_t pa)
{
	if (pa >= kspace.directend)
		panic("pa %#jx is above the direct map's end %#jx", pa,
		    kspace.directend);
	return (void *)(kspace.direct + pa);
}

/* Image, VMAP and KMAP addresses are looked up in the tables. */
paddr_t
paddr(const void *p)
{
	uintptr_t va = (uintptr_t)p;
	paddr_t pa = NOADDR;

	if (va >= kspace.direct && va - kspace.direct < kspace.directend &&
	    (!alone() || va < KMAP))
		return va - kspace.direct;
	if (va >= DMAP)
		pa = mmupa(&kspace, va);
	if (pa == NOADDR)
		panic("%#jx is not a kernel address", (uintmax_t)va);
	return pa;
}
