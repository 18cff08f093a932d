/*
 * judge.h - what `mem9 audit' asks about a machine, and by what it answers.
 *
 *	read*.c		firmware, registers, page tables  --> Evidence
 *	judge*.c	Evidence  --> Finding, one function for each check
 *	checks.c	the table of checks: name, group, whose, what it means
 *	command.c	reads, has all of it judged, tells people and programs
 *
 * A judge is pure: numbers that were read in, a Finding out. It asks nobody and
 * prints nothing, so that a machine with any fault can be forged on the host.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "evidence.h"

typedef struct Finding Finding;
typedef struct Auditcheck Auditcheck;
typedef struct Spots Spots;

enum judgement { AUDITOK, AUDITFAILED, AUDITSKIPPED };

enum { FINDINGDETAIL = 160 };

/* What came of one check; AUDITOK without a word if nothing is said. */
struct Finding {
	enum judgement judgement;
	char detail[FINDINGDETAIL]; /* no quotation mark in it */
};

typedef void Judge(const Evidence *e, Finding *f);

enum auditgroup {
	AUDITPAGES,
	AUDITMAP,
	AUDITTABLE,
	AUDITMTRR,
	AUDITACPI,
	NAUDITGROUP
};

/* A row of the table. */
struct Auditcheck {
	const char *name;
	enum auditgroup group;
	const char *theirs; /* who else asks that, and its name there; NULL */
	Judge *judge;
	const char *means; /* for an operating system, if it fails */
};

/* All checks, in the order of their groups; how many. */
const Auditcheck *auditchecks(size_t *n);

/* A group's name, for people. */
const char *auditgroupname(enum auditgroup g);

/* That is the finding, in printf's words, which must have no quotation mark. */
void finds(Finding *f, enum judgement judgement, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Where something is wrong: the first place, and how much there is of it.
 * Places that touch, and come one after the other, are one.
 */
struct Spots {
	size_t n;
	uint64_t bytes;
	paddr_t pa;
	paddr_t end;
	paddr_t last; /* where the latest ends */
};

/* [pa, end) is wrong; it is not empty. */
void spot(Spots *s, paddr_t pa, paddr_t end);

/* AUDITFAILED with what is wrong, where and how much; AUDITOK if nothing was.
 */
void findspots(Finding *f, const Spots *s, const char *what);

/* The first byte past a descriptor; NOADDR if it wraps. */
paddr_t endof(const Efidesc *d);

/* Of a map that is sorted: what is in two descriptors. Of any: the first that
 * comes after a higher one. */
void findoverlaps(const Efimap *sorted, Finding *f);
void findunsorted(const Efimap *map, Finding *f);

/* The judges, by file. */
Judge nullpage, writeexecute, freememory, mmioexecute, imagesections,
    stackexecute, stackguard, outsidemap, heapexecute, readonlysections,
    allocations, attributeprotocol, writeprotect, noexecute, identity;
Judge mapentries, mapsize, mapempty, mapaligned, mapoverlap, mapsorted, mapwrap,
    mapwidth, maptypes, mapattributes, mapruntime, mapvirtual, mapwriteback,
    mapstable;
Judge tablepresent, tableversion, tablestride, tablesize, tableempty,
    tablealigned, tabletypes, tableruntime, tableprotects, tablesorted,
    tableoverlap, tablecrosses, tablewithin, tablecomplete;
Judge mtrrsareon, mtrrram, mtrrdevices, mtrroverlaps, fixedalike, variablealike,
    deftypealike, patalike, fixeddramoff;
Judge acpiroot, acpisums, acpiplace, acpipointers, facsplace, madtcpus,
    ecamreserved, sratsays, sratmemory, sratcpus, smbiosgood, smbiosplace,
    installedram;

#endif
