/*
 * judgeacpi.c - ACPI's and SMBIOS's tables against the memory map.
 *
 * UEFI Specification 2.10, 2.3.4 (which memory they may be in); ACPI
 * Specification 6.4, 5.2.5 to 5.2.10 (root, FADT, FACS), 5.2.12, 5.2.16; PCI
 * Firmware Specification 3.2, 4.1.2 (configuration space is reserved). The
 * names of fwts are in the table (checks.c).
 */
#include "hooks.h"
#include "judge.h"
#include "sizetext.h"

enum {
	Reserved = 0,
	LoaderCode = 1,
	LoaderData = 2,
	BootServicesData = 4,
	Conventional = 7,
	ACPINVS = 10,
	MmioMemory = 11,

	FACSALIGN = 64,
	FACSSIZE = 64,
};

#define WB (1ull << 3)

static bool
hasacpi(const Evidence *e, Finding *f)
{
	if (e->acpi.root == NOADDR)
		finds(f, AUDITSKIPPED, "there is no root pointer");
	return e->acpi.root != NOADDR;
}

void
acpiroot(const Evidence *e, Finding *f)
{
	const Acpitables *a = &e->acpi;

	if (a->unasked)
		finds(
		    f, AUDITFAILED, "there is no memory map to look it up in");
	else if (a->root == NOADDR)
		finds(f, AUDITFAILED, "there is none");
	else if (!a->sums)
		finds(f, AUDITFAILED, "the bytes at %#jx do not add up",
		    (uintmax_t)a->root);
	else if (!a->xsdt && !a->rsdt)
		finds(f, AUDITFAILED, "at %#jx, and it leads to no table",
		    (uintmax_t)a->root);
}

static bool
isfacs(const Acpiseen *t)
{
	return memcmp(t->signature, "FACS", 4) == 0;
}

/* FACS has no sum. */
void
acpisums(const Evidence *e, Finding *f)
{
	const Acpitables *a = &e->acpi;
	size_t wrong = 0;

	if (!hasacpi(e, f))
		return;
	for (size_t i = 0; i < a->n; i++) {
		const Acpiseen *t = &a->table[i];

		if (t->sums || isfacs(t))
			continue;
		if (wrong++ == 0)
			finds(f, AUDITFAILED,
			    "the bytes of %s at %#jx do not add up",
			    t->signature, (uintmax_t)t->pa);
	}
	if (a->lost > 0 && wrong == 0)
		finds(f, AUDITFAILED, "%zu tables cannot be read", a->lost);
	else if (wrong == 0)
		finds(f, AUDITOK, "%zu tables", a->n);
}

/* Does an operating system take it for its own, or know nothing of it? */
static bool
reused(uint32_t memory, paddr_t pa)
{
	if (memory == NOTINMAP)
		return pa >= MiB;
	return (memory >= LoaderCode && memory <= BootServicesData) ||
	       memory == Conventional;
}

static const char *
memoryname(uint32_t memory)
{
	const char *name =
	    memory != NOTINMAP ? efitypename(memory) : "no descriptor";

	return name != NULL ? name : "memory of an unknown type";
}

void
acpiplace(const Evidence *e, Finding *f)
{
	const Acpitables *a = &e->acpi;
	const Acpiseen *first = NULL;
	size_t wrong = 0;

	if (!hasacpi(e, f))
		return;
	for (size_t i = 0; i < a->n; i++) {
		const Acpiseen *t = &a->table[i];

		if (isfacs(t) || !reused(t->memory, t->pa))
			continue;
		if (wrong++ == 0)
			first = t;
	}
	if (wrong > 0)
		finds(f, AUDITFAILED, "%zu of %zu tables, %s at %#jx in %s",
		    wrong, a->n, first->signature, (uintmax_t)first->pa,
		    memoryname(first->memory));
}

/* The first table that one of the two lists alone has, or NULL. */
static const Acpiseen *
listedonce(const Acpitables *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->table[i].byrsdt != a->table[i].byxsdt)
			return &a->table[i];
	return NULL;
}

/* Of two addresses of one thing, each 0 if it is not given. */
static bool
contradict(paddr_t a, paddr_t b)
{
	return a != 0 && b != 0 && a != b;
}

void
acpipointers(const Evidence *e, Finding *f)
{
	const Acpitables *a = &e->acpi;
	const Acpiseen *t = a->xsdt && a->rsdt ? listedonce(a) : NULL;

	if (!hasacpi(e, f))
		return;
	if (t != NULL)
		finds(f, AUDITFAILED, "%s at %#jx is in the %s alone",
		    t->signature, (uintmax_t)t->pa,
		    t->byxsdt ? "XSDT" : "RSDT");
	if (contradict(a->dsdt, a->xdsdt))
		finds(f, AUDITFAILED, "DSDT is at %#jx or %#jx",
		    (uintmax_t)a->dsdt, (uintmax_t)a->xdsdt);
	if (contradict(a->facs, a->xfacs))
		finds(f, AUDITFAILED, "FACS is at %#jx or %#jx",
		    (uintmax_t)a->facs, (uintmax_t)a->xfacs);
}

static const Acpiseen *
find(const Acpitables *a, const char *signature)
{
	for (size_t i = 0; i < a->n; i++)
		if (memcmp(a->table[i].signature, signature, 4) == 0)
			return &a->table[i];
	return NULL;
}

void
facsplace(const Evidence *e, Finding *f)
{
	const Acpiseen *t = find(&e->acpi, "FACS");

	if (!hasacpi(e, f))
		return;
	if (t == NULL && e->acpi.reduced)
		finds(f, AUDITSKIPPED, "a machine that has none");
	else if (t == NULL)
		finds(f, AUDITFAILED, "there is none");
	else if (t->memory != ACPINVS && t->memory != Reserved)
		finds(f, AUDITFAILED, "at %#jx in %s", (uintmax_t)t->pa,
		    memoryname(t->memory));
	else if (t->pa % FACSALIGN != 0 || t->size < FACSSIZE)
		finds(f, AUDITFAILED, "%u bytes at %#jx", t->size,
		    (uintmax_t)t->pa);
}

