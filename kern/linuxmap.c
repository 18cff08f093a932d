/*
 * linuxmap.c - see linuxmap.h.
 *
 * From one end of any descriptor to the next the highest type of those around
 * wins. They are looked through once for each piece: there are some hundreds.
 */
#include "linuxmap.h"
#include "handed.h"
#include "hooks.h"
#include "linuxtype.h"

/* Of one type, up to where that may change. */
typedef struct Piece Piece;
struct Piece {
	uint32_t type;
	paddr_t end;
};

static const char *
wordof(uint32_t type)
{
	switch (type) {
	case E820RAM:
		return "usable";
	case E820RESERVED:
		return "reserved";
	case E820SOFT:
		return "soft reserved";
	case E820ACPI:
		return "ACPI data";
	case E820NVS:
		return "ACPI NVS";
	case E820UNUSABLE:
		return "unusable";
	default:
		return "persistent (type 7)";
	}
}

/* What is at pa, and how far; one that wraps is nowhere. */
static Piece
pieceat(const Efimap *map, paddr_t pa)
{
	Piece p = {NOTYPE, NOADDR};

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (d.npages > (NOADDR - d.base) / BY2PG)
			continue;
		paddr_t end = d.base + d.npages * BY2PG;
		if (d.base > pa)
			p.end = MIN(p.end, d.base);
		else if (end > pa) {
			p.end = MIN(p.end, end);
			p.type = MAX(p.type, linuxtypeof(d.type, d.attr));
		}
	}
	return p;
}

static void
line(uint32_t type, paddr_t pa, paddr_t end)
{
	if (type != NOTYPE)
		print("BIOS-e820: [mem %#018jx-%#018jx] %s\n", pa, end - 1,
		    wordof(type));
}

void
linuxmap(void)
{
	Efimap map = handedmap();
	uint32_t type = NOTYPE; /* of what has not been printed yet */
	paddr_t from = 0;
	Piece p;

	for (paddr_t pa = 0; pa != NOADDR; pa = p.end) {
		p = pieceat(&map, pa);
		if (p.type == type)
			continue;
		line(type, from, pa);
		type = p.type;
		from = pa;
	}
}
