/*
 * iommu.c - does something translate what devices do to memory?
 *
 * Intel Virtualization Technology for Directed I/O, 11.4.4.2 (Global Status,
 * TES). AMD I/O Virtualization Technology, 3.4.1 (Control, IommuEn). Looked at
 * only: whoever writes a driver has to know.
 */
#include "pci.h"
#include "hooks.h"
#include "mmu.h"

enum { GSTS = 0x1c, TES = 31, CONTROL = 0x18, IOMMUEN = 0 };

static bool
translates(const Iommus *u, const volatile uint8_t *regs)
{
	bool dmar = u->table == IOMMUDMAR;
	uint32_t v =
	    *(const volatile uint32_t *)(regs + (dmar ? GSTS : CONTROL));

	return v >> (dmar ? TES : IOMMUEN) & 1;
}

void
iommulook(void)
{
	const Iommus *u = &bootinfo->iommus;
	size_t lost = u->lost;
	size_t on = 0;

	if (u->table == IOMMUNONE)
		return;
	for (size_t i = 0; i < u->n; i++) {
		void *regs = vmap(u->unit[i], BY2PG, PTEUC);

		if (regs == NULL) {
			lost++;
			continue;
		}
		on += translates(u, regs);
		vunmap(regs, BY2PG);
	}
	print("mem9: iommu table=%s units=%zu lost=%zu translating=%zu\n",
	    u->table == IOMMUDMAR ? "DMAR" : "IVRS", u->n, lost, on);
	if (on != 0)
		print("firmware left an IOMMU on: devices reach only the "
		      "memory that its tables name\n");
}
