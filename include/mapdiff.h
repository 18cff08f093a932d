/*
 * mapdiff.h - what changed from one memory map of a machine to another.
 *
 * Pure: nothing is asked, and nothing printed but by mapdiffprint() and
 * mapchangeprint().
 */
#ifndef MAPDIFF_H
#define MAPDIFF_H

#include "types.h"

typedef struct Extent Extent;
typedef struct Mapchange Mapchange;
typedef struct Mapdiff Mapdiff;
typedef struct Mapside Mapside;

/* [pa, end), not empty, with its type's number in EFI or in e820. */
struct Extent {
	paddr_t pa;
	paddr_t end;
	uint32_t type;
	uint64_t attr; /* EFI's; e820 has none */
};

static inline uint64_t
extentsize(const Extent *e)
{
	return e->end - e->pa;
}

enum mapview { VIEWEFI, VIEWE820 };

/* A map in any order, which is sorted and then spoiled. */
struct Mapside {
	Extent *extent;
	size_t n;
	enum mapview view;
};

/*
 * What happened to a region: memory of one type without a gap. Where EFI's
 * types are known, all that an operating system takes as RAM is one type, RAM,
 * whoever owned it (boot services, a loader, nobody): there CHANGEOWNER says
 * what of it changed hands. CHANGEATTR: same place, same type, but for
 * attributes other than protections, which come and go with the owner.
 */
enum changekind {
	CHANGEMOVED,
	CHANGEGROWN,
	CHANGESHRUNK,
	CHANGEGONE,
	CHANGENEW,
	CHANGEATTR,
	CHANGEOWNER,
	NCHANGE
};

/* was: as it was before; now: as it is (of one that is gone, also was). */
struct Mapchange {
	enum changekind kind;
	enum mapview view;
	Extent was;
	Extent now;
};

struct Mapdiff {
	enum mapview view; /* by which they were compared */
	bool linuxsame;    /* equal to x86 Linux's hibernation */
	size_t nlinux[2];  /* entries of the tables that it compares */
	size_t n[NCHANGE]; /* how many changes of each kind */
	bool crowded;      /* too much changed: some that moved are gone and new */
};

/*
 * In a Mapchange of EFI's types: RAM, whoever owns it, and such RAM as Linux
 * keeps for special use (EFI_MEMORY_SP).
 */
enum { TYPERAM = 7, TYPESOFT = 1 };

/* By address; those at the same one in any order. */
void extentssort(Extent *e, size_t n);

/* Bytes of memory mapdiff() needs for maps of so many entries. */
size_t mapdiffneed(size_t nwas, size_t nnow);

/*
 * Compare two maps: by EFI's types if both have them, otherwise by e820's. work
 * is memory of that many bytes, aligned to 8. Calls fn for each change, regions
 * first, then details, both by address.
 */
void mapdiff(Mapdiff *d, Mapside *was, Mapside *now, void *work,
    void (*fn)(void *arg, const Mapchange *c), void *arg);

/* Nothing that an operating system could trip over. */
bool mapdiffsame(const Mapdiff *d);

/* What that comes to, in a sentence for people. */
const char *mapdiffwords(const Mapdiff *d);

/*
 * "moved"; "RAM", NULL if the type has no name: efiname() knows those of EFI
 * that are not of that kind.
 */
const char *changekindname(enum changekind kind);
const char *changetypename(
    const Mapchange *c, uint32_t type, const char *(*efiname)(uint32_t type));

/* Print a change's "mem9: diff" line, and the sum, "mem9: diffed". */
void mapchangeprint(const Mapchange *c);
void mapdiffprint(const Mapdiff *d);

#endif
