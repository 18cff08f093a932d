/*
 * audit.c - walk the live tables and hold them against what was promised.
 *
 * It starts at CR3, not at what mem9 believes its tables to be, and knows
 * nothing of how they were built.
 */
#include "audit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "mtrr.h"
#include "pe.h"
#include "stack.h"

typedef struct Code Code;
typedef struct Codes Codes;
typedef struct Look Look;

enum { MAXCODE = 16 };

/* Physical memory that can be run, [pa, end); lost: pages of no room here. */
struct Code {
	paddr_t pa;
	paddr_t end;
};
struct Codes {
	size_t n;
	size_t lost;
	Code code[MAXCODE];
};

struct Look {
	Audit *audit;
	const Codes *codes;
	uint64_t pat;
	unsigned kinds; /* of memory in this page: a bit for each */
	Memrange ram;   /* where the last page was found */
};

void
auditwalk(void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL])
{
	Space live = spacelive();

	tablewalk(spacetop(&live), live.limits.levels - 1, visit, arg, tables);
}

static bool
isram(const Memrange *r)
{
	return r->type == MemRAM || r->type == MemACPI;
}

/*
 * How many of these bytes are RAM or ACPI tables. Most pages lie in the same
 * range as the one before, which *last remembers.
 */
static size_t
ramin(Memrange *last, paddr_t pa, size_t size)
{
	Memrange r = {.end = pa};
	paddr_t end = pa + size;
	size_t n = 0;

	if (last->pa <= pa && end <= last->end)
		return isram(last) ? size : 0;
	while (memmaprange(r.end, &r) && r.pa < end) {
		if (isram(&r))
			n += MIN(r.end, end) - MAX(r.pa, pa);
		*last = r;
	}
	return n;
}

/* Executable memory, as physical ranges; text is one, so a few are many. */
static void
remember(Codes *c, const Leaf *l)
{
	if (c->n > 0 && c->code[c->n - 1].end == l->pa)
		c->code[c->n - 1].end += l->size;
	else if (c->n == nelem(c->code))
		c->lost++;
	else
		c->code[c->n++] = (Code){l->pa, l->pa + l->size};
}

static void
findcode(void *arg, const Leaf *l)
{
	if ((l->flags & PTENOEXEC) == 0)
		remember(arg, l);
}

/* Can what this page writes be run, here or wherever else it is mapped? */
static bool
runs(const Codes *c, const Leaf *l)
{
	for (size_t i = 0; i < c->n; i++)
		if (l->pa < c->code[i].end && c->code[i].pa < l->pa + l->size)
			return true;
	return false;
}

/* As what the machine caches memory in this page. */
static unsigned
kindsin(const Leaf *l)
{
	unsigned kinds = 0;
	paddr_t next = 0;

	for (paddr_t pa = l->pa; pa < l->pa + l->size; pa = next)
		kinds |= 1u << cachingat(pa, &next);
	return kinds;
}

/* What comes of that under the page's entry, by the PAT. */
static unsigned
effective(const Look *k, const Leaf *l)
{
	size_t entry = (l->flags & PTEMEMTYPE) / PTEWT;
	uint8_t pat = (uint8_t)(k->pat >> entry * 8);
	unsigned result = 0;

	for (unsigned kind = 0; kind < NCACHING; kind++)
		if (k->kinds >> kind & 1)
			result |= 1u << mtrrpat(pat, kind);
	return result;
}

/* RAM is write-back, by entry and in effect; nothing else is by either. */
static bool
righttype(const Look *k, const Leaf *l, bool ram)
{
	const unsigned wb = 1u << CACHEWB;
	bool plain = (l->flags & PTEMEMTYPE) == PTEWB;
	unsigned kinds = effective(k, l);

	return ram ? plain && kinds == wb : !plain && (kinds & wb) == 0;
}

static void
direct(Look *k, const Leaf *l)
{
	Audit *a = k->audit;
	pte_t want = PTEWRITE | (cpu.nx ? PTENOEXEC : 0);

	a->directsize += l->size;
	if (l->va - kspace.direct != l->pa ||
	    ramin(&k->ram, l->pa, l->size) != l->size ||
	    !righttype(k, l, true) || (l->flags & want) != want)
		a->directbad++;
}

/* The block is RAM of our own. */
static bool
otherright(Look *k, const Leaf *l)
{
	size_t ram = l->pa - bootinfo->block.pa < bootinfo->block.size
			 ? l->size
			 : ramin(&k->ram, l->pa, l->size);

	return (ram == 0 || ram == l->size) && righttype(k, l, ram != 0);
}

/* Does the page lie in a section of the image that is to be run? */
static bool
istext(const Leaf *l)
{
	uintptr_t rva = l->va - (uintptr_t)imagebase;
	Section s;

	for (size_t n = 0; pesection(imagebase, n, &s); n++)
		if (s.exec && rva >= s.rva && rva + l->size <= s.rva + s.size)
			return true;
	return false;
}

static bool
isguard(uintptr_t va)
{
	bool guard = false;

	return stackof(va, &guard) != NSTACK && guard;
}

static void
look(void *arg, const Leaf *l)
{
	Look *k = arg;
	Audit *a = k->audit;

	a->leaves++;
	a->wx += (l->flags & PTEWRITE) && runs(k->codes, l);
	a->null += l->va == 0;
	a->strayexec += cpu.nx && (l->flags & PTENOEXEC) == 0 && !istext(l);
	a->guards += isguard(l->va);
	a->lowmapped += l->va < DMAP;
	a->user += l->va >= DMAP && (l->flags & PTEUSER);
	k->kinds = kindsin(l);
	a->mixed += (k->kinds & (k->kinds - 1)) != 0;
	if (l->va - DMAP < DMAPSIZE)
		direct(k, l);
	else
		a->wrongtype += !otherright(k, l);
}

/* Without NX everything can be run, and nothing is to be found out. */
Audit
audit(void)
{
	Audit a = {.tables = 0};
	Codes codes = {.n = 0};
	Look k = {.audit = &a, .codes = &codes, .pat = patnow()};
	size_t tables[NLEVEL];

	if (cpu.nx)
		auditwalk(findcode, &codes, tables);
	auditwalk(look, &k, tables);
	a.wx += codes.lost;
	for (int l = 0; l < NLEVEL; l++)
		a.tables += tables[l];
	return a;
}

void
pagingprint(void)
{
	Audit a = audit();

	print("mem9: paging levels=%d direct=%#jx size=%#zx image=%#jx "
	      "tables=%zu wx=%zu\n",
	    kspace.limits.levels, (uintmax_t)kspace.direct, a.directsize,
	    (uintmax_t)(uintptr_t)imagebase, a.tables, a.wx);
}
