/*
 * rsdp.c - the root pointer of ACPI where firmware does not name it.
 *
 * ACPI Specification 6.4, 5.2.5.1 (at a multiple of 16 bytes) and 5.2.5.3.
 */
#include "acpi.h"
#include "hooks.h"

enum { STEP = 16, REVISION = 15, LENGTH = 20, SIZE = 20, XSIZE = 36 };

bool
addsup(const uint8_t *p, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += p[i];
	return sum == 0;
}

/* From revision 2 on it is longer, and that adds up too. */
static bool
isrsdp(const uint8_t *p, size_t size)
{
	if (size < SIZE || memcmp(p, "RSD PTR ", 8) != 0 || !addsup(p, SIZE))
		return false;
	if (p[REVISION] < 2)
		return true;
	return size >= XSIZE && p[LENGTH] == XSIZE && addsup(p, XSIZE);
}

const uint8_t *
rsdpscan(const uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size; i += STEP)
		if (isrsdp(p + i, size - i))
			return p + i;
	return NULL;
}
