/*
 * space.h - an address space: its tables, what they may hold, and where pages
 * for more of them come from.
 *
 *	top -> upper, the kernel half    -> 1 GiB -> 2 MiB -> 4 KiB pages
 *	    -> lower, user space
 *
 * The first tables, the final ones, the rehearsal's, those that firmware's
 * services run in and each process's are all of this kind and made by
 * spaceinit. The takeover jumps into the first one; all others are entered by
 * spaceenter. What lies between the top and the two tables of level 3 is the
 * machine's business: whoever maps or looks something up sees these two.
 */
#ifndef SPACE_H
#define SPACE_H

#include "types.h"
#include "caching.h"
#include "hooks.h"

typedef struct Limits Limits;
typedef struct Space Space;
typedef struct Tablepages Tablepages;

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
 * spaces that share one give to it and take from it, on any CPU.
 */
struct Tablepages {
	Lock lock;           /* of the list and the count */
	paddr_t head;        /* NOADDR at the end */
	size_t used;         /* taken and not given back */
	void *(*more)(void); /* called without the lock */
};

struct Space {
	pte_t *top;        /* where the CPU starts */
	pte_t *upper;      /* of the kernel half, level 3 */
	pte_t *lower;      /* of user space, level 3: upper with 4 levels */
	uintptr_t direct;  /* where its direct map maps address 0 */
	paddr_t directend; /* and what that reaches: [0, directend) */
	bool shared;       /* its kernel half hangs in other spaces too */
	bool lent;         /* its user half is another's */
	Limits limits;
	Tablepages *tables;
	Lock *lock; /* held while it changes; NULL: nobody else is there */
};

/* The kernel's own, which kaddr, paddr and the windows are about. */
extern Space kspace;

/*
 * Make a space with the halves of others: upper's kernel half and lower's
 * user half, each empty where it is NULL. The caller has set limits and
 * tables, and keeps direct and directend; the rest is set here. A half is
 * shared below its top-level entries, so upper's may not grow any more
 * (mmuwalk sees to it). -1 if there is no memory for its first tables, and top
 * is NULL then.
 */
int spaceinit(Space *s, Space *upper, const Space *lower);

/*
 * Give back the tables of a space with a user half of its own and a shared
 * kernel half, as a process has: all of user space (the pages are the
 * caller's) and the top. No CPU is in it any more.
 */
void spacefree(Space *s);

/* The space whose top table is there, as it is: its halves are looked up. */
void spaceadopt(Space *s, paddr_t top);

/* Do both have the same kernel half? Is there nothing in it? */
bool spacesameupper(const Space *a, const Space *b);
bool spacenoupper(const Space *s);

/* Where the CPU finds it: for CR3. */
paddr_t spacetop(const Space *s);

/*
 * Go on in s, which has whatever we stand on. Where its kernel half is another
 * one, global translations are dropped too.
 */
void spaceenter(const Space *s);

/* The space that this CPU is in, by its registers: limits, top, halves. */
Space spacelive(void);

/* Are we in firmware's world no more? Then the direct map is not at 0. */
static inline bool
alone(void)
{
	return kspace.direct != 0;
}

/* A cleared page for a table, or NULL; and back, no CPU finding it any more. */
void *tablepage(Tablepages *t);
void tablefree(Tablepages *t, void *page);

/*
 * These pages, which kaddr reaches, go on top of the list, ascending. Back from
 * its top, or NULL: with whatever is in it.
 */
void tablepagesadd(Tablepages *t, paddr_t pa, size_t size);
void *tablepagestake(Tablepages *t);

#endif
