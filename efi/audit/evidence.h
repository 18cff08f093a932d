/*
 * evidence.h - what was read of a machine before it is judged: numbers, and
 * why some could not be had.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "bootinfo.h"
#include "cpulist.h"
#include "efimap.h"
#include "mem.h"
#include "mtrr.h"
#include "../tables/attributes.h"
#include "../tables/installed.h"
#include "../tables/srat.h"

typedef struct Evidence Evidence;
typedef struct Mapped Mapped;
typedef struct Mappings Mappings;
typedef struct Imagepart Imagepart;
typedef struct Images Images;
typedef struct Sample Sample;
typedef struct Stackseen Stackseen;
typedef struct Protections Protections;
typedef struct Cpustate Cpustate;
typedef struct Cpusseen Cpusseen;
typedef struct Device Device;
typedef struct Acpiseen Acpiseen;
typedef struct Acpitables Acpitables;
typedef struct Smbiosseen Smbiosseen;

/* Memory that the page tables in force map in one way. */
struct Mapped {
	uintptr_t va;
	paddr_t pa;
	uint64_t size;
	pte_t flags; /* of a Leaf (audit.h), as the registers make them work */
};

/* All of it, by virtual address; why is NULL, or why there is none. */
struct Mappings {
	const char *why;
	const Mapped *range;
	size_t n;
	bool writeprotect; /* CR0.WP */
	bool noexecute;    /* EFER.NXE */
};

/* A section of an image that firmware has loaded; whole pages. */
struct Imagepart {
	paddr_t image;
	paddr_t pa;
	paddr_t end;
	bool write;
	bool exec;
};

struct Images {
	const char *why; /* NULL, or why there are none */
	const Imagepart *part;
	size_t n;
	size_t nimage;
	size_t unread;  /* whose headers make no sense */
	size_t unpaged; /* whose sections share pages, */
	paddr_t first;  /* and one of those */
	paddr_t own;    /* mem9's */
};

/* Memory that firmware gave when it was asked for some of that kind. */
struct Sample {
	const char *kind; /* NULL: it gave none */
	paddr_t pa;
	paddr_t end;
	bool heap; /* of the pool, not pages */
};

enum { NSAMPLE = 8 };

/* The stack that mem9 was started on. */
struct Stackseen {
	uintptr_t sp;
	uintptr_t base; /* lowest byte, as firmware says */
	size_t size;    /* 0: it does not say */
};

/* The memory attributes table, as it stands there. */
struct Protections {
	Attributes is;
	const char *why; /* NULL, or why the entries cannot be read */
	Efimap map;
	Efimap sorted; /* the same by address */
};

/* Of a CPU, what all should have alike. */
struct Cpustate {
	Mtrrs mtrrs;
	uint64_t pat;
};
enum cpupart { CPUFIXED, CPUVARIABLE, CPUDEFTYPE, CPUPAT, NCPUPART };

struct Cpusseen {
	const char *nomtrr; /* why this CPU's were not read, or NULL */
	Cpustate own;
	const char *why; /* why no other was asked, or NULL */
	size_t n;        /* others that have answered */
	size_t enabled;  /* CPUs in use, this one too; 0: nobody says */
	size_t differ[NCPUPART];
};

/* Registers in memory, which nobody caches. */
struct Device {
	const char *name;
	paddr_t pa;
	paddr_t end;
};

enum { MOSTDEVICES = MOSTPCI + 4, MOSTACPITABLES = 128 };

/* An ACPI table as it stands there, believed or not. */
struct Acpiseen {
	char signature[5];
	paddr_t pa;
	uint32_t size;
	uint32_t memory; /* the type that the map gives it, NOTINMAP: none */
	bool sums;
	bool byrsdt; /* who lists it; neither: another table does */
	bool byxsdt;
};
#define NOTINMAP 0xffffffffu

struct Acpitables {
	bool unasked; /* there was no map to look anything up in */
	paddr_t root; /* the root pointer; NOADDR: none */
	bool sums;    /* it does, in both its parts */
	bool rsdt;    /* they can be read */
	bool xsdt;
	size_t n;
	size_t lost; /* of no room here, or whose head cannot be read */
	Acpiseen table[MOSTACPITABLES];
	bool reduced; /* a machine without FACS */
	paddr_t dsdt; /* as the FADT has them, the second time in 64 bits */
	paddr_t xdsdt;
	paddr_t facs;
	paddr_t xfacs;
	Cpulist cpus;
	bool srat;
	Nodesaid said; /* of SRAT */
	Nodes nodes;
	size_t necam;
	Pcibuses ecam[MOSTPCI];
};

struct Smbiosseen {
	Installed found;
	uint32_t memory; /* that the structures are in, by type */
};

struct Evidence {
	Efimap map;    /* as firmware gave it */
	Efimap again;  /* and once more, with nothing asked between */
	Efimap sorted; /* by address */
	Mappings pages;
	Images images;
	Sample samples[NSAMPLE];
	Stackseen stack;
	bool attributeprotocol;
	Protections table;
	Cpusseen cpus;
	size_t ndevice;
	Device device[MOSTDEVICES];
	Acpitables acpi;
	Smbiosseen smbios;
};

#endif
