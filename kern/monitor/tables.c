/*
 * tables.c - see tables.h. A range is said by its first and last byte.
 */
#include "tables.h"
#include "conf.h"
#include "../handed.h"
#include "hooks.h"
#include "memmap.h"
#include "page.h"
#include "pool.h"
#include "sizetext.h"
#include "xalloc.h"

static const char *const types[NMEMTYPE] = {
    [MemUPA] = "for devices",
    [MemUMB] = "upper memory, for devices",
    [MemRAM] = "RAM",
    [MemACPI] = "ACPI tables",
    [MemReserved] = "reserved",
};

static void
range(paddr_t pa, paddr_t end)
{
	char size[SIZETEXT];

	print("%#13jx-%#-13jx %s  ", pa, end - 1, sizetext(size, end - pa));
}

static void
total(const char *what, uint64_t size)
{
	char text[SIZETEXT];

	if (size > 0)
		print("%27s %s  %s\n", "", sizetext(text, size), what);
}

void
tablemap(void)
{
	Memrange r;
	Memtotal t;

	print("%13s-%-13s %7s  what it is\n", "from", "to", "size");
	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end) {
		range(r.pa, r.end);
		print(
		    "%s%s\n", types[r.type], r.allocated ? ", handed out" : "");
	}
	memmaptotal(&t);
	print("in all:\n");
	for (int i = 0; i < NMEMTYPE; i++)
		total(types[i], t.size[i]);
	total("lost, for want of room in the map", t.lost);
}

void
tableefi(void)
{
	Efimap map = handedmap();

	print("%13s-%-13s %7s  %-20s attributes, becomes\n", "from", "to",
	    "size", "type");
	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);
		const char *name = efitypename(d.type);
		enum memtype as = efimapverdict(&map, &d);

		range(d.base, d.base + d.npages * BY2PG);
		if (name != NULL)
			print("%-20s", name);
		else
			print("%#-20x", (unsigned)d.type);
		print(" %#jx, %s\n", (uintmax_t)d.attr,
		    as < NMEMTYPE ? types[as] : "left out");
	}
}

void
tableconf(void)
{
	char size[SIZETEXT], kernel[SIZETEXT], pages[SIZETEXT];

	print("bank %13s-%-13s %7s  kernel's   pages'\n", "from", "to", "size");
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *b = &conf.mem[i];
		size_t all = b->npage * BY2PG;
		size_t share = b->klimit - b->kbase;

		print("%4zu %#13jx-%#-13jx %s   %s  %s\n", i, b->base,
		    b->base + all - 1, sizetext(size, all),
		    sizetext(kernel, share), sizetext(pages, all - share));
	}
	confreport();
}

static void
tablepool(Pool *pool)
{
	char size[SIZETEXT], used[SIZETEXT], most[SIZETEXT];
	Poolstats st;

	poolstats(pool, &st);
	print("%-10s %s  %s  %s", poolname(pool), sizetext(size, st.size),
	    sizetext(used, st.used), sizetext(most, st.max));
	if (st.nfailed > 0)
		print("  %zu times there was no memory", st.nfailed);
	print("\n");
}

void
tableheap(void)
{
	char size[SIZETEXT];

	print("xalloc: %s free, in %zu holes", sizeword(size, xfreebytes()),
	    xholes());
	if (xbadpages() > 0)
		print("; %zu bad pages are left out", xbadpages());
	print("\n%-10s %7s  %7s  %7s\n", "pool", "size", "used", "at most");
	tablepool(mainmem);
	tablepool(imagmem);
	tablepool(secrmem);
}

static void
pagesof(const char *what, size_t npages)
{
	char size[SIZETEXT], n[GROUPTEXT];

	if (npages > 0)
		print("%14s %s  %s\n", grouptext(n, npages),
		    sizetext(size, npages * BY2PG), what);
}

void
tablepages(void)
{
	Pagestats st;

	pagestats(&st);
	print("%14s %7s\n", "pages", "size");
	pagesof("can be had", st.npages);
	pagesof("of them free", st.nfree);
	pagesof("the fewest that ever were", st.nleast);
	pagesof("bad, left out", st.nquarantine);
	pagesof("describe the others", st.nmeta);
	pagesof("cached, given up for others", st.nreclaimed);
	if (st.nfailed > 0)
		print("%zu requests found none (the checks take all on "
		      "purpose)\n",
		    st.nfailed);
}
