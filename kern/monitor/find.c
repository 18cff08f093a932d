/*
 * find.c - see find.h: each who knows something of memory is asked in turn, by
 * physical address, from firmware's map up to who has it mapped. A Voice
 * (found.h) says it.
 */
#include "find.h"
#include "badram.h"
#include "cpu.h"
#include "found.h"
#include "../handed.h"
#include "hooks.h"
#include "mmu.h"

enum { MOSTSHOWN = 8 }; /* mappings */

typedef struct Mapped Mapped;

/* What leads to pa. */
struct Mapped {
	const Voice *voice;
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
findfirmwares(paddr_t pa, const Voice *voice)
{
	Efimap map = handedmap();

	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);

		if (pa >= d.base && (pa - d.base) / BY2PG < d.npages)
			voice->firmware(&d);
	}
}

static void
findcaching(paddr_t pa, const Voice *voice)
{
	paddr_t end = 0;

	voice->caching(cachingat(pa, &end));
}

static void
findmap(paddr_t pa, const Voice *voice)
{
	Memrange r;
	Badrange bad;

	voice->map(memmaprange(pa, &r) && r.pa <= pa ? &r : NULL);
	if (badramnext(pa, &bad) && bad.pa <= pa)
		voice->bad();
}

/* A part of the block that mem9 itself lies in. */
static void
findown(paddr_t pa, const Voice *voice)
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

		if (pa >= p->pa && pa - p->pa < p->size)
			voice->own(p, parts[i].name);
	}
}

static void
findbank(paddr_t pa, const Voice *voice)
{
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *b = &conf.mem[i];

		if (pa < b->base || (pa - b->base) / BY2PG >= b->npage)
			continue;
		bool kernels = pa - b->base < b->klimit - b->kbase;
		voice->bank(i, kernels);
		if (!kernels)
			voice->page(pa);
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
	m->voice->mapping(va, l->flags);
}

/* Who has it mapped, and, at one of those addresses, whose block it is. */
static void
findmappings(paddr_t pa, const Voice *voice)
{
	Mapped m = {.voice = voice, .pa = pa};
	size_t tables[NLEVEL];
	Heapblock b;
	bool found = false;

	auditwalk(mapping, &m, tables);
	size_t shown = MIN(m.n, (size_t)MOSTSHOWN);
	voice->mappings(m.n, shown);
	for (size_t i = 0; i < shown && !found; i++)
		found = heapfind(m.va[i], &b);
	if (found)
		voice->heap(&b);
}

void
findaddress(uintptr_t at, enum findfor whom)
{
	const Voice *voice = whom == FINDPEOPLE ? &findtext : &findlines;
	bool virtual = isvirtual(at);
	const char *why = virtual ? badvirtual(at) : badphysical(at);

	if (why != NULL) {
		print("find: %#jx %s\n", (uintmax_t)at, why);
		return;
	}
	paddr_t pa = virtual ? mmupa(&kspace, at) : at;
	voice->address(at, pa);
	if (pa == NOADDR)
		return;
	findfirmwares(pa, voice);
	findcaching(pa, voice);
	findmap(pa, voice);
	findown(pa, voice);
	findbank(pa, voice);
	findmappings(pa, voice);
}
