/*
 * pci.h - devices that could still write to memory on firmware's behalf.
 */
#ifndef PCI_H
#define PCI_H

#include "bootinfo.h"

enum { BUSMASTERNAMES = 64 };

typedef struct Busmasters Busmasters;
struct Busmasters {
	size_t functions;              /* seen */
	size_t off;                    /* were bus masters, and are no more */
	size_t stuck;                  /* are bus masters all the same */
	uint32_t name[BUSMASTERNAMES]; /* of the first of both: see pciname */
};

/*
 * Take bus mastering from every function of these buses and of segment 0 but
 * bridges, displays and IOMMUs. By ports where they answer.
 */
void pciquiet(const Pcibuses *buses, size_t n, Busmasters *m);

/* That, of this machine, with the "mem9: busmaster" line. After mmuinit. */
void busmastersoff(void);

/* Which of its IOMMUs translate: the "mem9: iommu" line, if there are any. */
void iommulook(void);

#endif
