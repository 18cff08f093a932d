/*
 * caching.c - what of the memory map is not cached as its type needs it.
 *
 *	map      [ UMB )[      RAM        )[ ACPI )[    UPA     )
 *	cached   [ UC         )[       WB     )[ WT )[WB)[  UC  )
 *	becomes  [ UMB )[ Res )[   RAM   )[ A )[   Res  )[ UPA  )
 *
 * RAM that is not write-back works, a hundred times slower; a device that is
 * not uncached does not. Looked at twice: to see if the machine makes sense,
 * then for good.
 */
#include "caching.h"
#include "memmap.h"

static Cached cached;

static bool
isram(enum memtype type)
{
	return type == MemRAM || type == MemACPI;
}

/* Where [pa, end) changes between this kind and all others; *is: which it is.
 */
static paddr_t
alike(Cachingat *at, paddr_t pa, paddr_t end, enum caching kind, bool *is)
{
	paddr_t next = pa;
	paddr_t more = 0;

	*is = at(pa, &next) == kind;
	while (next < end && (at(next, &more) == kind) == *is)
		next = more;
	return MIN(next, end);
}

bool
writeback(Cachingat *at, paddr_t pa, paddr_t end)
{
	bool is = false;

	return alike(at, pa, end, CACHEWB, &is) == end && is;
}

static void
count(Cachingat *at)
{
	Memrange r;

	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end) {
		if (!isram(r.type))
			continue;
		cached.ram += r.end - r.pa;
		for (paddr_t end = r.pa; r.pa < r.end; r.pa = end) {
			bool wb = false;

			end = alike(at, r.pa, r.end, CACHEWB, &wb);
			if (!wb)
				cached.lost += end - r.pa;
		}
	}
}

/* What of this range is not of this kind is reserved. */
static void
exclude(Cachingat *at, const Memrange *r, enum caching kind)
{
	paddr_t end = 0;

	for (paddr_t pa = r->pa; pa < r->end; pa = end) {
		bool is = false;

		end = alike(at, pa, r->end, kind, &is);
		if (is)
			continue;
		if (isram(r->type))
			memmapodd("mtrr", pa, PAGES(end - pa));
		memmapadd(pa, end - pa, MemReserved);
	}
}

void
memmapcaching(Cachingat *at, const char *doubt)
{
	Memrange r;

	cached = (Cached){.doubt = doubt};
	count(at);
	if (doubt == NULL && cached.lost > cached.ram - cached.lost)
		cached.doubt = "less than half of the RAM would be write-back";
	if (cached.doubt != NULL) {
		memmapodd("mtrr", 0, PAGES(cached.lost));
		return;
	}
	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end)
		exclude(at, &r, isram(r.type) ? CACHEWB : CACHEUC);
}

const Cached *
memmapcached(void)
{
	return &cached;
}
