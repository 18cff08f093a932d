/*
 * pe.c - reading our own headers: see pe.h.
 *
 * Only fields that mem9's link is known to fill are used; sections, the table
 * of relocations and the places that it names must lie in the image.
 */
#include "pe.h"
#include "hooks.h"

typedef struct Pesection Pesection;

/* Offsets into the headers of a PE32+ file. */
enum {
	PEOFFSET = 0x3c, /* in the DOS header: where the PE header is */
	NSECTIONS = 6,   /* in the PE header */
	OPTSIZE = 20,    /* size of the optional header */
	OPTHEADER = 24,
	OPTIMAGESIZE = 56, /* in the optional header */
	OPTHEADERSIZE = 60,
	OPTRELOC = 112 + 5 * 8, /* sixth data directory: rva, size */
};

enum {
	SCNEXEC = 1 << 29,
	RELHEADER = 8, /* bytes of a block before its entries */
	RELABSOLUTE = 0,
	RELDIR64 = 10,
};
#define SCNWRITE (1u << 31)

struct Pesection {
	char name[8];
	uint32_t virtualsize;
	uint32_t rva;
	uint32_t rawsize;
	uint32_t rawoffset;
	uint32_t unused[3];
	uint32_t flags;
};

_Static_assert(sizeof(Pesection) == 40, "a section header has 40 bytes");

static uint32_t
get(const void *p, size_t offset, size_t size)
{
	uint32_t v = 0;

	memcpy(&v, (const uint8_t *)p + offset, size);
	return v;
}

static const uint8_t *
peheader(const void *image)
{
	const uint8_t *pe = (const uint8_t *)image + get(image, PEOFFSET, 4);

	if (memcmp(pe, "PE\0\0", 4) != 0)
		panic("no PE header at %p", (const void *)pe);
	return pe;
}

size_t
peimagesize(const void *image)
{
	return PGROUND(get(peheader(image), OPTHEADER + OPTIMAGESIZE, 4));
}

bool
pesection(const void *image, size_t n, Section *s)
{
	const uint8_t *pe = peheader(image);
	const uint8_t *table = pe + OPTHEADER + get(pe, OPTSIZE, 2);
	Pesection h;

	if (n >= get(pe, NSECTIONS, 2))
		return false;
	memcpy(&h, table + n * sizeof h, sizeof h);
	s->rva = h.rva;
	s->size = PGROUND(MAX(h.virtualsize, h.rawsize));
	s->write = (h.flags & SCNWRITE) != 0;
	s->exec = (h.flags & SCNEXEC) != 0;
	if (s->rva % BY2PG != 0 || s->rva + s->size > peimagesize(image))
		panic("section %zu at %#zx+%#zx is not in the image", n, s->rva,
		    s->size);
	return true;
}

/* One block of the table: a page's rva, the block's size, 16-bit entries. */
static void
relocateblock(
    const uint8_t *block, uint8_t *copy, size_t imagesize, uint64_t delta)
{
	uint32_t rva = get(block, 0, 4);
	uint32_t size = get(block, 4, 4);

	for (uint32_t i = RELHEADER; i < size; i += 2) {
		uint32_t entry = get(block, i, 2);
		size_t at = (size_t)rva + (entry & 0xfff);
		uint64_t v = 0;

		if (entry >> 12 == RELABSOLUTE)
			continue;
		if (entry >> 12 != RELDIR64)
			panic("relocation type %u at %#x", entry >> 12, rva);
		if (at + sizeof v > imagesize)
			panic("relocation of %#zx is not in the image", at);
		memcpy(&v, copy + at, sizeof v);
		v += delta;
		memcpy(copy + at, &v, sizeof v);
	}
}

void
perelocate(const void *image, void *copy, uint64_t delta)
{
	const uint8_t *pe = peheader(image);
	size_t imagesize = peimagesize(image);
	size_t rva = get(pe, OPTHEADER + OPTRELOC, 4);
	size_t left = get(pe, OPTHEADER + OPTRELOC + 4, 4);
	const uint8_t *block = (const uint8_t *)image + rva;
	uint32_t size = 0;

	if (rva + left > imagesize)
		panic(
		    "relocations at %#zx+%#zx are not in the image", rva, left);
	for (; left > 0; left -= size, block += size) {
		size = left < RELHEADER ? 0 : get(block, 4, 4);
		if (size < RELHEADER || size % 2 != 0 || size > left)
			panic("relocation block of %u bytes, %zu left", size,
			    left);
		relocateblock(block, copy, imagesize, delta);
	}
}
