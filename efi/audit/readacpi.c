/*
 * readacpi.c - ACPI's and SMBIOS's tables, as they stand there.
 *
 * acpi.c gives those that can be believed; here are the others, too, as far as
 * the map knows the memory that they begin in. ACPI Specification 6.4: 5.2.5
 * (RSDP), 5.2.6 (headers), 5.2.7 and 5.2.8 (RSDT, XSDT), 5.2.9 (FADT).
 */
#include "../tables/acpi.h"
#include "../tables/buses.h"
#include "../firmware.h"
#include "../tables/installed.h"
#include "../tables/madt.h"
#include "hooks.h"
#include "read.h"

enum {
	FACSHEAD = 8, /* as far as it is like others */

	FADTFACS = 36,
	FADTREDUCED = 1 << 20,
	FADTXFACS = 132,
};

/* The type that the map gives the memory there. */
static uint32_t
memoryat(const Efimap *map, paddr_t pa)
{
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (pa >= d.base && (pa - d.base) / BY2PG < d.npages)
			return d.type;
	}
	return NOTINMAP;
}

/* The table there, in the list once; NULL if it cannot be read, or no room. */
static Acpiseen *
addtable(Acpitables *a, const Efimap *map, paddr_t pa)
{
	const uint8_t *p = (const uint8_t *)(uintptr_t)pa;
	uint64_t room = pa != 0 ? mapknows(map, pa) : 0;

	for (size_t i = 0; i < a->n; i++)
		if (a->table[i].pa == pa)
			return &a->table[i];
	if (room < FACSHEAD || a->n == MOSTACPITABLES) {
		a->lost += pa != 0;
		return NULL;
	}
	Acpiseen *t = &a->table[a->n++];
	*t = (Acpiseen){.pa = pa,
	    .size = (uint32_t)numberat(p, TABLELENGTH, 4),
	    .memory = memoryat(map, pa)};
	t->sums =
	    t->size >= TABLEHEADER && t->size <= room && addsup(p, t->size);
	for (size_t i = 0; i < 4; i++)
		t->signature[i] =
		    p[i] > ' ' && p[i] < 0x7f && p[i] != '"' ? (char)p[i] : '?';
	return t;
}

/* What the FADT leads to, each wherever it says that it is. */
static void
addfadt(Acpitables *a, const Efimap *map, const Acpiseen *fadt)
{
	const uint8_t *p = (const uint8_t *)(uintptr_t)fadt->pa;
	size_t n = MIN(fadt->size, mapknows(map, fadt->pa));

	if (n < FADTDSDT + 4)
		return;
	a->facs = numberat(p, FADTFACS, 4);
	a->dsdt = numberat(p, FADTDSDT, 4);
	if (n >= FADTFLAGS + 4)
		a->reduced = numberat(p, FADTFLAGS, 4) & FADTREDUCED;
	if (n >= FADTXDSDT + 8) {
		a->xfacs = numberat(p, FADTXFACS, 8);
		a->xdsdt = numberat(p, FADTXDSDT, 8);
	}
	Acpiseen *t = NULL;
	if ((t = addtable(a, map, a->xdsdt != 0 ? a->xdsdt : a->dsdt)) != NULL)
		t->byrsdt = t->byxsdt = true;
	if ((t = addtable(a, map, a->xfacs != 0 ? a->xfacs : a->facs)) != NULL)
		t->byrsdt = t->byxsdt = true;
}

/* All that a root table of addresses so wide lists; false if it is none. */
static bool
addlist(Acpitables *a, const Efimap *map, paddr_t pa, size_t width)
{
	const uint8_t *p = (const uint8_t *)(uintptr_t)pa;
	uint64_t room = pa != 0 ? mapknows(map, pa) : 0;
	size_t n = room >= TABLEHEADER ? numberat(p, TABLELENGTH, 4) : 0;

	if (n < TABLEHEADER || n > room ||
	    memcmp(p, width == 8 ? "XSDT" : "RSDT", 4) != 0)
		return false;
	Acpiseen *root = addtable(a, map, pa);
	if (root != NULL)
		root->byrsdt = root->byxsdt = true;
	for (size_t i = TABLEHEADER; i + width <= n; i += width) {
		Acpiseen *t = addtable(a, map, numberat(p, i, width));

		if (t != NULL)
			*(width == 8 ? &t->byxsdt : &t->byrsdt) = true;
	}
	return true;
}

/* The root pointer that firmware names, whatever it is worth, or finds. */
static const uint8_t *
rootpointer(const Efimap *map)
{
	EFI_GUID guids[] = {ACPI_20_TABLE_GUID, ACPI_TABLE_GUID};

	for (size_t i = 0; i < nelem(guids); i++) {
		const uint8_t *p = configtable(guids[i]);

		if (p != NULL && mapknows(map, (uintptr_t)p) >= RSDPXSIZE)
			return p;
	}
	return rsdpscan((const uint8_t *)BIOSAREA, MiB - BIOSAREA);
}

static void
addtables(Acpitables *a, const Efimap *map, const uint8_t *rsdp)
{
	bool wide = rsdp[RSDPREVISION] >= 2;

	a->root = (uintptr_t)rsdp;
	a->sums = addsup(rsdp, RSDPSIZE) && (!wide || addsup(rsdp, RSDPXSIZE));
	a->rsdt = addlist(a, map, numberat(rsdp, RSDPRSDT, 4), 4);
	a->xsdt = wide && addlist(a, map, numberat(rsdp, RSDPXSDT, 8), 8);
	for (size_t i = 0; i < a->n; i++)
		if (memcmp(a->table[i].signature, "FACP", 4) == 0) {
			addfadt(a, map, &a->table[i]);
			return;
		}
}

/* What those say that can be believed. */
static void
readbelieved(Acpitables *a)
{
	size_t n = 0;
	size_t slitsize = 0;
	const uint8_t *t = acpitable("APIC", &n);

	if (t != NULL)
		madtread(t, n, &a->cpus);
	if ((t = acpitable("MCFG", &n)) != NULL)
		a->necam = mcfgread(t, n, a->ecam);
	if ((t = acpitable("SRAT", &n)) == NULL)
		return;
	const uint8_t *slit = acpitable("SLIT", &slitsize);
	a->srat = true;
	a->said = sratread(t, n, slit, slitsize, &a->cpus, &a->nodes);
}

void
acpiread(Acpitables *a)
{
	Rawmap m;

	a->root = NOADDR;
	a->unasked = !getmap(&m);
	if (!a->unasked) {
		Efimap map = efimapof(&m);
		const uint8_t *rsdp = rootpointer(&map);

		if (rsdp != NULL)
			addtables(a, &map, rsdp);
	}
	fwfree(m.desc);
	acpiopen();
	readbelieved(a);
	acpiclose();
}

void
smbiosread(Smbiosseen *s)
{
	Rawmap m;
	bool mapped = getmap(&m);
	Efimap map = efimapof(&m);

	s->found = installedread(mapped ? &map : NULL);
	if (mapped)
		s->memory = memoryat(&map, s->found.table);
	fwfree(m.desc);
}
