/*
 * dmap.c - the final page tables: a direct map of exactly the RAM there is.
 *
 *	memmap  --spans of MemRAM and MemACPI, joined where they touch-->  pmap
 *
 * Planned first, built second: the tables a direct map needs are counted from
 * the spans alone, taken from the memmap in as few runs as it allows, mapped
 * through the first tables, and only then filled. Large pages never reach
 * beyond a span, so no device is ever covered.
 */
#include "cpu.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "rampage.h"
#include "stage.h"
#include "takeover.h"

typedef struct Span Span;
typedef struct Plan Plan;

/* Physical addresses [pa, end) for the direct map. */
struct Span {
	paddr_t pa;
	paddr_t end;
};

/* How many tables of each level the spans so far need, and for which slot. */
struct Plan {
	size_t tables;
	uintptr_t slot[3];
};

/* Tables for the image, stacks, hand-over, and the windows: see counttables. */
enum { OTHERTABLES = 24 };

/* Where the direct map must end, however much RAM there is. */
static paddr_t limit;

static bool
mapped(const Memrange *r)
{
	return r->type == MemRAM || r->type == MemACPI;
}

/* The next span at or after from, below cap; false if there is none. */
static bool
nextspan(paddr_t from, paddr_t cap, Span *s)
{
	Memrange r = {.end = from};

	do {
		if (from >= cap || !memmaprange(r.end, &r) || r.pa >= cap)
			return false;
	} while (!mapped(&r));
	s->pa = r.pa;
	do
		s->end = r.end;
	while (memmaprange(r.end, &r) && mapped(&r) && r.pa == s->end);
	s->end = MIN(s->end, cap);
	return true;
}

static void
plan(Plan *p, Span s)
{
	while (s.pa < s.end) {
		int l = mmumaxlevel();

		while (
		    l > 0 && (s.pa % PGLSZ(l) != 0 || s.end - s.pa < PGLSZ(l)))
			l--;
		for (int t = l; t < 3; t++) {
			uintptr_t slot = (dmapbase + s.pa) >> PGLSHIFT(t + 1);

			p->tables += slot != p->slot[t];
			p->slot[t] = slot;
		}
		s.pa += PGLSZ(l);
	}
}

static size_t
counttables(paddr_t cap)
{
	Plan p = {.tables = OTHERTABLES + 2 * (bootinfo->handover.size >> 21)};
	Span s = {0, 0};

	for (; nextspan(s.end, cap, &s);)
		plan(&p, s);
	return p.tables;
}

/*
 * Take npages from the memmap for rampage, reachable through the first
 * tables, in runs as long as there are.
 */
static void
taketables(size_t npages, paddr_t cap)
{
	size_t want = npages;

	for (size_t n = npages; want > 0; n = MIN(n, want)) {
		size_t size = n * BY2PG;
		paddr_t pa = memmapalloc(NOADDR, size, BY2PG, MemRAM);

		if (pa != NOADDR && pa + size > cap) {
			memmapfree(pa, size, MemRAM);
			pa = NOADDR;
		}
		if (pa == NOADDR && n == 1)
			panic("page tables need %zu pages, %zu are missing",
			    npages, want);
		if (pa == NOADDR) {
			n /= 2;
			continue;
		}
		if (pmap(kpml4, dmapbase + pa, pa | PTEKDATA, size) < 0)
			panic("no first tables to reach %#zx bytes at %#jx",
			    size, pa);
		rampageadd(pa, size);
		want -= n;
	}
}

static pte_t *
build(paddr_t cap)
{
	pte_t *pml4 = rampage();
	Span s = {0, 0};
	paddr_t end = 0;

	/* counttables() has counted it, so this cannot be reached */
	if (pml4 == NULL || mapblock(pml4, bootinfo) < 0 ||
	    mmuwalk(pml4, KMAP, 0, CREATE) == NULL)
		panic("too few pages for the final tables");
	for (; nextspan(s.end, cap, &s); end = s.end) {
		pte_t pte = s.pa | PTEKDATA;

		/* counttables() has counted it, so this cannot be reached */
		if (pmap(pml4, dmapbase + s.pa, pte, s.end - s.pa) < 0)
			panic("no table for [%#jx, %#jx)", s.pa, s.end);
	}
	dmapcap = end;
	return pml4;
}

void
mmuinit(void)
{
	needstages(SMEMINIT0, SMEMINIT0);
	limit = MIN(bootinfo->options.directmap, KMAP - dmapbase);
	limit = ROUNDDOWN(limit, BY2PG);
	taketables(counttables(limit), limit);
	rampageturn();
	pte_t *pml4 = build(limit);
	patinit();
	loadmmu(pml4);
	vmapinit(bootinfo->handover.size);
}

void
dmapadd(paddr_t pa, size_t size)
{
	paddr_t end = MIN(pa + size, limit);

	if (pa >= end)
		return;
	if (pmap(kpml4, dmapbase + pa, pa | PTEKDATA, end - pa) < 0)
		panic("no table for [%#jx, %#jx)", pa, end);
	dmapcap = MAX(dmapcap, end);
}
