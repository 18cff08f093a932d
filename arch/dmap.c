/*
 * dmap.c - the final page tables: a direct map of exactly the RAM there is.
 *
 *	memmap  --pieces of MemRAM and MemACPI, joined where they touch-->  pmap
 *
 * Planned first, built second: the tables a direct map needs are counted from
 * the pieces alone, taken from the memmap in as few runs as it allows, mapped
 * through the first tables, and only then filled. Large pages never reach
 * beyond a piece, so no device is ever covered.
 */
#include "block.h"
#include "cpu.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "stage.h"
#include "uart.h"

typedef struct Piece Piece;
typedef struct Plan Plan;

/* Physical addresses [pa, end) for the direct map. */
struct Piece {
	paddr_t pa;
	paddr_t end;
};

/* How many tables of each level the pieces so far need, and the last of each.
 */
struct Plan {
	size_t tables;
	uintptr_t last[3];
};

/* Tablepages for the image, stacks, hand-over, and the windows: see
 * counttables. */
enum { OTHERTABLES = 24 };

/* Where the direct map must end, however much RAM there is. */
static paddr_t
limit(void)
{
	paddr_t most = KMAP - kspace.direct;

	return ROUNDDOWN(MIN(bootinfo->options.directmap, most), BY2PG);
}

static bool
mapped(const Memrange *r)
{
	return r->type == MemRAM || r->type == MemACPI;
}

/* The next piece at or after from, below cap; false if there is none. */
static bool
nextpiece(paddr_t from, paddr_t cap, Piece *s)
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
plan(Plan *p, Piece s)
{
	while (s.pa < s.end) {
		int l = kspace.limits.maxlevel;

		while (
		    l > 0 && (s.pa % PGLSZ(l) != 0 || s.end - s.pa < PGLSZ(l)))
			l--;
		for (int t = l; t < 3; t++) {
			uintptr_t table =
			    (kspace.direct + s.pa) >> PGLSHIFT(t + 1);

			p->tables += table != p->last[t];
			p->last[t] = table;
		}
		s.pa += PGLSZ(l);
	}
}

static size_t
counttables(paddr_t cap)
{
	Plan p = {
	    .tables = OTHERTABLES + 2 * (bootinfo->handover.size / PGLSZ(1))};
	Piece s = {0, 0};

	for (; nextpiece(s.end, cap, &s);)
		plan(&p, s);
	return p.tables;
}

/*
 * Take npages from the memmap for the final tables, reachable through the
 * first ones, in runs as long as there are.
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
		if (pmap(&kspace, kspace.direct + pa, pa | PTEKDATA, size) < 0)
			panic("no first tables to reach %#zx bytes at %#jx",
			    size, pa);
		tablepagesadd(&rampages, pa, size);
		want -= n;
	}
}

/* The window's tables below the top, which others may share, are all there. */
static int
makewindows(Space *s)
{
	/* counttables() has counted it, so -1 cannot be reached */
	for (uintptr_t va = VMAP; va < VMAP + VMAPSIZE; va += PGLSZ(3))
		if (mmuwalk(s, va, 2, CREATE) == NULL)
			return -1;
	return mmuwalk(s, KMAP, 0, CREATE) == NULL ? -1 : 0;
}

static void
build(Space *space, paddr_t cap)
{
	Piece s = {0, 0};
	paddr_t end = 0;

	/* counttables() has counted it, so this cannot be reached */
	if (spaceinit(space, NULL, NULL) < 0 || mapblock(space, bootinfo) < 0 ||
	    makewindows(space) < 0 || mapearlyfb(space, &bootinfo->fb) < 0)
		panic("too few pages for the final tables");
	for (; nextpiece(s.end, cap, &s); end = s.end) {
		pte_t pte = s.pa | PTEKDATA;

		/* counttables() has counted it, so this cannot be reached */
		if (pmap(space, space->direct + s.pa, pte, s.end - s.pa) < 0)
			panic("no table for [%#jx, %#jx)", s.pa, s.end);
	}
	space->directend = end;
}

void
mmuinit(void)
{
	Space final = {.direct = kspace.direct,
	    .limits = kspace.limits,
	    .tables = &rampages};
	paddr_t cap = limit();

	needstages(SMEMINIT0, SMEMINIT0);
	taketables(counttables(cap), cap);
	build(&final, cap);
	patinit();
	spaceenter(&final);
	kspace.tables->head = NOADDR; /* its pages will be RAM */
	kspace = final;
	vmapinit(uartend(bootinfo));
}

void
dmapadd(paddr_t pa, size_t size)
{
	paddr_t end = MIN(pa + size, limit());

	if (pa >= end)
		return;
	if (pmap(&kspace, kspace.direct + pa, pa | PTEKDATA, end - pa) < 0)
		panic("no table for [%#jx, %#jx)", pa, end);
	kspace.directend = MAX(kspace.directend, end);
}
