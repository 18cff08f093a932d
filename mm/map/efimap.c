/*
 * efimap.c - EFI descriptors to memory types: see efimap.h.
 *
 * The numbers are the UEFI specification's, 2.10, section 7.2: types and
 * attributes of GetMemoryMap(). A descriptor is
 *
 *	0       4       8        16       24       32         40  ... stride
 *	| type  |       | base   | (virt) | npages | attr     |
 */
#include "efimap.h"
#include "layers.h"
#include "hooks.h"

enum {
	EfiLoaderCode = 1,
	EfiLoaderData = 2,
	EfiBootServicesCode = 3,
	EfiBootServicesData = 4,
	EfiConventionalMemory = 7,
	EfiACPIReclaimMemory = 9,
};

/* Where the RAM of a PC ends that is below 1 MiB. */
enum { LOWEND = 640 * KiB };

#define EFI_MEMORY_WB (1ull << 3)
#define EFI_MEMORY_SP (1ull << 18)
#define EFI_MEMORY_RUNTIME (1ull << 63)

size_t
efimapcount(const Efimap *map)
{
	if (map->stride < EFISTRIDEMIN || map->stride > EFISTRIDEMAX)
		return 0;
	return map->size / map->stride;
}

Efidesc
efimapdesc(const Efimap *map, size_t i)
{
	const uint8_t *p = (const uint8_t *)map->desc + i * map->stride;
	Efidesc d;

	memcpy(&d.type, p, sizeof d.type);
	memcpy(&d.base, p + 8, sizeof d.base);
	memcpy(&d.npages, p + 24, sizeof d.npages);
	memcpy(&d.attr, p + 32, sizeof d.attr);
	return d;
}

const char *
efitypename(uint32_t type)
{
	static const char *const name[] = {
	    "ReservedMemoryType",
	    "LoaderCode",
	    "LoaderData",
	    "BootServicesCode",
	    "BootServicesData",
	    "RuntimeServicesCode",
	    "RuntimeServicesData",
	    "ConventionalMemory",
	    "UnusableMemory",
	    "ACPIReclaimMemory",
	    "ACPIMemoryNVS",
	    "MemoryMappedIO",
	    "MemoryMappedIOPortSpace",
	    "PalCode",
	    "PersistentMemory",
	    "UnacceptedMemoryType",
	};

	return type < nelem(name) ? name[type] : NULL;
}

enum memtype
efitypeof(uint32_t type, uint64_t attr)
{
	if (attr & EFI_MEMORY_RUNTIME)
		return MemReserved;
	switch (type) {
	case EfiLoaderCode:
	case EfiLoaderData:
	case EfiBootServicesCode:
	case EfiBootServicesData:
	case EfiConventionalMemory:
		if ((attr & EFI_MEMORY_WB) == 0 || (attr & EFI_MEMORY_SP) != 0)
			return MemReserved;
		return MemRAM;
	case EfiACPIReclaimMemory:
		return attr & EFI_MEMORY_WB ? MemACPI : MemReserved;
	default:
		return MemReserved;
	}
}

/* Is it past 2^64? npages is not 0. */
static bool
wraps(const Efidesc *d)
{
	const paddr_t lastpage = NOADDR - (BY2PG - 1);

	return d->base > lastpage ||
	       d->npages - 1 > (lastpage - d->base) / BY2PG;
}

/* Its bytes. All there are is one more than can be said. */
static size_t
bytes(const Efidesc *d)
{
	return d->npages > NOADDR / BY2PG ? NOADDR : d->npages * BY2PG;
}

enum memtype
efimapverdict(const Efimap *map, const Efidesc *d)
{
	enum memtype type = efitypeof(d->type, d->attr);
	size_t size = bytes(d);

	if (size == 0 || wraps(d) || d->base >> map->physbits != 0)
		return NMEMTYPE;
	if (type == MemRAM && d->base + size <= MiB)
		return MemReserved;
	if (d->base >= map->block && size <= map->blocksize &&
	    d->base - map->block <= map->blocksize - size)
		return MemReserved;
	return type;
}

static void
adddesc(const Efidesc *d, int physbits)
{
	if (d->npages == 0 || wraps(d)) {
		memmapodd(d->npages == 0 ? "zero" : "wrap", d->base, d->npages);
		return;
	}
	if (d->base % BY2PG != 0)
		memmapodd("align", d->base, d->npages);
	firmwareadd(d->base, bytes(d), efitypeof(d->type, d->attr), physbits);
}

int
efimapadd(const Efimap *map)
{
	size_t n = efimapcount(map);

	if (n == 0 && map->size != 0)
		return -1;
	firmwaredefaults();
	for (size_t i = 0; i < n; i++) {
		Efidesc d = efimapdesc(map, i);

		adddesc(&d, map->physbits);
	}
	if (map->blocksize != 0)
		memreserve(map->block, map->blocksize);
	memmapsettle();
	return 0;
}

/* Nobody's any more, once boot services have ended. */
static bool
left(const Efidesc *d)
{
	return d->type == EfiBootServicesCode ||
	       d->type == EfiBootServicesData ||
	       d->type == EfiConventionalMemory;
}

paddr_t
efimaplow(const Efimap *map)
{
	paddr_t low = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (!left(&d) || d.npages == 0 || d.base >= LOWEND ||
		    d.base % BY2PG != 0)
			continue;
		uint64_t most = (LOWEND - d.base) / BY2PG;
		low = MAX(low, d.base + (MIN(d.npages, most) - 1) * BY2PG);
	}
	return low == 0 ? NOADDR : low;
}

static void
printdesc(const Efimap *map, const Efidesc *d)
{
	const char *as = memtypename(efimapverdict(map, d));
	const char *name = efitypename(d->type);

	if (name != NULL)
		print("mem9: efi type=%s", name);
	else
		print("mem9: efi type=0x%08x", d->type);
	print(" base=0x%jx pages=%ju attr=0x%jx as=%s\n", d->base,
	    (uintmax_t)d->npages, (uintmax_t)d->attr, as);
}

void
efimapprint(const Efimap *map)
{
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		printdesc(map, &d);
	}
}
