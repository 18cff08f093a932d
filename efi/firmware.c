/*
 * firmware.c - firmware's handles, its pool memory, texts, tables and map.
 */
#include "firmware.h"
#include "cpu.h"
#include "forms.h"
#include "hooks.h"

/* Room for what the allocation of the buffer itself adds to the map. */
enum { SLACK = 16, TRIES = 8, GUESS = 48 };

Firmware fw;

void *
protocol(EFI_HANDLE handle, EFI_GUID guid)
{
	void *p = NULL;

	if (handle == NULL ||
	    EFI_ERROR(fw.bs->HandleProtocol(handle, &guid, &p)))
		return NULL;
	return p;
}

void *
anyprotocol(EFI_GUID guid)
{
	void *p = NULL;

	return EFI_ERROR(fw.bs->LocateProtocol(&guid, NULL, &p)) ? NULL : p;
}

static bool
sameguid(const EFI_GUID *a, EFI_GUID b)
{
	return memcmp(a, &b, sizeof b) == 0;
}

void *
configtable(EFI_GUID guid)
{
	EFI_CONFIGURATION_TABLE *t = fw.st->ConfigurationTable;

	for (UINTN i = 0; i < fw.st->NumberOfTableEntries; i++)
		if (sameguid(&t[i].VendorGuid, guid))
			return t[i].VendorTable;
	return NULL;
}

void *
fwtake(size_t size)
{
	void *p = NULL;

	if (EFI_ERROR(fw.bs->AllocatePool(EfiLoaderData, size, &p)))
		return NULL;
	return p;
}

void
fwfree(void *p)
{
	if (p != NULL)
		fw.bs->FreePool(p);
}

/* What readers of saved maps take. */
void *
formstake(size_t size)
{
	return fwtake(size);
}

void
formsfree(void *p)
{
	fwfree(p);
}

bool
narrow(const CHAR16 *s, size_t n, char *text, size_t size)
{
	size_t i = 0;

	for (; i < n && s[i] != 0; i++) {
		if (i == size - 1)
			break;
		text[i] = s[i] >= ' ' && s[i] < 0x7f ? (char)s[i] : '?';
		if (text[i] != (char)s[i] || s[i] > 0x7e)
			break;
	}
	text[i] = '\0';
	return i == n || s[i] == 0;
}

bool
getmap(Rawmap *m)
{
	uint32_t version = 0;
	EFI_STATUS r = EFI_BUFFER_TOO_SMALL;

	*m = (Rawmap){NULL, 0, 0, 0};
	for (int tries = 0; tries < TRIES && r == EFI_BUFFER_TOO_SMALL;
	     tries++) {
		UINTN size = m->size + SLACK * m->stride;

		fwfree(m->desc);
		m->desc = size != 0 ? fwtake(size) : NULL;
		if (size != 0 && m->desc == NULL) {
			print("mem9: no memory for a map of %zu bytes\n",
			    (size_t)size);
			return false;
		}
		m->size = size;
		r = fw.bs->GetMemoryMap((UINTN *)&m->size,
		    (EFI_MEMORY_DESCRIPTOR *)m->desc, (UINTN *)&m->key,
		    (UINTN *)&m->stride, &version);
		if (r == EFI_BUFFER_TOO_SMALL && m->stride == 0)
			m->stride = GUESS;
	}
	if (!EFI_ERROR(r))
		return true;
	print(
	    "mem9: firmware gives no memory map: status %#jx\n", (uintmax_t)r);
	fwfree(m->desc);
	m->desc = NULL;
	return false;
}

Efimap
efimapof(const Rawmap *m)
{
	return (Efimap){
	    .desc = m->desc,
	    .size = m->size,
	    .stride = m->stride,
	    .physbits = cpu.physbits,
	};
}

uint64_t
mapknows(const Efimap *map, paddr_t pa)
{
	size_t n = efimapcount(map);
	size_t left = n; /* that may go on where the last one ended */
	paddr_t end = pa;

	/* Once, or twice, if they are sorted; one that wraps is none. */
	for (size_t i = 0; left > 0; i = i + 1 < n ? i + 1 : 0) {
		Efidesc d = efimapdesc(map, i);

		left--;
		if (end >= d.base && (end - d.base) / BY2PG < d.npages &&
		    d.npages <= (NOADDR - d.base) / BY2PG) {
			end = d.base + d.npages * BY2PG;
			left = n;
		}
	}
	return end - pa;
}
