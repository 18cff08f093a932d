/*
 * read.c - all that is judged, in an order in which nothing that is asked for
 * changes what was read before.
 *
 *	images, samples, CPUs, tables	take memory
 *	room for all the rest	takes memory: as much as there is to read now
 *	the map, twice		into that room
 *	page tables		into that room
 */
#include "read.h"
#include "../firmware.h"
#include "hooks.h"
#include "../maprows.h"

enum {
	MAPSLACK = 32,       /* descriptors that the map may grow by */
	PAGESSLACK = 256,    /* and ranges of pages */
	MOSTENTRIES = 16384, /* of the attributes table */
};

/* In pool memory. */
static struct {
	const Imagepart *parts;
	uint8_t *map; /* room for three: it, again, sorted */
	size_t mapsize;
	uint8_t *table; /* room for the attributes table, sorted */
	Mapped *pages;
	size_t npages;
} held;

/* As much as the map takes now, and a little more, three times. */
static bool
mapsroom(void)
{
	Rawmap m;

	if (!getmap(&m))
		return false;
	held.mapsize = m.size + MAPSLACK * m.stride;
	fwfree(m.desc);
	held.map = fwtake(3 * held.mapsize);
	if (held.map == NULL)
		print("mem9: no memory for three maps of %zu bytes\n",
		    held.mapsize);
	return held.map != NULL;
}

/* Once more into one of the three, with nothing asked before. */
static Efimap
mapread(size_t n)
{
	UINTN size = held.mapsize;
	UINTN key = 0;
	UINTN stride = 0;
	UINT32 version = 0;
	uint8_t *to = held.map + n * held.mapsize;

	if (EFI_ERROR(fw.bs->GetMemoryMap(
		&size, (EFI_MEMORY_DESCRIPTOR *)to, &key, &stride, &version)))
		size = 0;
	Rawmap m = {to, size, stride, key};
	return efimapof(&m);
}

/* A copy of that map by address, of whole descriptors. */
static Efimap
sortedcopy(const Efimap *map, uint8_t *to)
{
	Efimap sorted = *map;

	sorted.desc = to;
	sorted.size = efimapcount(map) * map->stride;
	memcpy(to, map->desc, sorted.size);
	maprowssort(to, sorted.size, sorted.stride);
	return sorted;
}

/* The attributes table as far as there is one, and room for it sorted. */
static const Memoryattributes *
tablehead(Protections *p)
{
	EFI_GUID guid = MEMORYATTRIBUTES;
	const Memoryattributes *t = configtable(guid);

	if (t == NULL)
		return NULL;
	*p = (Protections){.there = true,
	    .version = t->version,
	    .n = t->n,
	    .stride = t->stride};
	if (t->n > 0 && t->n <= MOSTENTRIES && t->stride >= EFISTRIDEMIN &&
	    t->stride <= EFISTRIDEMAX)
		held.table = fwtake((size_t)t->n * t->stride);
	return t;
}

/* Its entries, if they lie in memory that the map knows as one piece. */
static void
tableread(Evidence *e, const Memoryattributes *t)
{
	Protections *p = &e->table;
	size_t size = (size_t)p->n * p->stride;
	uint64_t room = mapknows(&e->map, (uintptr_t)t);

	p->room = room > sizeof *t ? room - sizeof *t : 0;
	if (held.table == NULL || size > p->room)
		return;
	p->map = e->map;
	p->map.desc = t + 1;
	p->map.size = size;
	p->map.stride = p->stride;
	p->sorted = sortedcopy(&p->map, held.table);
}

bool
evidenceread(Evidence *e)
{
	EFI_GUID guid = MEMORYATTRIBUTEPROTOCOL;
	void *p = NULL;

	memset(e, 0, sizeof *e);
	memset(&held, 0, sizeof held);
	imagesread(&e->images);
	held.parts = e->images.part;
	samplestake(e->samples);
	e->stack = stackread();
	e->attributeprotocol =
	    !EFI_ERROR(fw.bs->LocateProtocol(&guid, NULL, &p));
	cpusread(&e->cpus);
	acpiread(&e->acpi);
	smbiosread(&e->smbios);
	devicesread(e);
	const Memoryattributes *t = tablehead(&e->table);
	held.npages = pagescount() + PAGESSLACK;
	held.pages = fwtake(held.npages * sizeof *held.pages);
	if (!mapsroom())
		return false;
	e->map = mapread(0);
	e->again = mapread(1);
	pagesread(&e->pages, held.pages, held.pages != NULL ? held.npages : 0);
	if (held.pages == NULL)
		e->pages.why = "no memory to note them in";
	e->sorted = sortedcopy(&e->map, held.map + 2 * held.mapsize);
	if (t != NULL)
		tableread(e, t);
	return true;
}

void
evidencefree(void)
{
	samplesgive();
	fwfree((void *)held.parts);
	fwfree(held.map);
	fwfree(held.table);
	fwfree(held.pages);
	memset(&held, 0, sizeof held);
}
