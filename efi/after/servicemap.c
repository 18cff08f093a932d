/*
 * servicemap.c - see servicemap.h.
 *
 * UEFI Specification 2.10, 7.2 (types, attributes of caching) and 4.6 (the
 * memory-attributes table, which speaks of code and data of the services only
 * and says what may be done to them, not how they are cached). In the memory
 * map RO and XP say what could be, not what is, so nothing follows from them.
 */
#include "servicemap.h"

enum {
	RuntimeServicesCode = 5,
	RuntimeServicesData = 6,
	MemoryMappedIO = 11,
	MemoryMappedIOPortSpace = 12,
};

#define UC (1ull << 0)
#define WC (1ull << 1)
#define WB (1ull << 3)
#define XP (1ull << 14)
#define RO (1ull << 17)
#define RUNTIME (1ull << 63)

static bool
iscode(const Efidesc *d)
{
	return d->type == RuntimeServicesCode;
}

static bool
isservice(const Efidesc *d)
{
	return iscode(d) || d->type == RuntimeServicesData;
}

bool
servicewanted(const Efidesc *d)
{
	return isservice(d) || (d->attr & RUNTIME);
}

bool
servicesane(const Efidesc *d, int physbits)
{
	paddr_t end = MIN(UTOP, (paddr_t)1 << physbits);

	return d->npages != 0 && d->base >= BY2PG && d->base % BY2PG == 0 &&
	       d->base < end && d->npages <= (end - d->base) / BY2PG;
}

/*
 * How it is cached. Several attributes: what memory can do best, what a device
 * certainly can. None: memory is memory, and all else is left uncached.
 */
static pte_t
caching(const Efidesc *d)
{
	bool device =
	    d->type == MemoryMappedIO || d->type == MemoryMappedIOPortSpace;

	if (device && (d->attr & UC))
		return PTEUC;
	if (d->attr & WB)
		return PTEWB;
	if (d->attr & WC)
		return PTEWC;
	return isservice(d) && (d->attr & UC) == 0 ? PTEWB : PTEUC;
}

/* What a descriptor of the map allows, with an attributes table or without. */
static pte_t
plainflags(const Efidesc *d, bool fine)
{
	pte_t flags = PTEVALID | caching(d);

	if (fine && iscode(d))
		return flags;
	if (!fine && isservice(d))
		return flags | PTEWRITE;
	return flags | PTEWRITE | PTENOEXEC;
}

/* What one of the attributes table allows, cached as the map has it. */
static pte_t
fineflags(const Efidesc *d, pte_t cached)
{
	pte_t flags = PTEVALID | cached;

	if ((d->attr & RO) == 0)
		flags |= PTEWRITE;
	if (d->attr & XP)
		flags |= PTENOEXEC;
	return flags;
}

/*
 * The first descriptor of this map that has the page at pa. *end, which begins
 * as the farthest there is, comes down to where another answer may begin.
 */
static bool
at(const Efimap *map, int physbits, paddr_t pa, Efidesc *found, paddr_t *end)
{
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (!servicewanted(&d) || !servicesane(&d, physbits))
			continue;
		paddr_t dend = d.base + d.npages * BY2PG;
		if (d.base > pa)
			*end = MIN(*end, d.base);
		else if (pa < dend) {
			*end = MIN(*end, dend);
			*found = d;
			return true;
		}
	}
	return false;
}

/* The flags of the page at pa, 0 for none, up to *end. */
static pte_t
flagsat(const Servicemap *m, paddr_t pa, paddr_t *end)
{
	bool fine = efimapcount(&m->fine) != 0;
	int physbits = m->map.physbits;
	Efidesc plain, d;

	*end = UTOP;
	bool inmap = at(&m->map, physbits, pa, &plain, end);
	if (fine && at(&m->fine, physbits, pa, &d, end))
		return fineflags(&d, inmap ? caching(&plain) : caching(&d));
	return inmap ? plainflags(&plain, fine) : 0;
}

bool
servicerange(const Servicemap *m, paddr_t from, Servicerange *r)
{
	paddr_t end = from;
	paddr_t next = 0;

	do {
		r->pa = end;
		if (r->pa >= UTOP)
			return false;
		r->flags = flagsat(m, r->pa, &end);
	} while (r->flags == 0);
	for (r->end = end; r->end < UTOP; r->end = next)
		if (flagsat(m, r->end, &next) != r->flags)
			break;
	return true;
}
