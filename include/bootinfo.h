/*
 * bootinfo.h - all that efi/ tells the rest, in one plain structure.
 *
 * It lies at the start of the hand-over part of the block. Physical addresses
 * and offsets from its own first byte, no pointers: what a pointer means
 * changes at the takeover, an offset does not.
 *
 *	block  [ image copy | stacks | first page tables | hand-over ]
 *	         KZERO        STACKS   DMAP + pa           VMAP
 */
#ifndef BOOTINFO_H
#define BOOTINFO_H

#include "kept.h"
#include "options.h"

typedef struct Bootinfo Bootinfo;
typedef struct Part Part;
typedef struct Fb Fb;
typedef struct Poweroff Poweroff;
typedef struct Pcibuses Pcibuses;
typedef struct Iommus Iommus;

/* A page-aligned part of the block. */
struct Part {
	paddr_t pa;
	size_t size;
};

/* A linear framebuffer as GOP described it; size 0 if there is none. */
struct Fb {
	paddr_t pa;
	size_t size;
	uint32_t width;
	uint32_t height;
	uint32_t pitch; /* pixels from one row to the next */
	uint32_t bytes; /* of a pixel: 2, 3 or 4 */
	uint32_t red;   /* a pixel's bits of each colour */
	uint32_t green;
	uint32_t blue;
};

/* From the ACPI FADT and \_S5: how this machine is switched off and reset. */
struct Poweroff {
	bool valid; /* the four below */
	uint16_t pm1a;
	uint16_t pm1b; /* 0: none */
	uint8_t slptypa;
	uint8_t slptypb;
	uint16_t resetport; /* 0: none */
	uint8_t resetvalue;
};

enum { MOSTPCI = 16, MOSTIOMMU = 16 };

/* PCI buses whose configuration space is in memory, bus 0's at pa. */
struct Pcibuses {
	paddr_t pa;
	uint16_t segment;
	uint8_t first;
	uint8_t last;
};

/* Units that may translate what devices do, by the ACPI table they are in. */
struct Iommus {
	enum iommutable { IOMMUNONE, IOMMUDMAR, IOMMUIVRS } table;
	size_t n;
	size_t lost; /* more than fit */
	paddr_t unit[MOSTIOMMU];
};

struct Bootinfo {
	Part block;
	Part image;
	Part stacks;    /* of CPU 0 */
	Part cpustacks; /* and of others */
	Part tables;
	Part handover;
	Part switchpage;  /* of the image as firmware loaded it */
	Part interim;     /* likewise: its page of data */
	Part interimuart; /* registers of the serial port; size 0: not in memory
			   */
	uintptr_t kernel; /* where mem9 goes on after the takeover */
	paddr_t lowpage;  /* for the other CPUs; NOADDR: none was free */
	uintptr_t broken; /* and where after a panic */

	/* Offsets into the hand-over part. */
	size_t map; /* firmware's descriptors, as they came */
	size_t mapsize;
	size_t mapstride;
	size_t log;
	size_t logsize;
	size_t memmap; /* room for the memmap's entries */
	size_t memmapsize;
	size_t attributes; /* copy of the memory-attributes table */
	size_t attributessize;
	size_t cpus;  /* a Cpulist */
	size_t ncpus; /* that there are stacks for; 0: 1, for want of room */

	uintptr_t imageva; /* KZERO and DMAP, each with its slide */
	uintptr_t dmapva;

	paddr_t kept[KEPTRUNS]; /* runs for the log; NOADDR: none */
	uint64_t keptid;        /* 0: nothing is kept */
	uint64_t reported;      /* bytes of the log that the report has */

	uint64_t installed; /* bytes of memory, by SMBIOS; 0: it does not say */
	size_t exittries;
	paddr_t gettime; /* runtime services, where they are */
	paddr_t resetsystem;
	uint64_t tschz;
	uint64_t tscstart; /* when ExitBootServices had returned */
	Fb fb;
	Uart uart; /* asked for, or named by ACPI, or the first */
	Poweroff poweroff;
	bool no8042; /* by ACPI there is no keyboard controller */
	size_t npci;
	Pcibuses pci[MOSTPCI];
	Iommus iommus;
	Options options;
	char firmware[64]; /* vendor, ASCII */
	uint32_t firmwarerevision;
};

/* The hand-over, once the takeover has happened. */
extern Bootinfo *bootinfo;

static inline void *
handover(const Bootinfo *b, size_t offset)
{
	return (uint8_t *)b + offset;
}

#endif
