/*
 * xbank.c - xalloc's memory: banks become regions, probed as they open.
 *
 *	conf.mem --xinit()--> regions <--xhole()-- anything else
 *	                      | probed, 2 MiB at a time, from below
 *
 * A region's first page is probed when it is added: the region's header is in
 * it. Pages that do not hold what is written to them are left out: below good
 * memory as blocks that nobody frees, at a region's end as no memory at all.
 */
#include "xalloc.h"
#include "badram.h"
#include "conf.h"
#include "hooks.h"
#include "secret.h"
#include "stage.h"
#include "xlists.h"

enum { STEP = 512 }; /* pages opened at once: 2 MiB */

static uint8_t bad[STEP]; /* probecheck's answer; under xlists.lock */

/*
 * Probe npages pages, at most STEP, from r's edge, and open them: those
 * that hold as memory, the others as never to be used.
 */
static void
openstep(Region *r, size_t npages)
{
	paddr_t pa = paddr((void *)r->edge);

	memset(bad, 0, npages);
	probewrite(pa, npages);
	xlists.nbad += probecheck(pa, npages, bad);
	for (size_t i = 0; i < npages;) {
		size_t n = 1;
		while (i + n < npages && bad[i + n] == bad[i])
			n++;
		if (bad[i])
			badram(pa + i * BY2PG, n, BADINALLOCATOR);
		holeopen(&xlists.holes, r, n * BY2PG, bad[i] ? BAD : GOOD);
		i += n;
	}
}

/* Open r up to to, in whole steps. */
static enum opened
opensteps(Region *r, uintptr_t at, uintptr_t to)
{
	(void)at;
	size_t todo = ROUNDUP(to - r->edge, BY2PG) / BY2PG;
	size_t left = (r->end - r->edge) / BY2PG;

	todo = MIN(ROUNDUP(todo, STEP), left);
	for (size_t n = 0; todo > 0; todo -= n) {
		n = MIN(todo, STEP);
		openstep(r, n);
	}
	return OPENED;
}

/* The first page at or above pa that holds what is written to it. */
static paddr_t
goodpage(paddr_t pa, paddr_t end)
{
	for (; pa < end; pa += BY2PG) {
		probewrite(pa, 1);
		if (probecheck(pa, 1, NULL) == 0)
			break;
		xlists.nbad++;
		badram(pa, 1, BADINALLOCATOR);
	}
	return pa;
}

/* The region that starts, or ends, at p. */
static Region *
startingat(uintptr_t p)
{
	Region *r = xlists.holes.regions;

	while (r != NULL && (uintptr_t)r != p)
		r = r->next;
	return r;
}

static Region *
endingat(uintptr_t p)
{
	Region *r = xlists.holes.regions;

	while (r != NULL && r->end != p)
		r = r->next;
	return r;
}

/* Does some region have a part of [p, end)? */
static bool
taken(uintptr_t p, uintptr_t end)
{
	for (Region *r = xlists.holes.regions; r != NULL; r = r->next)
		if (p < r->end && end > (uintptr_t)r)
			return true;
	return false;
}

/*
 * [pa, end), whole pages, becomes a region, or part of the one it follows; and
 * if another follows on it, all of it is opened and they are joined.
 */
static void
addhole(paddr_t pa, paddr_t end)
{
	uintptr_t p = (uintptr_t)kaddr(pa);
	Region *above = startingat(p + (end - pa));
	Region *r = endingat(p);

	if (r != NULL)
		holeextend(&xlists.holes, r, end - pa);
	else {
		pa = goodpage(pa, end);
		if (pa == end)
			return;
		r = holeregion(&xlists.holes, kaddr(pa), BY2PG, end - pa);
	}
	if (above == NULL)
		return;
	if (r->edge != r->end)
		opensteps(r, r->edge, r->end);
	holejoin(&xlists.holes, r, above);
}

/* The whole pages in size bytes from pa; false if xalloc has some already. */
static bool
addpages(paddr_t pa, size_t size)
{
	paddr_t end = ROUNDDOWN(pa + size, BY2PG);

	pa = PGROUND(pa);
	if (pa >= end)
		return true;
	uintptr_t p = (uintptr_t)kaddr(pa);
	if (taken(p, p + (end - pa)))
		return false;
	addhole(pa, end);
	return true;
}

void
xhole(paddr_t pa, size_t size)
{
	needstage(SXALLOC);
	if (pa + size < pa || cankaddr(pa) < size)
		panic("[%#jx, %#jx) is not in the direct map", pa, pa + size);
	lock(&xlists.lock);
	bool added = addpages(pa, size);
	unlock(&xlists.lock);
	if (!added)
		panic("[%#jx, %#jx) is xalloc's already", pa, pa + size);
}

static void
letgo(Holes *h)
{
	(void)h;
	unlock(&xlists.lock);
}

void
xinit(void)
{
	needstage(SCONF);
	memset(&xlists, 0, sizeof xlists);
	secretinit();
	xlists.holes.more = opensteps;
	xlists.holes.letgo = letgo;
	for (size_t i = 0; i < conf.nmem; i++) {
		Confmem *m = &conf.mem[i];
		if (m->kbase == m->klimit)
			continue;
		paddr_t pa = paddr((void *)m->kbase);
		if (!addpages(pa, m->klimit - m->kbase))
			panic("bank %zu overlaps another", i);
	}
}

size_t
xbadpages(void)
{
	return xlists.nbad;
}
