/*
 * audit.c - walk the live tables and hold them against what was promised.
 *
 * It starts at CR3, not at what mem9 believes its tables to be, and knows
 * nothing of how they were built.
 */
#include "audit.h"
#include "cpu.h"
#include "desc.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "pe.h"
#include "takeover.h"
#include "x86.h"

typedef struct Visit Visit;

struct Visit {
	void (*fn)(void *arg, const Leaf *leaf);
	void *arg;
	size_t *tables; /* of each level */
	int top;        /* level of the table that CR3 points to */
};

#define RIGHTS (PTEWRITE | PTEUSER)

/*
 * Rights are what every level grants; NX is what any level denies. In the
 * upper half of the top table the sign fills the bits above.
 */
static void
descend(const Visit *v, paddr_t table, uintptr_t va, int level, pte_t rights)
{
	const pte_t *entries = kaddr(table);

	v->tables[level]++;
	for (size_t i = 0; i < PTENTRIES; i++) {
		pte_t e = entries[i];
		uintptr_t at = va + (i << PGLSHIFT(level));
		pte_t r = (rights & e & RIGHTS) | ((rights | e) & PTENOEXEC) |
			  (e & (PTEMEMTYPE | PTEGLOBAL));

		if ((e & PTEVALID) == 0)
			continue;
		if (level == v->top && i >= PTENTRIES / 2)
			at |= ~0ull << PGLSHIFT(level + 1);
		if (level > 0 && (level > 2 || (e & PTELARGE) == 0)) {
			descend(v, PTEADDR(e), at, level - 1, r);
			continue;
		}
		Leaf leaf = {
		    at, PTEADDR(e) & ~(PGLSZ(level) - 1), PGLSZ(level), r};
		v->fn(v->arg, &leaf);
	}
}

void
auditwalk(void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL])
{
	Visit v = {visit, arg, tables, cpu.la57on ? 4 : 3};

	memset(tables, 0, NLEVEL * sizeof *tables);
	descend(&v, PTEADDR(getcr3()), 0, v.top, RIGHTS);
}

/* Is [pa, pa + size) RAM or ACPI tables and nothing else? */
static bool
isram(paddr_t pa, size_t size)
{
	Memrange r = {.end = pa};
	paddr_t end = pa + size;

	while (pa < end) {
		if (!memmaprange(r.end, &r) || r.pa > pa ||
		    (r.type != MemRAM && r.type != MemACPI))
			return false;
		pa = r.end;
	}
	return true;
}

static void
direct(Audit *a, const Leaf *l)
{
	pte_t want = PTEWRITE | (cpu.nx ? PTENOEXEC : 0);

	a->directsize += l->size;
	if (l->va - dmapbase != l->pa || !isram(l->pa, l->size) ||
	    (l->flags & (want | PTEMEMTYPE)) != want)
		a->directbad++;
}

static void
look(void *arg, const Leaf *l)
{
	Audit *a = arg;

	a->leaves++;
	a->wx += (l->flags & PTEWRITE) && (l->flags & PTENOEXEC) == 0 && cpu.nx;
	a->null += l->va == 0;
	a->lowmapped += l->va < DMAP;
	a->user += l->va >= DMAP && (l->flags & PTEUSER);
	if (l->va - DMAP < DMAPSIZE)
		direct(a, l);
	else if (l->va - VMAP < VMAPSIZE)
		a->devicewb +=
		    (l->flags & PTEMEMTYPE) == PTEWB &&
		    l->pa - bootinfo->block.pa >= bootinfo->block.size &&
		    !isram(l->pa, l->size);
}

Audit
audit(void)
{
	Audit a = {.tables = 0};
	size_t tables[NLEVEL];

	auditwalk(look, &a, tables);
	for (int l = 0; l < NLEVEL; l++)
		a.tables += tables[l];
	return a;
}

/* Base 0 everywhere, limit 4 GiB, L for 64-bit code: SDM volume 3A, 3.4.5. */
bool
gdtflat(size_t *bad)
{
	size_t n = 0;
	const uint64_t *gdt = gdttable(&n);

	for (*bad = 0; *bad < n; (*bad)++) {
		uint64_t d = gdt[*bad];
		bool system = (d >> 44 & 1) == 0;
		bool code = d >> 43 & 1;
		uint64_t base = (d >> 16 & 0xffffff) | (d >> 56) << 24;
		uint64_t limit = (d & 0xffff) | (d >> 48 & 0xf) << 16;

		if (*bad >= TSSSEL / 8 || d == 0)
			continue;
		if (system || base != 0 || limit != 0xfffff ||
		    (d >> 55 & 1) == 0 || (d >> 53 & 1) != code)
			return false;
	}
	return true;
}

void
pagingprint(void)
{
	Audit a = audit();

	print("mem9: paging levels=%d direct=%#jx size=%#zx image=%#jx "
	      "tables=%zu wx=%zu\n",
	    cpu.la57on ? 5 : 4, (uintmax_t)dmapbase, a.directsize,
	    (uintmax_t)(uintptr_t)imagebase, a.tables, a.wx);
}