void
madtcpus(const Evidence *e, Finding *f)
{
	const Cpulist *c = &e->acpi.cpus;

	if (!hasacpi(e, f))
		return;
	if (!c->told)
		finds(f, AUDITFAILED, "there is no MADT");
	else if (c->cut || c->n == 0)
		finds(f, AUDITFAILED, "%zu CPUs%s", c->n,
		    c->cut ? ", and an entry that leads nowhere" : "");
	else if (e->cpus.enabled != 0 && e->cpus.enabled != c->n)
		finds(f, AUDITFAILED, "%zu CPUs, and firmware runs %zu", c->n,
		    e->cpus.enabled);
	else
		finds(f, AUDITOK, "%zu CPUs", c->n);
}

/* What of [pa, end) is in no descriptor of these two types. */
static void
spotunreserved(const Evidence *e, Spots *s, paddr_t pa, paddr_t end)
{
	for (size_t i = 0; i < efimapcount(&e->sorted) && pa < end; i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if ((d.type != Reserved && d.type != MmioMemory) ||
		    endof(&d) <= pa)
			continue;
		if (d.base > pa)
			spot(s, pa, MIN(d.base, end));
		pa = MAX(pa, endof(&d));
	}
	if (pa < end)
		spot(s, pa, end);
}

void
ecamreserved(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (e->acpi.necam == 0) {
		finds(f, AUDITSKIPPED, "there is no MCFG");
		return;
	}
	for (size_t i = 0; i < e->acpi.necam; i++) {
		const Pcibuses *b = &e->acpi.ecam[i];

		spotunreserved(
		    e, &s, b->pa + b->first * MiB, b->pa + (b->last + 1) * MiB);
	}
	findspots(f, &s, "not reserved");
}

static bool
hassrat(const Evidence *e, Finding *f)
{
	if (!e->acpi.srat)
		finds(f, AUDITSKIPPED, "there is no SRAT");
	return e->acpi.srat;
}

void
sratsays(const Evidence *e, Finding *f)
{
	const Nodesaid *said = &e->acpi.said;

	if (hassrat(e, f) && said->what != NULL)
		finds(f, AUDITFAILED, "%s (%#jx, %#jx)", said->what,
		    (uintmax_t)said->a, (uintmax_t)said->b);
}

/* Is it believed, and of more than one node? */
static bool
hasnodes(const Evidence *e, Finding *f)
{
	if (!hassrat(e, f))
		return false;
	if (e->acpi.nodes.n < 2)
		finds(f, AUDITSKIPPED, "there is one node");
	return e->acpi.nodes.n >= 2;
}

/* What of [pa, end) is in no range of a node; those ascend. */
static void
spotnodeless(const Nodes *n, Spots *s, paddr_t pa, paddr_t end)
{
	for (size_t i = 0; i < n->nranges && pa < end; i++) {
		const Noderange *r = &n->range[i];

		if (r->end <= pa)
			continue;
		if (r->pa > pa)
			spot(s, pa, MIN(r->pa, end));
		pa = MAX(pa, r->end);
	}
	if (pa < end)
		spot(s, pa, end);
}

void
sratmemory(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!hasnodes(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (reused(d.type, d.base) && (d.attr & WB) && d.base >= MiB)
			spotnodeless(&e->acpi.nodes, &s, d.base, endof(&d));
	}
	findspots(f, &s, "RAM of no node");
}

void
sratcpus(const Evidence *e, Finding *f)
{
	if (hasnodes(e, f) && e->acpi.said.nowhere != 0)
		finds(f, AUDITFAILED, "%zu of %zu CPUs are of no node",
		    e->acpi.said.nowhere, e->acpi.cpus.n);
}

void
smbiosgood(const Evidence *e, Finding *f)
{
	const Installed *in = &e->smbios.found;

	if (!in->there)
		finds(f, AUDITFAILED, "there is none");
	else if (in->why != NULL)
		finds(f, AUDITFAILED, "at %#jx: %s", (uintmax_t)in->wrong,
		    in->why);
}

/* Boot services' data will do: kernels keep it where a table points there. */
void
smbiosplace(const Evidence *e, Finding *f)
{
	const Smbiosseen *s = &e->smbios;

	if (!s->found.good)
		finds(f, AUDITSKIPPED, "there is none that can be read");
	else if (s->memory != BootServicesData &&
		 reused(s->memory, s->found.table))
		finds(f, AUDITFAILED, "at %#jx in %s",
		    (uintmax_t)s->found.table, memoryname(s->memory));
}

/* Bytes that can be write-back: what modules of memory hold. */
static uint64_t
memoryof(const Efimap *map)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (d.attr & WB)
			sum += endof(&d) - d.base;
	}
	return sum;
}

/* A quarter may be firmware's and graphics' own. */
void
installedram(const Evidence *e, Finding *f)
{
	uint64_t have = e->smbios.found.bytes;
	uint64_t map = memoryof(&e->map);
	char all[SIZETEXT], part[SIZETEXT];
	bool more = map > have;

	if (have == 0) {
		finds(f, AUDITSKIPPED, "SMBIOS does not say");
		return;
	}
	finds(f, more || have - map > have / 4 ? AUDITFAILED : AUDITOK,
	    more ? "%s installed, and the map has %s more"
		 : "%s installed, %s of it in no range of the map",
	    sizeword(all, have),
	    sizeword(part, more ? map - have : have - map));
}
