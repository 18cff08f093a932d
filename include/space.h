/*
 * space.h - an address space: its tables, what they may hold, and where pages
 * for more of them come from.
 *
 *	top     4 levels: entries 0-255 user space, 256-511 the kernel half
 *	        5 levels: entry 0 leads to lower, entry 511 to upper
 *
 * The first tables, the final ones, the rehearsal's, those that firmware's
 * services run in and each process's are all of this kind, made by spaceinit
 * and entered by spaceenter. How many levels there are is known here alone:
 * whoever maps or looks something up sees two tables of level 3.
 */
#ifndef SPACE_H
#define SPACE_H

#include "types.h"
#include "caching.h"

typedef struct Limits Limits;
typedef struct Space Space;
typedef struct Tables Tables;

/* What page tables may hold on this CPU, in the mode that it is in. */
struct Limits {
	int levels;      /* of tables: 4, or 5 with LA57 */
	int maxlevel;    /* of the largest page */
	pte_t forbidden; /* left out of every entry: NX where there is none */
	int physbits;    /* width of a physical address */
	Cachingat *caching; /* no page spans two kinds; NULL: all is alike */
};

/*
 * Pages for tables: those on the list first, which is by physical address and
 * lies in the pages themselves; then what more() has, which may be NULL. All
 * spaces that share one give to it and take from it.
 */
struct Tables {
	paddr_t head; /* NOADDR at the end */
	size_t used;  /* taken and not given back */
	void *(*more)(void);
};

struct Space {
	pte_t *top;        /* where the CPU starts */
	pte_t *upper;      /* of the kernel half, level 3 */
	pte_t *lower;      /* of user space, level 3: upper with 4 levels */
	uintptr_t direct;  /* where its direct map maps address 0 */
	paddr_t directend; /* and what that reaches: [0, directend) */
	bool shared;       /* its kernel half hangs in other spaces too */
	Limits limits;
	Tables *tables;
};

/* The kernel's own, which kaddr, paddr and the windows are about. */
extern Space kspace;

/*
 * Make a space with the halves of others: upper's kernel half and lower's
 * user half, each empty where it is NULL. The caller has set limits, tables and
 * direct; all else is overwritten. A half is shared below its top-level
 * entries, so upper's may not grow any more (mmuwalk sees to it). -1 if there
 * is no memory for its first tables. Undo with spacefree.
 */
int spaceinit(Space *s, Space *upper, const Space *lower);

/*
 * Give the tables back that s does not share: all of user space (whose pages
 * are the caller's) and the top. No CPU is in it any more.
 */
void spacefree(Space *s);

/* The space whose top table is there, as it is: its halves are looked up. */
void spaceadopt(Space *s, paddr_t top);

/* Where the CPU finds it: for CR3. */
paddr_t spacetop(const Space *s);

/*
 * Go on in s, which has whatever we stand on. Where its kernel half is another
 * one, global translations are dropped too.
 */
void spaceenter(const Space *s);

/* Limits and tables of the space that this CPU is in, by its registers. */
void spacelive(Space *s);

/* Are we in firmware's world no more? Then the direct map is not at 0. */
static inline bool
alone(void)
{
	return kspace.direct != 0;
}

/* A cleared page for a table, or NULL; and back, no CPU finding it any more. */
void *tablepage(Tables *t);
void tablefree(Tables *t, void *page);

/* These pages, which kaddr reaches, go on top of the list, ascending. */
void tablesadd(Tables *t, paddr_t pa, size_t size);

#endif
