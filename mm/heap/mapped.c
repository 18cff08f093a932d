/*
 * mapped.c - pages under the arenas that the kernel's share has no room for.
 *
 * Whole 2 MiB pages where addresses and memory allow, else frames, of which
 * those that follow each other are mapped by one call; and what goes back is
 * unmapped by one.
 *
 * All of it with the pool's lock held: pages are the visit's (visit.c), and
 * what is unmapped is freed later.
 */
#include "hooks.h"
#include "page.h"
#include "poolparts.h"

/* Frames mapped at a time: never so many that they could be one large page. */
enum { BATCH = 64 };

/* The page that is mapped at p, of whatever size. */
static Page *
mappedpage(uintptr_t p)
{
	paddr_t pa = paddr((void *)p);
	Page *pg = papage(ROUNDDOWN(pa, 2 * MiB));

	return pg != NULL && pagesize(pg) != BY2PG ? pg : papage(pa);
}

size_t
mappedsize(uintptr_t p)
{
	return pagesize(mappedpage(p));
}

Page *
unmappages(uintptr_t p, uintptr_t end)
{
	Page *chain = NULL;

	for (uintptr_t at = p; at < end; at += pagesize(chain)) {
		Page *pg = mappedpage(at);
		pagesetnext(pg, chain);
		chain = pg;
	}
	unmaprange((void *)p, (end - p) / BY2PG); /* shoot: unmap */
	return chain;
}

void
freemapped(Page *chain)
{
	Page *next = NULL;

	for (Page *pg = chain; pg != NULL; pg = next) {
		next = pagenext(pg);
		if (pagesize(pg) == BY2PG)
			putpage(pg);
		else
			puthugepage(pg);
	}
}

bool
hugefits(uintptr_t p, uintptr_t limit)
{
	return p % (2 * MiB) == 0 && limit - p >= 2 * MiB;
}

/* The next frames of v, ascending ones, at [p, end): how far; or p. */
static uintptr_t
maprun(Visit *v, uintptr_t p, uintptr_t end)
{
	paddr_t pa = pagepa(v->small);
	size_t most = MIN((end - p) / BY2PG, (size_t)BATCH);
	Page *pg = v->small;
	size_t n = 0;

	for (; n < most && pagepa(pg) == pa + n * BY2PG; n++)
		if ((pg = pagenext(pg)) == NULL)
			most = n + 1;
	if (maprange((void *)p, pa, n) < 0)
		return p;
	v->small = pg;
	v->nsmall -= n;
	return p + n * BY2PG;
}

static uintptr_t
maphuge(Visit *v, uintptr_t p)
{
	if (maprange((void *)p, pagepa(v->huge), 2 * MiB / BY2PG) < 0)
		return p;
	v->huge = pagenext(v->huge);
	v->nhuge--;
	return p + 2 * MiB;
}

uintptr_t
mappages(Visit *v, uintptr_t p, uintptr_t end, uintptr_t limit)
{
	uintptr_t at = p;

	while (at < end) {
		uintptr_t to;
		if (v->nhuge > 0 && hugefits(at, limit))
			to = maphuge(v, at);
		else
			to = maprun(
			    v, at, MIN(end, ROUNDDOWN(at, 2 * MiB) + 2 * MiB));
		if (to == at)
			break;
		at = to;
	}
	return at;
}
