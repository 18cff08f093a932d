/*
 * proccounts.h - the memory that processes use, counted while there are none.
 */
#ifndef PROCCOUNTS_H
#define PROCCOUNTS_H

#include "types.h"

typedef struct Proccounts Proccounts;
typedef struct Procloss Procloss;

struct Proccounts {
	size_t nfree; /* pages */
	size_t npages;
	size_t used;    /* bytes of all pools */
	size_t size;    /* that they have from below */
	size_t xfree;   /* bytes of xalloc */
	size_t nchunks; /* that describe pages, and the most that pools had: */
	size_t most;    /* what has grown took tables, which stay (mmu.c) */
};

/* Fewer pages and bytes than there were; 0, if all is back. */
struct Procloss {
	intmax_t pages;
	intmax_t bytes;
	intmax_t arenas; /* bytes that pools keep, more than they did */
	intmax_t xalloc;
};

/* Caches that nobody uses are given up for it. */
Proccounts proccounts(void);

/*
 * What has gone in between. A page that turned out bad is no page any more, and
 * no loss; what xalloc lost is known if nothing took tables.
 */
Procloss proclosses(const Proccounts *was, const Proccounts *is);
bool anyloss(const Procloss *l);

#endif
