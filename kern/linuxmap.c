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

/* What Linux takes it for, in its words; NOTHING is none of them. */
enum kind { NOTHING, USABLE, RESERVED, SOFT, ACPI, NVS, BAD, PMEM, NKIND };

static const char *const words[NKIND] = {
    [USABLE] = "usable",
    [RESERVED] = "reserved",
    [SOFT] = "soft reserved",
    [ACPI] = "ACPI data",
    [NVS] = "ACPI NVS",
    [BAD] = "unusable",
    [PMEM] = "persistent (type 7)",
};

static enum kind
kindof(const Efidesc *d)
{
	switch (d->type) {
	case UNUSABLE:
		return BAD;
	case ACPIRECLAIM:
		return ACPI;
	case ACPINVS:
		return NVS;
	case PERSISTENT:
		return PMEM;
	case UNACCEPTED:
		return USABLE;
	}
	if ((d->type < LOADERCODE || d->type > SERVICESDATA) &&
	    d->type != CONVENTIONAL)
		return RESERVED;
	if (d->attr & ATTRSPECIAL)
		return SOFT;
	return d->attr & ATTRWB ? USABLE : RESERVED;
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
line(enum kind kind, paddr_t pa, paddr_t end)
{
	if (kind != NOTHING)
		print("BIOS-e820: [mem %#018jx-%#018jx] %s\n", pa, end - 1,
		    words[kind]);
}

void
linuxmap(void)
{
	Efimap map = handedmap();
	enum kind kind = NOTHING; /* of what has not been printed yet */
	paddr_t pa = 0;
	paddr_t end = 0;
	Efidesc d;

	for (paddr_t from = 0; nextdesc(&map, from, &d); from = d.base + 1) {
		if (kind != kindof(&d) || d.base != end) {
			line(kind, pa, end);
			kind = kindof(&d);
			pa = d.base;
		}
		end = d.base + d.npages * BY2PG;
	}
	line(kind, pa, end);
}
