/*
 * pagemachine.h - a machine for the page allocator, without the boot before.
 *
 *	pagemachine(pa, size, ncpu);     RAM at [pa, pa + size)
 *	pagebank(pa, npages, nkernel);   each bank, ascending
 *	pagenodes(n, size);              as many nodes, each of size bytes
 *	pagesup();                       preallocpages, pageinit
 */
#ifndef PAGEMACHINE_H
#define PAGEMACHINE_H

#include "conf.h"
#include "host.h"
#include "nodes.h"
#include "page.h"
#include "stage.h"

enum { MAXBANK = 1 << 14 };

static Confmem pagebanks[MAXBANK];

static inline void
pagemachine(paddr_t pa, size_t size, int ncpu)
{
	hostmachine(pa, size, size, ncpu);
	hostquiet();
	nodesset(NULL);
	conf = (Conf){.mem = pagebanks};
	stage = SXALLOC;
}

/*
 * Nodes 0, 1, 2 ... of so many bytes each from 0 on, 20 from each other; the
 * one before in a ring is 15 away.
 */
static inline void
pagenodes(uint32_t n, size_t size)
{
	static Nodes given;

	given = (Nodes){.n = n, .nranges = n};
	for (uint32_t i = 0; i < n; i++) {
		given.range[i] = (Noderange){i * size, (i + 1) * size, i};
		for (uint32_t j = 0; j < n; j++)
			given.distance[i][j] = i == j             ? NODESELF
					       : (j + 1) % n == i ? 15
								  : NODEOTHER;
	}
	nodesset(&given);
}

static inline void
pagebank(paddr_t pa, size_t npages, size_t nkernel)
{
	Confmem *m = &pagebanks[conf.nmem++];

	*m = (Confmem){pa, npages, 0, 0};
	if (nkernel > 0) {
		m->kbase = 0xffff800000000000 + pa;
		m->klimit = m->kbase + nkernel * BY2PG;
	}
	conf.npage += npages;
	conf.upages += npages - nkernel;
}

/* As main() does it. */
static inline void
pagesboot(void)
{
	preallocpages();
	stage = SPREALLOC;
	pageinit();
	stage = SPAGES;
}

/* The same in every build: poison is for those who turn it on. */
static inline void
pagesup(void)
{
	pagesboot();
	pagepoison(false);
}

/* One bank of so many bytes from 0, all of it for pages. */
static inline void
pagesimple(size_t size, int ncpu)
{
	pagemachine(0, size, ncpu);
	pagebank(0, size / BY2PG, 0);
	pagesup();
}

/* Every page there is, in a chain; how many in *n. */
static inline Page *
pagetakeall(size_t *n)
{
	Page *chain = NULL;
	Page *pg;

	for (*n = 0; (pg = newpage(NOCLEAR, 0)) != NULL; (*n)++) {
		pagesetnext(pg, chain);
		chain = pg;
	}
	return chain;
}

#endif
