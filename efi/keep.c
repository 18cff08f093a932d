/*
 * keep.c - see keep.h.
 *
 * Firmware that starts anew uses low memory, and the top of what there is, and
 * so does mem9 for its block: the middle of what is free now outlasts a reset.
 * Where there is but one large range, it holds both runs, apart.
 */
#include "keep.h"
#include "collect.h"
#include "firmware.h"
#include "hooks.h"

/* A range so much larger than a run has a middle. */
#define LARGE (32 * KEPTSIZE)

typedef struct Free Free;
struct Free {
	paddr_t pa;
	size_t size;
};

/* What of a descriptor is free, and RAM in the direct map. */
static Free
usable(const Efidesc *d, paddr_t end)
{
	if (d->type != EfiConventionalMemory || d->base >= end ||
	    efitypeof(d->type, d->attr) != MemRAM)
		return (Free){0, 0};
	return (Free){d->base, MIN(d->npages, (end - d->base) / BY2PG) * BY2PG};
}

/* The two largest. */
static void
largest(paddr_t end, Free two[2])
{
	Rawmap m;

	two[0] = two[1] = (Free){0, 0};
	if (!getmap(&m))
		return;
	Efimap map = efimapof(&m);
	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);
		Free f = usable(&d, end);

		if (f.size > two[0].size) {
			two[1] = two[0];
			two[0] = f;
		} else if (f.size > two[1].size)
			two[1] = f;
	}
	fwfree(m.desc);
}

/* About so many parts of it from its start; NOADDR if it cannot be had. */
static paddr_t
takeat(const Free *f, size_t part, size_t parts)
{
	EFI_PHYSICAL_ADDRESS pa =
	    f->pa + PGROUND(f->size / parts * part) - KEPTSIZE / 2;

	if (f->size < LARGE || EFI_ERROR(fw.bs->AllocatePages(AllocateAddress,
				   EfiLoaderData, KEPTPAGES, &pa)))
		return NOADDR;
	return pa;
}

size_t
keeptake(Bootinfo *b)
{
	const Options *o = &b->options;
	size_t n = 0;
	Free two[KEPTRUNS];

	largest(MIN(o->maxmem, o->directmap), two);
	bool one = two[1].size < LARGE;
	for (size_t i = 0; i < KEPTRUNS; i++) {
		b->kept[i] =
		    one ? takeat(&two[0], 2 + i, 5) : takeat(&two[i], 1, 2);
		n += b->kept[i] != NOADDR;
	}
	b->keptid = n > 0 ? somechance() | 1 : 0;
	return n;
}

void
keepgive(Bootinfo *b)
{
	for (size_t i = 0; i < KEPTRUNS; i++)
		if (b->kept[i] != NOADDR)
			fw.bs->FreePages(b->kept[i], KEPTPAGES);
	b->keptid = 0;
}
