/*
 * evidence.h - what was read of a machine before it is judged: numbers, and
 * why some could not be had.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "efimap.h"
#include "mem.h"

typedef struct Evidence Evidence;
typedef struct Mapped Mapped;
typedef struct Mappings Mappings;
typedef struct Imagepart Imagepart;
typedef struct Images Images;
typedef struct Sample Sample;
typedef struct Stackseen Stackseen;
typedef struct Protections Protections;

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
	bool there;
	uint32_t version;
	uint32_t n;
	uint32_t stride;
	uint64_t room; /* bytes that the map knows behind its head */
	Efimap map;    /* of size 0 unless it fits into that */
	Efimap sorted; /* the same by address */
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
};

#endif
