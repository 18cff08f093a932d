/*
 * findtext.c - what is known of an address, for people: see found.h. A line
 * begins with who knows it.
 */
#include "bytemap.h"
#include "found.h"
#include "hooks.h"
#include "image.h"
#include "page.h"
#include "place.h"
#include "sizetext.h"
#include "symbol.h"

static void
range(const char *who, paddr_t pa, paddr_t end)
{
	char size[SIZETEXT];

	print("  %-9s %#jx-%#jx, %s: ", who, pa, end - 1,
	    sizeword(size, end - pa));
}

static void
function(const char *before, uintptr_t pc)
{
	size_t offset = 0;
	const char *name = symbolname(pc, &offset);

	if (name != NULL)
		print("%s%s+%#zx\n", before, name, offset);
	else
		print("%s%#jx\n", before, (uintmax_t)pc);
}

static void
sayaddress(uintptr_t at, paddr_t pa)
{
	size_t offset = 0;

	if (at != pa) { /* one of the kernel's */
		print("%#jx, %s\n", (uintmax_t)at, placename(at));
		if (symbolname(at, &offset) != NULL)
			function("  function  ", at);
	}
	if (pa == NOADDR)
		print("  mapped    to nothing\n");
	else
		print("%#jx, physical\n", pa);
}

static void
sayfirmware(const Efidesc *d)
{
	const char *name = efitypename(d->type);

	range("firmware", d->base, d->base + d->npages * BY2PG);
	if (name != NULL)
		print("%s", name);
	else
		print("type %#x", (unsigned)d->type);
	print(", attributes %#jx\n", (uintmax_t)d->attr);
}

static void
saycaching(enum caching how)
{
	static const char *const names[NCACHING] = {
	    [CACHEUC] = "uncached",
	    [CACHEWC] = "write-combining",
	    [CACHEWT] = "write-through",
	    [CACHEWP] = "write-protected",
	    [CACHEWB] = "write-back",
	};

	print("  caching   %s, by the MTRRs\n", names[how]);
}

static void
saymap(const Memrange *r)
{
	if (r == NULL) {
		print("  map       nothing is there\n");
		return;
	}
	range("map", r->pa, r->end);
	print(
	    "%s%s\n", memtypename(r->type), r->allocated ? ", handed out" : "");
}

static void
saybad(void)
{
	print("  bad       it does not hold what is written to it\n");
}

static void
sayown(const Part *part, const char *what)
{
	range("mem9", part->pa, part->pa + part->size);
	print("its %s\n", what);
}

static void
saybank(size_t n, bool kernels)
{
	print("  bank      %zu, from %#jx: of the %s\n", n, conf.mem[n].base,
	    kernels ? "kernel's share" : "pages'");
}

static void
saypage(paddr_t pa)
{
	static const char *const states[] = {
	    [FRAMEFREE] = "free",
	    [FRAMEALLOCATED] = "handed out, or waiting at a CPU",
	    [FRAMERESERVED] = "not to be had",
	};
	const Page *pg = papage(ROUNDDOWN(pa, BY2PG));

	print("  page      %s", states[framestate(pa)]);
	if (pg != NULL && pagerefs(pg) != 0) {
		char size[SIZETEXT];

		print(", of %s, %u reference%s", sizeword(size, pagesize(pg)),
		    pagerefs(pg), pagerefs(pg) == 1 ? "" : "s");
		if (pageva(pg) != 0)
			print(", for address %#jx", (uintmax_t)pageva(pg));
		if (pageimage(pg) != NULL)
			print(", cached of an image, from %#jx there",
			    (uintmax_t)pagedaddr(pg));
	}
	print("\n");
}

static void
saymapping(uintptr_t va, pte_t flags)
{
	print("  mapped    at %#jx, %s: %s, %s\n", (uintmax_t)va, placename(va),
	    flags & PTEWRITE ? "read, write" : "read only",
	    flags & PTENOEXEC ? "no execute" : "execute");
}

static void
saymappings(size_t n, size_t shown)
{
	if (n == 0)
		print("  mapped    nowhere\n");
	if (n > shown)
		print("  mapped    at %zu more\n", n - shown);
}

static void
sayheap(const Heapblock *b)
{
	static const char *const states[] = {
	    [HEAPFREE] = "free",
	    [HEAPUSED] = "in use",
	    [HEAPOWN] = "the heap's own",
	};

	print("  heap      %s: ", b->whose);
	if (b->state == HEAPBUSY)
		print("held by a CPU at work, or one that stopped\n");
	else if (b->state == HEAPDAMAGED)
		print("damaged: what is at %#jx can be no header of its\n",
		    (uintmax_t)b->at);
	else
		print("%zu bytes at %#jx, %s", b->size, (uintmax_t)b->at,
		    states[b->state]);
	if (b->state == HEAPUSED)
		function(", asked for by ", b->pc);
	else if (b->state < HEAPDAMAGED)
		print("\n");
}

const Voice findtext = {
    .address = sayaddress,
    .firmware = sayfirmware,
    .caching = saycaching,
    .map = saymap,
    .bad = saybad,
    .own = sayown,
    .bank = saybank,
    .page = saypage,
    .mapping = saymapping,
    .mappings = saymappings,
    .heap = sayheap,
};
