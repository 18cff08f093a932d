/*
 * acpi.c - ACPI tables, found and believed.
 *
 * Read while firmware is alive, as it may keep the tables in memory that
 * becomes RAM. A table is believed if the memory map knows its memory, its
 * signature is right and its bytes add up to 0. ACPI Specification 6.4: 5.2.5
 * (RSDP, and the memory to look for it in), 5.2.6 (headers).
 */
#include "acpi.h"
#include "../firmware.h"
#include "hooks.h"

enum { MAXTABLE = 16 * 1024 * 1024 };

/* The memory map, for as long as tables are read, and the root of them. */
static Rawmap map;
static const uint8_t *rsdp;

/* Does one descriptor of the map hold all of these bytes? */
static bool
known(const void *p, size_t size)
{
	Efimap m = efimapof(&map);

	return p != NULL && size <= mapknows(&m, (uintptr_t)p);
}

static size_t
length(const uint8_t *table)
{
	return numberat(table, TABLELENGTH, 4);
}

static bool
believed(const uint8_t *t, const char *signature)
{
	return known(t, TABLEHEADER) && memcmp(t, signature, 4) == 0 &&
	       length(t) >= TABLEHEADER && length(t) <= MAXTABLE &&
	       known(t, length(t)) && addsup(t, length(t));
}

/* The root table of addresses, and how wide those are; NULL if there is none.
 */
static const uint8_t *
root(size_t *width)
{
	bool wide = rsdp[RSDPREVISION] >= 2 && numberat(rsdp, RSDPXSDT, 8) != 0;
	const uint8_t *sdt = NULL;

	*width = wide ? 8 : 4;
	sdt =
	    (const uint8_t *)numberat(rsdp, wide ? RSDPXSDT : RSDPRSDT, *width);
	return believed(sdt, wide ? "XSDT" : "RSDT") ? sdt : NULL;
}

const uint8_t *
acpiat(uint64_t addr, const char *signature, size_t *size)
{
	const uint8_t *t = (const uint8_t *)addr;

	if (!believed(t, signature))
		return NULL;
	*size = length(t);
	return t;
}

const uint8_t *
acpitable(const char *signature, size_t *size)
{
	size_t width = 0;
	const uint8_t *sdt = rsdp != NULL ? root(&width) : NULL;

	if (sdt == NULL)
		return NULL;
	for (size_t i = TABLEHEADER; i + width <= length(sdt); i += width) {
		const uint8_t *t =
		    acpiat(numberat(sdt, i, width), signature, size);

		if (t != NULL)
			return t;
	}
	return NULL;
}

/* Where firmware says that it is, if that can be believed. */
static const uint8_t *
named(EFI_GUID guid)
{
	const uint8_t *p = configtable(guid);

	if (p == NULL || !known(p, RSDPSIZE) || memcmp(p, "RSD PTR ", 8) != 0 ||
	    !addsup(p, RSDPSIZE) ||
	    (p[RSDPREVISION] >= 2 && !known(p, RSDPXSIZE)))
		return NULL;
	return p;
}

bool
acpiopen(void)
{
	EFI_GUID acpi2 = ACPI_20_TABLE_GUID;
	EFI_GUID acpi1 = ACPI_TABLE_GUID;

	rsdp = NULL;
	if (!getmap(&map))
		return false;
	rsdp = named(acpi2);
	if (rsdp == NULL)
		rsdp = named(acpi1);
	if (rsdp == NULL)
		rsdp = rsdpscan((const uint8_t *)BIOSAREA, MiB - BIOSAREA);
	return rsdp != NULL;
}

void
acpiclose(void)
{
	fwfree(map.desc);
	map.desc = NULL;
	rsdp = NULL;
}
