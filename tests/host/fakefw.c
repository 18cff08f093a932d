/*
 * fakefw.c - see fakefw.h.
 *
 * cpu is here, as nothing identifies one.
 *
 * needs: efi/firmware.c
 */
#include "fakefw.h"
#include "cpu.h"
#include "efidesc.h"
#include "hooks.h"
#include "host.h"
#include "../../efi/firmware.h"

#include <stdlib.h>

enum { MAXITEMS = 16, NWIDE = 8, WIDELEN = 9000 };

typedef struct Item Item;

struct Item {
	EFI_HANDLE handle;
	EFI_GUID guid;
	void *p;
};

Cpu cpu;
Fakefw fakefw;
EFI_SYSTEM_TABLE fakesystem;
EFI_BOOT_SERVICES fakeservices;

static Item items[MAXITEMS];
static size_t nitems;
static EFI_CONFIGURATION_TABLE configs[MAXITEMS];

static EFI_STATUS
find(EFI_HANDLE handle, EFI_GUID *guid, void **p)
{
	for (size_t i = 0; i < nitems; i++)
		if (items[i].handle == handle &&
		    memcmp(&items[i].guid, guid, sizeof *guid) == 0) {
			*p = items[i].p;
			return EFI_SUCCESS;
		}
	return EFI_UNSUPPORTED;
}

static EFI_STATUS
locate(EFI_GUID *guid, VOID *key, VOID **p)
{
	(void)key;
	return find(NULL, guid, p);
}

static EFI_STATUS
takepool(EFI_MEMORY_TYPE type, UINTN size, VOID **p)
{
	if (fakefw.pool == fakefw.most)
		return EFI_OUT_OF_RESOURCES;
	if (type != EfiLoaderData)
		panic("pool memory of type %d", (int)type);
	*p = malloc(size);
	fakefw.pool++;
	return EFI_SUCCESS;
}

static EFI_STATUS
freepool(VOID *p)
{
	if (fakefw.pool == 0)
		panic("freed more than was taken");
	free(p);
	fakefw.pool--;
	return EFI_SUCCESS;
}

/* All handles of a protocol but the console's. */
static EFI_STATUS
handlesof(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key, UINTN *n,
    EFI_HANDLE **list)
{
	EFI_HANDLE *h = NULL;

	(void)key;
	if (how != ByProtocol)
		panic("handles by another way, %d", (int)how);
	if (EFI_ERROR(
		takepool(EfiLoaderData, sizeof *h * MAXITEMS, (void **)&h)))
		return EFI_OUT_OF_RESOURCES;
	*n = 0;
	for (size_t i = 0; i < nitems; i++)
		if (memcmp(&items[i].guid, guid, sizeof *guid) == 0 &&
		    items[i].handle != fakesystem.ConsoleOutHandle)
			h[(*n)++] = items[i].handle;
	*list = h;
	return EFI_SUCCESS;
}

static EFI_STATUS
getmemorymap(UINTN *size, EFI_MEMORY_DESCRIPTOR *desc, UINTN *key,
    UINTN *stride, UINT32 *version)
{
	size_t room = *size;

	fakefw.mapcalls++;
	fakefw.mapsize += fakefw.growth;
	if (EFI_ERROR(fakefw.status))
		return fakefw.status;
	*size = fakefw.mapsize;
	if (room < fakefw.mapsize) {
		*stride = fakefw.shy ? 0 : fakefw.stride;
		return EFI_BUFFER_TOO_SMALL;
	}
	if (fakefw.mapsize > 0)
		memcpy(desc, fakefw.map, fakefw.mapsize);
	*stride = fakefw.stride;
	*key = 1;
	*version = 1;
	return EFI_SUCCESS;
}

static EFI_STATUS
output(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *s)
{
	(void)out;
	for (; *s != 0; s++) {
		if (*s > 0xff || fakefw.nsaid + 1 >= FAKESAID)
			panic("%#x on the console", (unsigned)*s);
		fakefw.said[fakefw.nsaid++] = (char)*s;
	}
	fakefw.said[fakefw.nsaid] = '\0';
	return EFI_SUCCESS;
}

void
fakestart(void)
{
	static SIMPLE_TEXT_OUTPUT_INTERFACE out;

	out = (SIMPLE_TEXT_OUTPUT_INTERFACE){.OutputString = output};
	memset(&fakefw, 0, sizeof fakefw);
	fakefw.stride = 48;
	fakefw.most = SIZE_MAX;
	nitems = 0;
	fakeservices = (EFI_BOOT_SERVICES){.HandleProtocol = find,
	    .LocateProtocol = locate,
	    .LocateHandleBuffer = handlesof,
	    .AllocatePool = takepool,
	    .FreePool = freepool,
	    .GetMemoryMap = getmemorymap};
	fakesystem = (EFI_SYSTEM_TABLE){.BootServices = &fakeservices,
	    .ConOut = &out,
	    .ConfigurationTable = configs};
	fw = (Firmware){(EFI_HANDLE)1, &fakesystem, &fakeservices};
}

void
fakedesc(uint32_t type, paddr_t base, uint64_t npages, uint64_t attr)
{
	if (fakefw.mapsize + fakefw.stride > sizeof fakefw.map)
		panic("more than %zu bytes of map", sizeof fakefw.map);
	efidesc(fakefw.map + fakefw.mapsize, type, base, npages, attr);
	fakefw.mapsize += fakefw.stride;
}

int
fakeended(void **state)
{
	(void)state;
	hostloud();
	return fakefw.pool == 0 ? 0 : -1;
}

void
fakeprotocol(EFI_HANDLE handle, EFI_GUID guid, void *interface)
{
	if (nitems == MAXITEMS)
		panic("more than %d protocols", MAXITEMS);
	items[nitems++] = (Item){handle, guid, interface};
}

void
fakeconfig(EFI_GUID guid, void *table)
{
	if (fakesystem.NumberOfTableEntries == MAXITEMS)
		panic("more than %d tables", MAXITEMS);
	configs[fakesystem.NumberOfTableEntries++] =
	    (EFI_CONFIGURATION_TABLE){guid, table};
}

CHAR16 *
wide(const char *s)
{
	static CHAR16 text[NWIDE][WIDELEN];
	static size_t next;
	CHAR16 *to = text[next++ % NWIDE];
	size_t n = 0;

	for (; s[n] != '\0' && n < WIDELEN - 1; n++)
		to[n] = (CHAR16)(uint8_t)s[n];
	to[n] = 0;
	return to;
}
