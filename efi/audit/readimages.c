/*
 * readimages.c - the images that firmware has loaded: their sections.
 *
 * PE/COFF specification 3.4 (headers) and 4 (sections). What a header says is
 * believed as far as it lies within the image.
 */
#include "../firmware.h"
#include "hooks.h"
#include "read.h"

enum {
	PEOFFSET = 0x3c, /* in the DOS header: where the PE header is */
	NSECTIONS = 6,   /* in the PE header */
	OPTSIZE = 20,
	OPTHEADER = 24,
	OPTALIGN = 32, /* in the optional header: of sections */
	OPTSHORTEST = 36,

	SECTION = 40, /* bytes of a section header */
	VIRTUALSIZE = 8,
	VIRTUALADDR = 12,
	RAWSIZE = 16,
	FLAGS = 36,
};
#define SCNEXEC (1u << 29)
#define SCNWRITE (1u << 31)

/* Where the section headers begin, and how many; 0 if that makes no sense. */
static size_t
sectiontable(const uint8_t *p, size_t head, size_t *n, bool *unpaged)
{
	size_t pe = head >= PEOFFSET + 4 ? numberat(p, PEOFFSET, 4) : head;

	*n = 0;
	if (pe > head || head - pe < OPTHEADER + OPTSHORTEST ||
	    memcmp(p, "MZ", 2) != 0 || memcmp(p + pe, "PE\0\0", 4) != 0)
		return 0;
	size_t at = pe + OPTHEADER + numberat(p + pe, OPTSIZE, 2);
	*n = numberat(p + pe, NSECTIONS, 2);
	*unpaged = numberat(p + pe, OPTHEADER + OPTALIGN, 4) % BY2PG != 0;
	return *n == 0 || at + *n * SECTION > head ? 0 : at;
}

int
imageparts(const uint8_t *p, size_t head, paddr_t pa, uint64_t size,
    Imagepart *part, size_t room, bool *unpaged)
{
	size_t n = 0;
	size_t at = sectiontable(p, head, &n, unpaged);

	if (at == 0)
		return -1;
	for (size_t i = 0; i < n; i++, at += SECTION) {
		uint64_t rva = numberat(p, at + VIRTUALADDR, 4);
		uint64_t bytes = MAX(numberat(p, at + VIRTUALSIZE, 4),
		    numberat(p, at + RAWSIZE, 4));
		uint32_t flags = (uint32_t)numberat(p, at + FLAGS, 4);

		if (rva > size)
			return -1;
		if (i < room)
			part[i] = (Imagepart){.image = pa,
			    .pa = ROUNDDOWN(pa + rva, BY2PG),
			    .end = PGROUND(pa + MIN(rva + bytes, size)),
			    .write = flags & SCNWRITE,
			    .exec = flags & SCNEXEC};
	}
	return (int)n;
}

/* One image's sections; those whose sections share pages are counted only. */
static void
addimage(Images *im, const Efimap *map, paddr_t pa, uint64_t size, size_t room)
{
	bool unpaged = false;
	size_t left = im->n < room ? room - im->n : 0;
	uint64_t head = MIN(mapknows(map, pa), size);
	Imagepart *to = (Imagepart *)im->part;
	int n = head == 0
		    ? -1
		    : imageparts((const uint8_t *)(uintptr_t)pa, head, pa, size,
			  left > 0 ? to + im->n : NULL, left, &unpaged);

	im->nimage++;
	if (n < 0)
		im->unread++;
	else if (unpaged) {
		if (im->unpaged++ == 0)
			im->first = pa;
	} else
		im->n += (size_t)n;
}

/* All images, their sections into im->part, which has room for so many. */
static void
addimages(Images *im, const Efimap *map, const EFI_HANDLE *handle, size_t n,
    size_t room)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	for (size_t i = 0; i < n; i++) {
		const EFI_LOADED_IMAGE *li = protocol(handle[i], guid);

		if (li != NULL && li->ImageBase != NULL)
			addimage(im, map, (uintptr_t)li->ImageBase,
			    li->ImageSize, room);
	}
}

/* Twice: how many sections there are, and those. */
static void
readall(Images *im, const Efimap *map, const EFI_HANDLE *handle, size_t n)
{
	addimages(im, map, handle, n, 0);
	size_t room = im->n;
	Imagepart *part = fwtake((room + 1) * sizeof *part);

	*im = (Images){.part = part, .own = im->own};
	if (part == NULL) {
		im->why = "no memory for images";
		return;
	}
	addimages(im, map, handle, n, room);
}

void
imagesread(Images *im)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	const EFI_LOADED_IMAGE *own = protocol(fw.image, guid);
	EFI_HANDLE *handle = NULL;
	UINTN n = 0;
	Rawmap m;

	*im = (Images){.why = "firmware tells of no images"};
	if (EFI_ERROR(fw.bs->LocateHandleBuffer(
		ByProtocol, &guid, NULL, &n, &handle)))
		return;
	if (getmap(&m)) {
		Efimap map = efimapof(&m);

		*im = (Images){
		    .own = own != NULL ? (uintptr_t)own->ImageBase : NOADDR};
		readall(im, &map, handle, n);
	} else
		im->why = "there is no memory map to look them up in";
	fwfree(m.desc);
	fwfree(handle);
}
