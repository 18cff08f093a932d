/*
 * findlines.c - what is known of an address, in lines for programs: see
 * found.h. The first is "mem9: find", each other one "mem9: found who=...".
 */
#include "bytemap.h"
#include "found.h"
#include "hooks.h"
#include "image.h"
#include "page.h"
#include "place.h"
#include "symbol.h"

static void
function(const char *key, uintptr_t pc)
{
	size_t offset = 0;
	const char *name = symbolname(pc, &offset);

	if (name != NULL)
		print(" %s=\"%s+%#zx\"", key, name, offset);
}

static void
range(const char *who, paddr_t base, size_t size)
{
	print("mem9: found who=%s base=0x%jx size=0x%zx ", who, base, size);
}

static void
lineaddress(uintptr_t at, paddr_t pa)
{
	print("mem9: find at=0x%jx", (uintmax_t)at);
	if (pa != NOADDR)
		print(" pa=0x%jx", pa);
	if (at != pa) {
		print(" in=\"%s\"", placename(at));
		function("function", at);
	}
	print("\n");
}

static void
linefirmware(const Efidesc *d)
{
	const char *name = efitypename(d->type);

	range("firmware", d->base, d->npages * BY2PG);
	if (name != NULL)
		print("type=%s", name);
	else
		print("type=0x%x", (unsigned)d->type);
	print(" attr=0x%jx\n", (uintmax_t)d->attr);
}

static void
linecaching(enum caching how)
{
	static const char *const names[NCACHING] = {
	    [CACHEUC] = "UC",
	    [CACHEWC] = "WC",
	    [CACHEWT] = "WT",
	    [CACHEWP] = "WP",
	    [CACHEWB] = "WB",
	};

	print("mem9: found who=mtrr caching=%s\n", names[how]);
}

static void
linemap(const Memrange *r)
{
	if (r == NULL)
		return;
	range("map", r->pa, r->end - r->pa);
	print("type=%s allocated=%d\n", memtypename(r->type), r->allocated);
}

static void
linebad(void)
{
	print("mem9: found who=bad\n");
}

static void
lineown(const Part *part, const char *what)
{
	range("mem9", part->pa, part->size);
	print("part=\"%s\"\n", what);
}

static void
linebank(size_t n, bool kernels)
{
	range("bank", conf.mem[n].base, conf.mem[n].npage * BY2PG);
	print("n=%zu share=%s\n", n, kernels ? "kernel" : "user");
}

static void
linepage(paddr_t pa)
{
	static const char *const states[] = {
	    [FRAMEFREE] = "free",
	    [FRAMEALLOCATED] = "allocated",
	    [FRAMERESERVED] = "reserved",
	};
	const Page *pg = papage(ROUNDDOWN(pa, BY2PG));

	print("mem9: found who=page state=%s", states[framestate(pa)]);
	if (pg != NULL && pagerefs(pg) != 0) {
		print(" size=%zu refs=%u va=0x%jx", pagesize(pg), pagerefs(pg),
		    (uintmax_t)pageva(pg));
		if (pageimage(pg) != NULL)
			print(" daddr=0x%jx", (uintmax_t)pagedaddr(pg));
	}
	print("\n");
}

static void
linemapping(uintptr_t va, pte_t flags)
{
	print("mem9: found who=tables va=0x%jx in=\"%s\" write=%d execute=%d\n",
	    (uintmax_t)va, placename(va), (flags & PTEWRITE) != 0,
	    (flags & PTENOEXEC) == 0);
}

static void
linemappings(size_t n, size_t shown)
{
	print("mem9: found who=mappings n=%zu shown=%zu\n", n, shown);
}

static void
lineheap(const Heapblock *b)
{
	static const char *const states[] = {
	    [HEAPFREE] = "free",
	    [HEAPUSED] = "used",
	    [HEAPOWN] = "own",
	    [HEAPDAMAGED] = "damaged",
	    [HEAPBUSY] = "busy",
	};

	print("mem9: found who=heap pool=\"%s\" state=%s", b->whose,
	    states[b->state]);
	if (b->state < HEAPDAMAGED)
		print(" at=0x%jx size=%zu", (uintmax_t)b->at, b->size);
	else if (b->state == HEAPDAMAGED)
		print(" at=0x%jx", (uintmax_t)b->at);
	if (b->state == HEAPUSED) {
		print(" by=0x%jx", (uintmax_t)b->pc);
		function("function", b->pc);
	}
	print("\n");
}

const Voice findlines = {
    .address = lineaddress,
    .firmware = linefirmware,
    .caching = linecaching,
    .map = linemap,
    .bad = linebad,
    .own = lineown,
    .bank = linebank,
    .page = linepage,
    .mapping = linemapping,
    .mappings = linemappings,
    .heap = lineheap,
};
