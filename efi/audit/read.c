/*
 * read.c - all that is judged, in an order in which nothing that is asked for
 * changes what was read before.
 *
 *	images, samples, CPUs, tables	take memory
 *	room for all the rest	takes memory: as much as there is to read now,
 *				by a first look at the map
 *	the map, twice		into that room
 *	page tables		into that room
 */
#include "read.h"
#include "../firmware.h"
#include "cpu.h"
#include "hooks.h"
#include "../maprows.h"

enum {
	MAPSLACK = 32,    /* descriptors that the map may grow by */
	PAGESSLACK = 256, /* and ranges of pages */
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
mapsroom(const Rawmap *m)
{
	held.mapsize = m->size + MAPSLACK * m->stride;
	held.map = fwtake(3 * held.mapsize);
	if (held.map == NULL)
		print("mem9: no memory for three maps of %zu bytes\n",
		    held.mapsize);
	return held.map != NULL;
}

/* Once more into one of the three, with nothing asked before. */
static bool
mapread(Efimap *map, size_t n)
{
	Rawmap m = {.desc = held.map + n * held.mapsize, .size = held.mapsize};
	UINT32 version = 0;
	EFI_STATUS r = fw.bs->GetMemoryMap((UINTN *)&m.size,
	    (EFI_MEMORY_DESCRIPTOR *)m.desc, (UINTN *)&m.key,
	    (UINTN *)&m.stride, &version);

	if (EFI_ERROR(r))
		print("mem9: firmware gave a memory map, and none when asked "
		      "again: status %#jx\n",
		    (uintmax_t)r);
	*map = efimapof(&m);
	return !EFI_ERROR(r);
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

/* The attributes table's head, and room for its entries sorted. */
static void
tablehead(Protections *p, const Efimap *map)
{
	p->is = attributesread(map);
	p->why = p->is.why;
	if (p->is.entries == NULL || p->is.n == 0)
		return;
	p->map.desc = p->is.entries;
	held.table = fwtake((size_t)p->is.n * p->is.stride);
	if (held.table == NULL)
		p->why = "no memory to sort its entries in";
}

static void
tableread(Protections *p)
{
	if (held.table == NULL)
		return;
	p->map.size = (size_t)p->is.n * p->is.stride;
	p->map.stride = p->is.stride;
	p->map.physbits = cpu.physbits;
	p->sorted = sortedcopy(&p->map, held.table);
}

/* Room for all that is read last. */
static bool
takeroom(Evidence *e)
{
	Rawmap m;

	if (!getmap(&m))
		return false;
	Efimap map = efimapof(&m);
	tablehead(&e->table, &map);
	held.npages = pagescount() + PAGESSLACK;
	held.pages = fwtake(held.npages * sizeof *held.pages);
	bool good = mapsroom(&m);
	fwfree(m.desc);
	return good;
}

bool
evidenceread(Evidence *e)
{
	EFI_GUID guid = MEMORYATTRIBUTEPROTOCOL;

	memset(e, 0, sizeof *e);
	memset(&held, 0, sizeof held);
	imagesread(&e->images);
	held.parts = e->images.part;
	samplestake(e->samples);
	e->stack = stackread();
	e->attributeprotocol = anyprotocol(guid) != NULL;
	cpusread(&e->cpus);
	acpiread(&e->acpi);
	smbiosread(&e->smbios);
	devicesread(e);
	if (!takeroom(e) || !mapread(&e->map, 0) || !mapread(&e->again, 1))
		return false;
	pagesread(&e->pages, held.pages, held.pages != NULL ? held.npages : 0);
	if (held.pages == NULL)
		e->pages.why = "no memory to note them in";
	e->sorted = sortedcopy(&e->map, held.map + 2 * held.mapsize);
	tableread(&e->table);
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
