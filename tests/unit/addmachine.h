/*
 * addmachine.h - a machine to which RAM is added when its pages run already.
 *
 *	0        16M                                     size
 *	[ bank   )[ in the memmap, and free              )
 *
 *	machine(size, cap);    kaddr reaches the first cap bytes
 *	tablesofpages();       page tables are made of pages from now on
 *	allwithin(pa, end);    all pages can be used
 *	refuses(pa, n, why);   pageadd says why, and changes nothing
 */
#ifndef ADDMACHINE_H
#define ADDMACHINE_H

#include "unit.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "memmap.h"
#include "pagemachine.h"

enum { KNOWN = 16 * MiB };

static _Alignas(8) uint8_t memmaptable[64 * KiB];

static bool tabled; /* machines come with tablesofpages */

/* The page tables made of pages since that was said. */
static paddr_t ptables[1 << 12];
static size_t nptables;

/* Nobody else has it: it can be written all over. */
static inline paddr_t
pagetable(void)
{
	paddr_t pa = kalloc_table();

	if (pa == NOADDR)
		return NOADDR;
	assert_true(nptables < nelem(ptables));
	ptables[nptables++] = pa;
	assert_true(cankaddr(pa) >= BY2PG);
	assert_int_equal(framestate(pa), FRAMERESERVED);
	memset(kaddr(pa), 0x5a, BY2PG);
	return pa;
}

/* From now on each mapping of the pages' own needs a table. */
static inline void
tablesofpages(void)
{
	nptables = 0;
	hosttables(pagetable);
}

/* kaddr reaches the first cap bytes; the bank begins at pa. */
static inline void
machineat(paddr_t pa, size_t size, size_t cap)
{
	hostmachine(0, size, cap, 2);
	hostquiet();
	memmapinit(memmaptable, sizeof memmaptable);
	memmapadd(0, size, MemRAM);
	memmapalloc(pa, KNOWN, 1, MemRAM);
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
	pagebank(pa, KNOWN / BY2PG, 0);
	pagesup();
	if (tabled)
		tablesofpages();
}

static inline void
machine(size_t size, size_t cap)
{
	machineat(0, size, cap);
}

static inline bool
isallocated(paddr_t pa)
{
	Memrange r;

	assert_true(memmaprange(pa, &r));
	return r.pa <= pa && r.allocated;
}

/*
 * All pages there are, once, each written; how many lie in [pa, end), with the
 * page tables among them.
 */
static inline size_t
allwithin(paddr_t pa, paddr_t end)
{
	size_t n;
	size_t within = 0;
	Page *chain = pagetakeall(&n);

	assert_int_equal(pagesfree(), 0);
	for (Page *pg = chain; pg != NULL; pg = pagenext(pg)) {
		within += pagepa(pg) >= pa && pagepa(pg) < end;
		memset(kmap(pg), 1, BY2PG);
		assert_int_equal(framestate(pagepa(pg)), FRAMEALLOCATED);
	}
	bytemapcheck();
	freepages(chain);
	assert_int_equal(pagesfree(), n);
	bytemapcheck();
	for (size_t i = 0; i < nptables; i++)
		within += ptables[i] >= pa && ptables[i] < end;
	return within;
}

/* Nothing has changed: neither here nor in the memmap. */
static inline void
refuses(paddr_t pa, size_t npages, const char *why)
{
	Pagestats before, after;
	Memtotal total, later;
	size_t next = memmapnext(NOADDR, MemRAM);

	pagestats(&before);
	memmaptotal(&total);
	bool free = !isallocated(40 * MiB);
	const char *said = pageadd(pa, npages);
	assert_non_null(said);
	assert_string_equal(said, why);
	pagestats(&after);
	memmaptotal(&later);
	assert_memory_equal(&before, &after, sizeof before);
	assert_memory_equal(&total, &later, sizeof total);
	assert_int_equal(memmapnext(NOADDR, MemRAM), next);
	assert_int_equal(!isallocated(40 * MiB), free);
	bytemapcheck();
}

#endif
