/*
 * installed.c - see installed.h.
 *
 * Nothing is read but memory that the map knows, as with ACPI's tables; and
 * where a PC's firmware has kept such tables since before there was a map,
 * which boards still do without a word of it there.
 */
#include "installed.h"
#include "../firmware.h"
#include "acpi.h"
#include "hooks.h"
#include "smbios.h"

/* How many bytes can be read there: firmware maps memory where it is. */
static uint64_t
readable(const Efimap *map, paddr_t pa)
{
	paddr_t end = pa;

	for (uint64_t n = 1; n != 0; end += n) {
		bool bios = end >= BIOSAREA && end < MiB;

		n = MAX(mapknows(map, end), bios ? MiB - end : 0);
	}
	return end - pa;
}

/* What keeps the structures from being read, or NULL. */
static const char *
fault(const Efimap *map, const uint8_t *entry, Smbios *s)
{
	if (map == NULL)
		return "there is no memory map to look it up in";
	uint64_t room = readable(map, (uintptr_t)entry);
	if (room == 0)
		return "its entry point is in no memory of the map";
	if (!smbiosentry(entry, room, s))
		return "its entry point is damaged";
	room = readable(map, s->table);
	if (room == 0)
		return "its structures are in no memory of the map";
	if (s->size > room &&
	    (s->exact ||
		!smbiosends((const uint8_t *)(uintptr_t)s->table, room)))
		return "its structures do not end in the memory that they "
		       "are in";
	return NULL;
}

/* What these structures say; who says how much is the one to be asked. */
static void
take(Installed *in, const Smbios *s)
{
	in->bytes = smbiosmemory((const uint8_t *)(uintptr_t)s->table, s->size);
	if (!in->good || in->bytes != 0)
		in->table = s->table;
	in->good = true;
}

Installed
installedread(const Efimap *map)
{
	EFI_GUID guid[] = {SMBIOS3_TABLE_GUID, SMBIOS_TABLE_GUID};
	Installed in = {.there = false};
	Smbios s;

	for (size_t i = 0; i < nelem(guid); i++) {
		const uint8_t *entry = configtable(guid[i]);

		if (entry == NULL)
			continue;
		in.there = true;
		const char *why = fault(map, entry, &s);
		if (why == NULL && in.bytes == 0)
			take(&in, &s);
		if (why != NULL && in.why == NULL) {
			in.why = why;
			in.wrong = (uintptr_t)entry;
		}
	}
	return in;
}

uint64_t
installedmemory(void)
{
	Rawmap m;
	bool mapped = getmap(&m);
	Efimap map = efimapof(&m);
	Installed in = installedread(mapped ? &map : NULL);

	fwfree(m.desc);
	if (in.why != NULL)
		print("mem9: SMBIOS at %#jx: %s: ignored\n", in.wrong, in.why);
	return in.bytes;
}
