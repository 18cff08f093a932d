/*
 * attributes.h - where firmware's memory attributes table is, and whether its
 * entries can be read (UEFI Specification 2.10, 4.6.4).
 */
#ifndef ATTRIBUTES_H
#define ATTRIBUTES_H

#include "efimap.h"
#include "types.h"

typedef struct Attributes Attributes;

/* What cannot be known is 0, or NULL. */
struct Attributes {
	bool there; /* one is named: */
	const uint8_t *table;
	bool head; /* its head is in memory of the map, and says: */
	uint32_t version;
	uint32_t n;             /* descriptors, */
	uint32_t stride;        /* so many bytes apart */
	uint64_t room;          /* bytes of that memory behind the head */
	const uint8_t *entries; /* there, n * stride bytes that can be read */
	const char *why;        /* or why they cannot */
};

Attributes attributesread(const Efimap *map);

#endif
