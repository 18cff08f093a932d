/*
 * audit.h - the live page tables, read back entry by entry.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "mem.h"

typedef struct Leaf Leaf;
typedef struct Audit Audit;

/* A page in force: where, what, how large, and which rights remain. */
struct Leaf {
	uintptr_t va;
	paddr_t pa;
	size_t size;
	pte_t flags; /* PTEWRITE, PTEUSER, PTENOEXEC through all levels; type */
};

/* Sums over the tables. */
struct Audit {
	size_t tables;
	size_t leaves;
	size_t wx;         /* pages writable and executable, by any alias */
	size_t strayexec;  /* pages of the upper half that can be run and are
			      not the image's text */
	size_t guards;     /* pages in the guard below a stack */
	size_t user;       /* user pages in the upper half */
	size_t null;       /* pages that map address 0 */
	size_t lowmapped;  /* pages in the lower half: none so far */
	size_t directbad;  /* direct map pages at the wrong place, not RAM, or
			      not plain data */
	size_t directsize; /* bytes of the direct map */
	size_t wrongtype;  /* other pages: RAM not write-back, or devices so */
	size_t mixed;      /* pages that the machine caches in two ways */
};

/* Levels of tables: 0 has entries of 4 KiB, 4 is there with LA57 only. */
enum { NLEVEL = 5 };

/*
 * Call visit for every page of the tables in force, ascending, and count the
 * tables of each level.
 */
void auditwalk(void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL]);

/* The same for the tables below this one, which is of that level. */
void tablewalk(paddr_t top, int level,
    void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL]);

/* All of it at once. O(pages mapped). */
Audit audit(void);

/*
 * Are the segments in force flat, as far as long mode still looks, and those
 * that GDTR, TR and the segment registers should lead to? NULL, or what is
 * wrong with *selector.
 */
const char *segmentscheck(uint16_t *selector);

/* "mem9: paging ..." */
void pagingprint(void);

/*
 * What is mapped, a line for each range of pages that touch and have the same
 * rights and memory type:
 *
 *	FIRST-END SIZE urwx WB|WC|UC g 4K 2M 1G region
 *
 * hexadecimal, END the first byte past it, '-' for what is not so; and at the
 * end how many tables of each level that takes.
 */
void pagesprint(void);

/* The same for programs: "mem9: mapped", and "mem9: pagetables". */
void pageslines(void);

#endif
