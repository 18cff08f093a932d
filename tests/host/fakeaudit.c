/*
 * fakeaudit.c - see fakeaudit.h.
 *
 * needs: tests/host/fakefw.c
 */
#include "fakeaudit.h"
#include "efidesc.h"
#include "hooks.h"
#include "../../efi/audit/read.h"
#include "../../efi/firmware.h"

#include <stdlib.h>

Fakeaudit fakeaudit;

static EFI_LOADED_IMAGE loaded;
static _Alignas(BY2PG) uint8_t image[BY2PG];
static _Alignas(16) uint8_t attributes[1024];

void
auditwalk(void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL])
{
	size_t n = fakeaudit.nleaves;

	memset(tables, 0, NLEVEL * sizeof *tables);
	if (fakeaudit.walks++ == 0)
		n -= fakeaudit.hides;
	for (size_t i = 0; i < n; i++)
		visit(arg, &fakeaudit.leaves[i]);
}

Cpuregs
cpuregsnow(void)
{
	return fakeaudit.regs;
}

/* Of these there are none here: what reads them has tests of its own. */
void
cpusread(Cpusseen *seen)
{
	*seen = (Cpusseen){.nomtrr = "no MTRRs", .why = "no others"};
}

void
acpiread(Acpitables *a)
{
	a->root = NOADDR;
}

void
smbiosread(Smbiosseen *s)
{
	*s = (Smbiosseen){.memory = NOTINMAP};
}

void
devicesread(Evidence *e)
{
	e->ndevice = 0;
}

static EFI_STATUS
takepages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n,
    EFI_PHYSICAL_ADDRESS *pa)
{
	if (how != AllocateAnyPages || type > EfiBootServicesData)
		panic("pages of type %d, by way %d", (int)type, (int)how);
	if (fakeaudit.nopages)
		return EFI_OUT_OF_RESOURCES;
	fakeaudit.npages += n;
	*pa = (uintptr_t)aligned_alloc(BY2PG, n * BY2PG);
	return EFI_SUCCESS;
}

static EFI_STATUS
givepages(EFI_PHYSICAL_ADDRESS pa, UINTN n)
{
	free((void *)(uintptr_t)pa);
	fakeaudit.npages -= n;
	return EFI_SUCCESS;
}

/* By fakefw's own, where all is of one type. */
static EFI_STATUS (*takepool)(EFI_MEMORY_TYPE type, UINTN size, VOID **p);

static EFI_STATUS
takesample(EFI_MEMORY_TYPE type, UINTN size, VOID **p)
{
	enum { SAMPLE = 64 };

	if (fakeaudit.nopool && size == SAMPLE)
		return EFI_OUT_OF_RESOURCES;
	if (type != EfiLoaderData && size != SAMPLE)
		panic("%zu bytes of type %d", (size_t)size, (int)type);
	return takepool(EfiLoaderData, size, p);
}

static void
knows(void *p, size_t size)
{
	paddr_t pa = ROUNDDOWN((uintptr_t)p, BY2PG);

	fakedesc(4, pa, (PGROUND((uintptr_t)p + size) - pa) / BY2PG, 0xf);
}

void
fakeauditstart(void)
{
	memset(&fakeaudit, 0, sizeof fakeaudit);
	memset(image, 0, sizeof image);
	memset(attributes, 0, sizeof attributes);
	fakestart();
	takepool = fakeservices.AllocatePool;
	fakeservices.AllocatePool = takesample;
	fakeservices.AllocatePages = takepages;
	fakeservices.FreePages = givepages;
	fakeaudit.regs = (Cpuregs){.cr0 = 1ull << 16, .efer = 1ull << 11};
	cpu.physbits = 52;
	knows(image, sizeof image);
	knows(attributes, sizeof attributes);
	knows(fakeaudit.hobs, sizeof fakeaudit.hobs);
}

void
fakeleaf(uintptr_t va, paddr_t pa, size_t size, pte_t flags)
{
	if (fakeaudit.nleaves == nelem(fakeaudit.leaves))
		panic("more than %zu pages", fakeaudit.nleaves);
	fakeaudit.leaves[fakeaudit.nleaves++] = (Leaf){va, pa, size, flags};
}

static void
put(uint8_t *p, size_t at, uint32_t v, size_t size)
{
	memcpy(p + at, &v, size);
}

uint8_t *
fakeimage(size_t nsection)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	loaded =
	    (EFI_LOADED_IMAGE){.ImageBase = image, .ImageSize = FAKEIMAGESIZE};
	fakeprotocol(fw.image, guid, &loaded);
	memcpy(image, "MZ", 2);
	put(image, 0x3c, FAKEPE, 4);
	memcpy(image + FAKEPE, "PE\0\0", 4);
	put(image, FAKEPE + 6, (uint32_t)nsection, 2);
	put(image, FAKEPE + 20, FAKESECTIONS - FAKEPE - 24, 2);
	put(image, FAKEPE + 24 + 32, BY2PG, 4);
	return image;
}

void
fakesection(uint8_t *p, size_t n, uint32_t rva, uint32_t size, uint32_t raw,
    uint32_t flags)
{
	uint8_t *s = p + FAKESECTIONS + n * 40;

	put(s, 8, size, 4);
	put(s, 12, rva, 4);
	put(s, 16, raw, 4);
	put(s, 36, flags, 4);
}

/* Its name is that of no stack. */
void
fakehob(uint16_t type, uint16_t length, uint64_t base, uint64_t size)
{
	EFI_GUID guid = HOBLIST;
	uint8_t *p = fakeaudit.hobs + fakeaudit.hobsize;

	if (fakeaudit.hobsize == 0)
		fakeconfig(guid, fakeaudit.hobs);
	memcpy(p, &type, 2);
	memcpy(p + 2, &length, 2);
	if (length >= 40) {
		memcpy(p + 24, &base, 8);
		memcpy(p + 32, &size, 8);
	}
	fakeaudit.hobsize += length < 8 || length > 256 ? 8 : length;
}

void
fakehobstack(uint64_t base, uint64_t size)
{
	const EFI_GUID stack = STACKHOB;
	uint8_t *p = fakeaudit.hobs + fakeaudit.hobsize;

	fakehob(2, 48, base, size);
	memcpy(p + 8, &stack, sizeof stack);
}

void
fakehobshort(void)
{
	put(fakeaudit.hobs, fakeaudit.hobsize - 48 + 2, 40, 2);
}

void
fakeattributes(uint32_t version, uint32_t n, uint32_t stride)
{
	EFI_GUID guid = MEMORYATTRIBUTES;
	Memoryattributes head = {version, n, stride, 0};
	uint8_t *table = attributes + fakeaudit.skew;

	memcpy(table, &head, sizeof head);
	for (size_t i = 0; i < 3 && stride <= 256; i++)
		efidesc(table + sizeof head + i * stride, 6, (3 - i) * BY2PG, 1,
		    1ull << 63);
	fakeconfig(guid, table);
}

EFI_STATUS
fakenohandles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key, UINTN *n,
    EFI_HANDLE **list)
{
	(void)how;
	(void)guid;
	(void)key;
	(void)n;
	(void)list;
	return EFI_NOT_FOUND;
}
