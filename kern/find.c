/*
 * find.c - see find.h: each who knows something of memory is asked in turn, by
 * physical address, from firmware's map up to who has it mapped.
 */
#include "find.h"
#include "audit.h"
#include "badram.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "caching.h"
#include "conf.h"
#include "cpu.h"
#include "handed.h"
#include "heapfind.h"
#include "hooks.h"
#include "image.h"
#include "memmap.h"
#include "mmu.h"
#include "page.h"
#include "place.h"
#include "sizetext.h"
#include "symbol.h"

enum { MOSTSHOWN = 8 }; /* mappings */

typedef struct Mapped Mapped;

/* What leads to pa. */
struct Mapped {
	paddr_t pa;
	size_t n;
	uintptr_t va[MOSTSHOWN];
};

bool
isvirtual(uintptr_t at)
{
	return at >> 63 != 0;
}

const char *
badphysical(paddr_t pa)
{
	if (pa >> cpu.physbits != 0)
		return "is beyond what this CPU can address";
	return NULL;
}

const char *
badvirtual(uintptr_t va)
{
	return va < DMAP ? "is no canonical address" : NULL;
}

static void
range(const char *who, paddr_t pa, paddr_t end)
{
	char size[SIZETEXT];

	print("  %-9s %#jx-%#jx, %s: ", who, pa, end - 1,
	    sizeword(size, end - pa));
}

static void
findfirmwares(paddr_t pa)
{
	Efimap map = handedmap();

	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);
		const char *name = efitypename(d.type);

		if (pa < d.base || (pa - d.base) / BY2PG >= d.npages)
			continue;
		range("firmware", d.base, d.base + d.npages * BY2PG);
		if (name != NULL)
			print("%s", name);
		else
			print("type %#x", (unsigned)d.type);
		print(", attributes %#jx\n", (uintmax_t)d.attr);
	}
}

static void
findcaching(paddr_t pa)
{
	static const char *const names[NCACHING] = {
	    [CACHEUC] = "uncached",
	    [CACHEWC] = "write-combining",
	    [CACHEWT] = "write-through",
	    [CACHEWP] = "write-protected",
	    [CACHEWB] = "write-back",
	};
	paddr_t end = 0;

	print("  caching   %s, by the MTRRs\n", names[cachingat(pa, &end)]);
}

static void
findmap(paddr_t pa)
{
	Memrange r;
	Badrange bad;

	if (!memmaprange(pa, &r) || r.pa > pa)
		print("  map       nothing is there\n");
	else {
		range("map", r.pa, r.end);
		print("%s%s\n", memtypename(r.type),
		    r.allocated ? ", handed out" : "");
	}
	if (badramnext(pa, &bad) && bad.pa <= pa)
		print("  bad       it does not hold what is written to it\n");
}

/* A part of the block that mem9 itself lies in. */
static void
findown(paddr_t pa)
{
	const Bootinfo *b = bootinfo;
	const struct {
		const char *name;
		Part part;
	} parts[] = {
	    {"program", b->image},
	    {"stacks", b->stacks},
	    {"stacks of other CPUs", b->cpustacks},
	    {"first page tables", b->tables},
	    {"what firmware handed over, and the log", b->handover},
	};

	for (size_t i = 0; i < nelem(parts); i++) {
		const Part *p = &parts[i].part;

		if (pa < p->pa || pa - p->pa >= p->size)
			continue;
		range("mem9", p->pa, p->pa + p->size);
		print("its %s\n", parts[i].name);
	}
}

static void
findpage(paddr_t pa)
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
findbank(paddr_t pa)
{
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *b = &conf.mem[i];
		size_t kernel = b->klimit - b->kbase;

		if (pa < b->base || (pa - b->base) / BY2PG >= b->npage)
			continue;
		print("  bank      %zu, from %#jx: ", i, b->base);
		if (pa - b->base < kernel) {
			print("of the kernel's share\n");
			return;
		}
		print("of the pages'\n");
		findpage(pa);
	}
}

static void
mapping(void *arg, const Leaf *l)
{
	Mapped *m = arg;

	if (m->pa < l->pa || m->pa - l->pa >= l->size)
		return;
	uintptr_t va = l->va + (m->pa - l->pa);
	if (m->n++ >= MOSTSHOWN)
		return;
	m->va[m->n - 1] = va;
	print("  mapped    at %#jx, %s: %s, %s\n", (uintmax_t)va, placename(va),
	    l->flags & PTEWRITE ? "read, write" : "read only",
	    l->flags & PTENOEXEC ? "no execute" : "execute");
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
heapblock(const Heapblock *b)
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

/* At one of the addresses where it is mapped. */
static void
findheap(const Mapped *m)
{
	Heapblock b;
	bool found = false;

	for (size_t i = 0; i < MIN(m->n, (size_t)MOSTSHOWN) && !found; i++)
		found = heapfind(m->va[i], &b);
	if (found)
		heapblock(&b);
}

static void
findphysical(paddr_t pa)
{
	Mapped m = {.pa = pa};
	size_t tables[NLEVEL];

	findfirmwares(pa);
	findcaching(pa);
	findmap(pa);
	findown(pa);
	findbank(pa);
	auditwalk(mapping, &m, tables);
	if (m.n == 0)
		print("  mapped    nowhere\n");
	if (m.n > MOSTSHOWN)
		print("  mapped    at %zu more\n", m.n - MOSTSHOWN);
	findheap(&m);
}

void
findaddress(uintptr_t at)
{
	bool virtual = isvirtual(at);
	const char *why = virtual ? badvirtual(at) : badphysical(at);
	paddr_t pa = at;

	if (why != NULL) {
		print("find: %#jx %s\n", (uintmax_t)at, why);
		return;
	}
	if (virtual) {
		size_t offset = 0;

		print("%#jx, %s\n", (uintmax_t)at, placename(at));
		if (symbolname(at, &offset) != NULL)
			function("  function  ", at);
		pa = mmupa(&kspace, at);
	}
	if (pa == NOADDR) {
		print("  mapped    to nothing\n");
		return;
	}
	print("%#jx, physical\n", pa);
	findphysical(pa);
}
