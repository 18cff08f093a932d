/*
 * buses.c - see buses.h.
 *
 * PCI Firmware Specification 3.2, 4.1.2 (MCFG). Intel Virtualization Technology
 * for Directed I/O, 8.1 and 8.3 (DMAR, DRHD). AMD I/O Virtualization
 * Technology, 5.2.1 and 5.2.2 (IVRS, IVHD: one unit may have several).
 */
#include "buses.h"
#include "acpi.h"
#include "hooks.h"

enum {
	MCFGHEAD = 44,
	MCFGENTRY = 16,

	UNITSHEAD = 48, /* of DMAR and IVRS */
	UNITBASE = 8,
	UNITSIZE = 16, /* as far as it is read */
	DRHD = 0,
	IVHD10 = 0x10,
	IVHD11 = 0x11,
	IVHD40 = 0x40,
};

size_t
mcfgread(const uint8_t *t, size_t size, Pcibuses *buses)
{
	size_t n = 0;

	for (size_t i = MCFGHEAD; i + MCFGENTRY <= size && n < MOSTPCI;
	     i += MCFGENTRY) {
		Pcibuses b = {.pa = numberat(t, i, 8),
		    .segment = (uint16_t)numberat(t, i + 8, 2),
		    .first = t[i + 10],
		    .last = t[i + 11]};

		if (b.pa != 0 && b.pa % MiB == 0 && b.first <= b.last)
			buses[n++] = b;
	}
	return n;
}

static void
add(Iommus *u, paddr_t unit)
{
	if (unit == 0 || unit % BY2PG != 0)
		return;
	for (size_t i = 0; i < u->n; i++)
		if (u->unit[i] == unit)
			return;
	if (u->n == MOSTIOMMU)
		u->lost++;
	else
		u->unit[u->n++] = unit;
}

void
dmarread(const uint8_t *t, size_t size, Iommus *u)
{
	size_t n = 0;

	*u = (Iommus){.table = IOMMUDMAR};
	for (size_t i = UNITSHEAD; i + UNITSIZE <= size; i += n) {
		n = numberat(t, i + 2, 2);
		if (n < 4)
			return;
		if (numberat(t, i, 2) == DRHD && n >= UNITSIZE)
			add(u, numberat(t, i + UNITBASE, 8));
	}
}

void
ivrsread(const uint8_t *t, size_t size, Iommus *u)
{
	size_t n = 0;

	*u = (Iommus){.table = IOMMUIVRS};
	for (size_t i = UNITSHEAD; i + UNITSIZE <= size; i += n) {
		uint8_t type = t[i];

		n = numberat(t, i + 2, 2);
		if (n < 4)
			return;
		if ((type == IVHD10 || type == IVHD11 || type == IVHD40) &&
		    n >= UNITSIZE)
			add(u, numberat(t, i + UNITBASE, 8));
	}
}
