/*
 * poison.c - *poison=1: nothing of firmware's is left to lean on by mistake.
 *
 * All memory that was conventional or boot services' is filled with junk
 * before anything of it is used: whoever still stands on firmware's stack,
 * tables or descriptors falls at once, and not one day on a machine far away.
 */
#include "poison.h"
#include "efimap.h"
#include "hooks.h"
#include "mmu.h"

enum { JUNK = 0xa5 };

static void
fill(paddr_t pa, size_t npages)
{
	for (size_t i = 0; i < npages; i++) {
		void *p = kmapslot(pa + i * BY2PG);

		memset(p, JUNK, BY2PG);
		kunmap(p);
	}
}

void
poison(const Efimap *map)
{
	size_t pages = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (efimapverdict(map, &d) != MemRAM)
			continue;
		fill(d.base, d.npages);
		pages += d.npages;
	}
	print("poisoned %zu pages that firmware left\n", pages);
}
