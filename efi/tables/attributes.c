/*
 * attributes.c - see attributes.h.
 */
#include "attributes.h"
#include "../firmware.h"
#include "hooks.h"

enum { MOSTATTRIBUTES = 16384 };

/* What keeps the entries from being read, or NULL. */
static const char *
fault(const Attributes *a)
{
	if (a->stride < EFISTRIDEMIN || a->stride > EFISTRIDEMAX)
		return "its entries have no size that can be";
	if ((uint64_t)a->n * a->stride > a->room)
		return "it is longer than the memory that it is in";
	return a->n > MOSTATTRIBUTES ? "it has more entries than mem9 reads"
				     : NULL;
}

Attributes
attributesread(const Efimap *map)
{
	EFI_GUID guid = MEMORYATTRIBUTES;
	Memoryattributes head; /* which need not be aligned */
	Attributes a = {.table = configtable(guid)};

	if (a.table == NULL)
		return a;
	a.there = true;
	uint64_t room = mapknows(map, (uintptr_t)a.table);
	a.head = room >= sizeof head;
	if (!a.head) {
		a.why = "it is in no memory of the map";
		return a;
	}
	memcpy(&head, a.table, sizeof head);
	a.version = head.version;
	a.n = head.n;
	a.stride = head.stride;
	a.room = room - sizeof head;
	a.why = fault(&a);
	if (a.why == NULL)
		a.entries = a.table + sizeof head;
	return a;
}
