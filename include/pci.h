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
	size_t usb;                    /* of both: USB controllers */
	uint32_t name[BUSMASTERNAMES]; /* of the first of both: see pciname */
};

/*
 * Take bus mastering from every function but bridges, displays and IOMMUs: by
 * ports, which reach segment 0 of most machines; then, of these buses, through
 * memory, what the ports did not reach.
 */
void pciquietports(Busmasters *m);
void pciquietmapped(const Pcibuses *buses, size_t n, Busmasters *m);

/*
 * The first, before any RAM is written to; the second, after mmuinit, with the
 * "mem9: busmaster" line, and what that means for a keyboard.
 */
void busmastersoff(void);
void busmastersrest(void);

/* Which of its IOMMUs translate: the "mem9: iommu" line, if there are any. */
void iommulook(void);

#endif
