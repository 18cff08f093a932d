/*
 * hostilemap.c - a memory map like the worst that firmware has given.
 *
 *	firmware's map -> pieces cut off the largest usable range
 *	               -> entries that no machine should have
 *	               -> order, stride
 *
 * What is cut keeps the total: a test can still count every byte. Pieces are
 * cut from the bottom, as firmware allocates from the top.
 */
#include "hostile.h"

enum {
	MAXMAP = 16384,
	PIECE = 4,   /* pages in each piece of `split' and `holes' */
	CARVED = 16, /* pages in a piece that is not what it was */
};

#define UC 0x1ull
#define WB 0x8ull
#define SP 0x40000ull
#define RUNTIME 0x8000000000000000ull
#define PAGE 0x1000ull

static EFI_MEMORY_DESCRIPTOR truth[MAXMAP];
static EFI_MEMORY_DESCRIPTOR lies[MAXMAP];
static size_t nlies;

static void
add(uint32_t type, uint64_t pa, uint64_t pages, uint64_t attr)
{
	if (nlies == MAXMAP) {
		say("map full");
		return;
	}
	lies[nlies++] = (EFI_MEMORY_DESCRIPTOR){
	    .Type = type,
	    .PhysicalStart = pa,
	    .NumberOfPages = pages,
	    .Attribute = attr,
	};
}

/* The largest usable range, which gives the pieces. */
static EFI_MEMORY_DESCRIPTOR *
largest(void)
{
	EFI_MEMORY_DESCRIPTOR *best = &lies[0];

	for (size_t i = 0; i < nlies; i++) {
		EFI_MEMORY_DESCRIPTOR *d = &lies[i];

		if (d->Type != EfiConventionalMemory)
			continue;
		if (best->Type != EfiConventionalMemory ||
		    d->NumberOfPages > best->NumberOfPages)
			best = d;
	}
	return best;
}

/* Cut pages off the bottom of d; they become an entry of their own. */
static void
cut(EFI_MEMORY_DESCRIPTOR *d, uint64_t pages, uint32_t type, uint64_t attr)
{
	uint64_t pa = d->PhysicalStart;

	if (d->NumberOfPages <= pages) {
		say("no room to cut");
		return;
	}
	d->PhysicalStart += pages * PAGE;
	d->NumberOfPages -= pages;
	add(type, pa, pages, attr);
}

/* Usable and usable, or usable and reserved, in turn. */
static void
cutpieces(EFI_MEMORY_DESCRIPTOR *d)
{
	uint64_t pieces = scenario.split + scenario.grow * refused;

	for (uint64_t i = 0; i < pieces; i++)
		cut(d, PIECE,
		    i % 2 ? EfiConventionalMemory : EfiBootServicesData,
		    d->Attribute);
	for (uint64_t i = 0; i < scenario.holes; i++)
		cut(d, PIECE,
		    i % 2 ? EfiConventionalMemory : EfiReservedMemoryType,
		    d->Attribute);
}

/* Pages that look usable until type and attributes are read. */
static void
cutunusable(EFI_MEMORY_DESCRIPTOR *d)
{
	uint64_t attr = d->Attribute;

	if (scenario.type != 0)
		cut(d, CARVED, (uint32_t)scenario.type, attr);
	if (scenario.sp)
		cut(d, CARVED, EfiConventionalMemory, attr | SP);
	if (scenario.nowb)
		cut(d, CARVED, EfiConventionalMemory, attr & ~WB);
	if (scenario.runtime)
		cut(d, CARVED, EfiBootServicesData, attr | RUNTIME);
	if (scenario.rtnoattr)
		cut(d, CARVED, EfiRuntimeServicesData, attr);
}

/* Entries that contradict the machine, the others, or arithmetic. */
static void
addabsurd(EFI_MEMORY_DESCRIPTOR *d)
{
	uint64_t middle = d->PhysicalStart + d->NumberOfPages / 2 * PAGE;

	if (scenario.zero)
		add(EfiConventionalMemory, middle, 0, WB);
	if (scenario.wrap)
		add(EfiConventionalMemory, 0xfffffffffffff000, 3, WB);
	if (scenario.width)
		add(EfiConventionalMemory, 1ull << 52, 256, WB);
	if (scenario.phantom)
		add(EfiConventionalMemory, scenario.phantom, 4096, WB);
	if (scenario.nested)
		add(EfiReservedMemoryType, d->PhysicalStart + PAGE, 1, WB);
	if (scenario.rtmmio)
		add(EfiMemoryMappedIO, scenario.rtmmio, RTMMIOSIZE / PAGE,
		    UC | RUNTIME);
	if (scenario.overlap)
		add(EfiConventionalMemory, d->PhysicalStart, CARVED, WB);
}

static void
turnround(void)
{
	for (size_t i = 0; i < nlies / 2; i++) {
		EFI_MEMORY_DESCRIPTOR d = lies[i];

		lies[i] = lies[nlies - 1 - i];
		lies[nlies - 1 - i] = d;
	}
}

/* Fill lies from the firmware's map; its key and stride are passed on. */
static EFI_STATUS
lie(UINTN *key, UINTN *stride, UINT32 *version)
{
	UINTN size = sizeof truth;
	EFI_STATUS r = real->GetMemoryMap(&size, truth, key, stride, version);

	if (EFI_ERROR(r))
		return r;
	nlies = 0;
	for (size_t at = 0; at < size; at += *stride) {
		const void *p = (const char *)truth + at;
		const EFI_MEMORY_DESCRIPTOR *d = p;

		add(d->Type, d->PhysicalStart, d->NumberOfPages, d->Attribute);
	}
	cutunusable(largest());
	cutpieces(largest());
	addabsurd(largest());
	if (scenario.reverse)
		turnround();
	if (scenario.stride != 0)
		*stride = scenario.stride;
	if (scenario.restride != 0 && refused == 1) {
		*stride += sizeof(uint64_t);
		scenario.restride = 0;
	}
	return EFI_SUCCESS;
}

EFI_STATUS EFIAPI
liedmap(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *stride,
    UINT32 *version)
{
	UINTN have = *size;
	EFI_STATUS r = lie(key, stride, version);

	if (EFI_ERROR(r))
		return r;
	*size = nlies * *stride;
	if (have < *size)
		return EFI_BUFFER_TOO_SMALL;
	for (size_t i = 0; i < *size; i++)
		((uint8_t *)map)[i] = 0xa5;
	for (size_t i = 0; i < nlies; i++) {
		uint8_t *to = (uint8_t *)map + i * *stride;

		for (size_t b = 0; b < sizeof lies[i] && b < *stride; b++)
			to[b] = ((uint8_t *)&lies[i])[b];
	}
	return EFI_SUCCESS;
}
