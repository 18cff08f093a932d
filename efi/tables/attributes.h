/*
 * attributes.h - where firmware's memory attributes table is, and whether its
 * entries can be read (UEFI Specification 2.10, 4.6.4).
 */
#ifndef ATTRIBUTES_H
#define ATTRIBUTES_H

#include "efimap.h"
#include "types.h"

typedef struct Attributes Attributes;

/* Of who knows the map; of what is not there, 0. */
struct Attributes {
	bool there; /* one is named */
	bool head;  /* which can be read, and says: */
	uint32_t version;
	uint32_t n;      /* descriptors, */
	uint32_t stride; /* so many bytes apart */
	uint64_t room;   /* bytes that the map knows behind it */
	const uint8_t *table;
	const uint8_t *entries; /* of n * stride bytes; NULL: they cannot be */
	const char *why;        /* read, why not */
};

Attributes attributesread(const Efimap *map);

#endif
