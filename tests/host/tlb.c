/*
 * tlb.c - a TLB and a cache of tables, without limit of time: see tlb.h.
 */
#include "tlb.h"
#include "hooks.h"
#include "mmu.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { NXLAT = 2048, NSEEN = 1024 };

typedef struct Seen Seen;

/* The table for the addresses from va on, whose entries are of this level. */
struct Seen {
	uintptr_t va;
	int level;
	paddr_t table;
};

static struct {
	int physbits;
	bool nx;
	Xlat xlat[NXLAT];
	size_t nxlat;
	Seen seen[NSEEN];
	size_t nseen;
	size_t flushes;
} tlb;

void
tlbinit(int physbits, bool nx)
{
	tlb.physbits = physbits;
	tlb.nx = nx;
	tlb.nxlat = 0;
	tlb.nseen = 0;
	tlb.flushes = 0;
}

size_t
tlbflushes(void)
{
	return tlb.flushes;
}

static void
wrong(const char *what, uintptr_t va, uint64_t value)
{
	fprintf(stderr, "tlb: %s at %#zx: %#jx\n", what, va, (uintmax_t)value);
	abort();
}

static size_t
reach(int level)
{
	return (size_t)1 << (12 + 9 * level);
}

/* Is this entry of that level a page? Aborts on what would fault. */
static bool
ispage(pte_t e, uintptr_t va, int level)
{
	uint64_t addr = e & 0x000ffffffffff000;
	bool page = level == 0 || (e & 1 << 7);

	if (addr >> tlb.physbits != 0)
		wrong("reserved address bits", va, e);
	if (!tlb.nx && e >> 63)
		wrong("NX on a CPU without", va, e);
	if (page && level > 2)
		wrong("a page of 512 GiB", va, e);
	if (page && (addr & (reach(level) - 1) & ~(uint64_t)0x1000))
		wrong("an unaligned large page", va, e);
	if (page && level > 0 && (addr & 0x1000))
		wrong("the PAT bit of a large page", va, e);
	if (level == 0 && (e & 1 << 7))
		wrong("the PAT bit of a small page", va, e);
	if (!page && !istablepage(addr))
		wrong("an entry leads to what is no table", va, e);
	if (!page && ((e & 4) != 0) != (va < UTOP))
		wrong("a table for the wrong half", va, e);
	if (!page && (e >> 63 || (e & 2) == 0))
		wrong("a table that denies", va, e);
	return page;
}

static void
remember(const Xlat *x)
{
	tlb.xlat[tlb.nxlat % NXLAT] = *x;
	tlb.nxlat++;
}

static void
rememberseen(uintptr_t va, int level, paddr_t table)
{
	va &= ~(reach(level + 1) - 1);
	for (size_t i = 0; i < MIN(tlb.nseen, (size_t)NSEEN); i++)
		if (tlb.seen[i].va == va && tlb.seen[i].level == level)
			return;
	tlb.seen[tlb.nseen % NSEEN] = (Seen){va, level, table};
	tlb.nseen++;
}

/* From this table down, which may be a remembered one. */
static bool
walk(pte_t *table, int level, uintptr_t va, Xlat *x, bool learn)
{
	for (;; level--) {
		pte_t e = table[va >> (12 + 9 * level) & 511];

		if ((e & 1) == 0)
			return false;
		if (ispage(e, va, level)) {
			x->size = reach(level);
			x->va = va & ~(x->size - 1);
			x->pa = e & 0x000ffffffffff000;
			x->flags = e & ~0x000ffffffffff080;
			return true;
		}
		if (learn)
			rememberseen(va, level - 1, e & 0x000ffffffffff000);
		table = kaddr(e & 0x000ffffffffff000);
	}
}

