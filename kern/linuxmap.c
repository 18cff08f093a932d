/*
 * linuxmap.c - see linuxmap.h.
 *
 * By type and attributes alone: boot services' and the loader's memory is RAM
 * by then, and RAM that is not write-back is none; what is for a special
 * purpose is left to a driver. UEFI 2.10, 7.2.3.
 */
#include "linuxmap.h"
#include "handed.h"
#include "hooks.h"

enum {
	LOADERCODE = 1,
	SERVICESDATA = 4,
	CONVENTIONAL = 7,
	UNUSABLE = 8,
	ACPIRECLAIM = 9,
	ACPINVS = 10,
	PERSISTENT = 14,
	UNACCEPTED = 15,
};

#define ATTRWB (1ull << 3)
#define ATTRSPECIAL (1ull << 18)

static const char *
nameof(const Efidesc *d)
{
	switch (d->type) {
	case UNUSABLE:
		return "unusable";
	case ACPIRECLAIM:
		return "ACPI data";
	case ACPINVS:
		return "ACPI NVS";
	case PERSISTENT:
		return "persistent (type 7)";
	case UNACCEPTED:
		return "usable";
	}
	if ((d->type < LOADERCODE || d->type > SERVICESDATA) &&
	    d->type != CONVENTIONAL)
		return "reserved";
	if (d->attr & ATTRSPECIAL)
		return "soft reserved";
	return d->attr & ATTRWB ? "usable" : "reserved";
}

/* The lowest descriptor that has pages and begins at pa or above. */
static bool
nextdesc(const Efimap *map, paddr_t pa, Efidesc *next)
{
	bool found = false;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (d.npages == 0 || d.base < pa ||
		    (found && d.base >= next->base))
			continue;
		*next = d;
		found = true;
	}
	return found;
}

static void
line(const char *name, paddr_t pa, paddr_t end)
{
	if (name != NULL)
		print(
		    "BIOS-e820: [mem %#018jx-%#018jx] %s\n", pa, end - 1, name);
}

void
linuxmap(void)
{
	Efimap map = handedmap();
	const char *name = NULL; /* of what has not been printed yet */
	paddr_t pa = 0;
	paddr_t end = 0;
	Efidesc d;

	for (paddr_t from = 0; nextdesc(&map, from, &d); from = d.base + 1) {
		if (name != nameof(&d) || d.base != end) {
			line(name, pa, end);
			name = nameof(&d);
			pa = d.base;
		}
		end = d.base + d.npages * BY2PG;
	}
	line(name, pa, end);
}