bool
tlblook(pte_t *pml4, uintptr_t va, Xlat *x)
{
	int level = 3;
	pte_t *table = pml4;

	for (size_t i = 0; i < MIN(tlb.nxlat, (size_t)NXLAT); i++)
		if (va - tlb.xlat[i].va < tlb.xlat[i].size) {
			*x = tlb.xlat[i];
			return true;
		}
	for (size_t i = 0; i < MIN(tlb.nseen, (size_t)NSEEN); i++) {
		const Seen *s = &tlb.seen[i];

		if (s->level < level && va - s->va < reach(s->level + 1)) {
			level = s->level;
			table = kaddr(s->table);
		}
	}
	if (!walk(table, level, va, x, true))
		return false;
	remember(x);
	return true;
}

/* The table that decides about va at this level; NOADDR if there is none. */
static paddr_t
tableat(pte_t *pml4, uintptr_t va, int level)
{
	pte_t *table = pml4;
	pte_t e = 0;

	for (int l = 3; l > level; l--) {
		e = table[va >> (12 + 9 * l) & 511];
		if ((e & 1) == 0 || ispage(e, va, l))
			return NOADDR;
		table = kaddr(e & 0x000ffffffffff000);
	}
	return e & 0x000ffffffffff000;
}

const char *
tlbstale(pte_t *pml4)
{
	static char why[160];

	for (size_t i = 0; i < MIN(tlb.nxlat, (size_t)NXLAT); i++) {
		const Xlat *t = &tlb.xlat[i];
		Xlat x = {0, 0, 0, 0};

		if (t->size != 0 &&
		    (!walk(pml4, 3, t->va, &x, false) || x.va != t->va ||
			x.pa != t->pa || x.size != t->size ||
			x.flags != t->flags)) {
			snprintf(why, sizeof why,
			    "%#zx still goes to %#jx, size %#zx flags %#jx",
			    t->va, t->pa, t->size, (uintmax_t)t->flags);
			return why;
		}
	}
	for (size_t i = 0; i < MIN(tlb.nseen, (size_t)NSEEN); i++) {
		const Seen *s = &tlb.seen[i];

		if (tableat(pml4, s->va, s->level) != s->table) {
			snprintf(why, sizeof why,
			    "table %#jx of level %d is still used for %#zx",
			    s->table, s->level, s->va);
			return why;
		}
	}
	return NULL;
}

/*
 * INVLPG drops the pages that hold va, and every remembered table. There is
 * one TLB: threads that are several CPUs drop from the same.
 */
void
flushva(uintptr_t va)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&one);
	tlb.flushes++;
	for (size_t i = 0; i < MIN(tlb.nxlat, (size_t)NXLAT); i++)
		if (va - tlb.xlat[i].va < tlb.xlat[i].size)
			tlb.xlat[i] = (Xlat){0, 0, 0, 0};
	tlb.nseen = 0;
	pthread_mutex_unlock(&one);
}

static size_t
descend(pte_t *table, int level, uintptr_t va, Visitpage *visit, void *arg)
{
	size_t n = 1;

	for (size_t i = 0; i < 512; i++) {
		uintptr_t at = va + i * reach(level);
		pte_t e = table[i];

		if ((e & 1) == 0) {
			if (e != 0)
				wrong("an entry left over", at, e);
			continue;
		}
		if (!ispage(e, at, level)) {
			n += descend(kaddr(e & 0x000ffffffffff000), level - 1,
			    at, visit, arg);
			continue;
		}
		Xlat x = {at, e & 0x000ffffffffff000, reach(level),
		    e & ~0x000ffffffffff080};
		if (visit != NULL)
			visit(arg, &x);
	}
	return n;
}

size_t
tlbwalk(pte_t *pml4, uintptr_t va, uintptr_t end, Visitpage *visit, void *arg)
{
	size_t n = 0;

	do {
		pte_t e = pml4[va >> 39 & 511];

		if (e & 1) {
			ispage(e, va, 3);
			n += descend(
			    kaddr(e & 0x000ffffffffff000), 2, va, visit, arg);
		}
		va += reach(3);
		if (va == UTOP)
			va = DMAP;
	} while (va != end);
	return n;
}
