/*
 * later.c - RAM that becomes pages when pages run already.
 *
 *	chunks   [0 1 2 ... of the banks][... of the first that came][...]
 *	opened   in this order, whatever the addresses
 *
 * A range that comes is claimed in the memmap, gets the next indexes, and its
 * chunks are opened as any others: described, then probed. Its last frames are
 * set aside for the tables that describe it, and those before them may become
 * page tables (tableframe.c): so what kaddr reaches needs no memory but its
 * own. There is a fixed number of places for ranges, and of indexes that the
 * tables have addresses for: who comes when they are spent is told so.
 *
 * What pageremove took out was described already. Each of its Pages says so,
 * and all that has to be done is to probe it and to free it.
 */
#include "where.h"
#include "badram.h"
#include "bytemap.h"
#include "conf.h"
#include "memmap.h"
#include "stage.h"

/* Do [pa, end) and [pa2, end2) have an address in common? */
static bool
meet(paddr_t pa, paddr_t end, paddr_t pa2, paddr_t end2)
{
	return pa < end2 && pa2 < end;
}

/* Is any of it in a bank, or in what came before? */
static bool
isknown(paddr_t pa, paddr_t end)
{
	for (size_t i = 0; i < conf.nmem; i++)
		if (meet(pa, end, conf.mem[i].base, userend(i)))
			return true;
	for (size_t i = 0; i < latercount(); i++)
		if (meet(pa, end, palloc.later[i].pa, palloc.later[i].tend))
			return true;
	return false;
}

/* The Page at pa if pageremove took it out, or NULL. */
static Page *
removedpage(paddr_t pa)
{
	size_t ci = chunkat(pa);

	if (!isopen(ci))
		return NULL;
	Page *pg =
	    &palloc.pages[ci * CHUNKPAGES + (pa >> PGSHIFT) % CHUNKPAGES];
	return *pagebyte(pg) == FRAMERESERVED && pg->daddr == REMOVED ? pg
								      : NULL;
}

/* Those of npages from pa on that can be set from one to the other, in a row.
 */
static size_t
claim(paddr_t pa, size_t npages)
{
	size_t n = 0;

	for (bool ok = true; ok && n < npages; n += ok) {
		pageslock();
		Page *pg = removedpage(pa + n * BY2PG);
		ok = pg != NULL;
		if (ok)
			pg->daddr = 0;
		pagesunlock();
	}
	return n;
}

/* Claimed frames go back to who removed them. */
static void
disclaim(paddr_t pa, size_t npages)
{
	for (size_t i = 0; i < npages; i++) {
		pageslock();
		frameat(pa + i * BY2PG)->daddr = REMOVED;
		pagesunlock();
	}
}

/* A claimed frame is a page again, and free; or it is bad. */
static void
comeback(Page *pg)
{
	paddr_t pa = pagepa(pg);
	bool good = probecheck(pa, 1, NULL) == 0;

	if (!good)
		badram(pa, 1, BADINALLOCATOR);
	pageslock();
	if (good) {
		*pagebyte(pg) = FRAMEALLOCATED;
		chunkgive(&pg, 1);
		countpages(pagenodeof(pg), 1);
		pagecpuwiden();
	} else
		palloc.count.nquarantine++;
	pagesunlock();
}

/* All of it was removed before: take it back. All is written, then checked. */
static const char *
takeback(paddr_t pa, size_t npages)
{
	size_t n = claim(pa, npages);

	if (n < npages) {
		disclaim(pa, n);
		return "overlaps RAM that was added before";
	}
	probewrite(pa, npages);
	for (size_t i = 0; i < npages; i++)
		comeback(frameat(pa + i * BY2PG));
	return NULL;
}

/* Why the memmap would not give it; NULL if it did. */
static const char *
claiminmap(paddr_t pa, paddr_t end)
{
	Memrange r;

	for (paddr_t at = pa; at < end; at = r.end)
		if (!memmaprange(at, &r) || r.pa > at || r.type != MemRAM)
			return "not RAM";
	return memmapalloc(pa, end - pa, 1, MemRAM) == pa ? NULL : "in use";
}

/* Where what is near of [pa, end) ends. */
static paddr_t
nearpart(paddr_t pa, paddr_t end)
{
	paddr_t near = palloc.nearend << CHUNKSHIFT;

	return near == 0 ? end : MAX(pa, MIN(end, near));
}

/* Does kaddr reach as much of it as its chunks' numbers promise? */
static bool
isreached(paddr_t pa, paddr_t end)
{
	end = nearpart(pa, end);
	for (size_t n; pa < end; pa += n)
		if ((n = ROUNDDOWN(cankaddr(pa), BY2PG)) == 0)
			return false;
	return true;
}

/* Is a chunk in the tables that st would put there too? */
static bool
istaken(const Stretch *st)
{
	for (size_t i = 0; i < stretchcount(); i++) {
		const Stretch *other = stretchat(i);

		if (meet(st->number, st->number + st->nchunks, other->number,
			other->number + other->nchunks))
			return true;
	}
	return false;
}

/* Frames of the whole stretch: only in its ends can some be missing. */
static size_t
countframes(const Stretch *st)
{
	uint8_t bytes[CHUNKPAGES];
	paddr_t first = st->number << CHUNKSHIFT;
	size_t n = describe(first, bytes);

	if (st->nchunks == 1)
		return n;
	paddr_t last = (st->number + st->nchunks - 1) << CHUNKSHIFT;
	return n + (st->nchunks - 2) * CHUNKPAGES + describe(last, bytes);
}

/* Of indexes [ci, ci + n), those that begin a page of which each has so many.
 */
static size_t
begun(size_t ci, size_t n, size_t each)
{
	return (ci + n + each - 1) / each - (ci + each - 1) / each;
}

/* At most so many frames it takes to describe [pa, end), from index ci on. */
static size_t
tablesfor(paddr_t pa, paddr_t end, size_t ci)
{
	size_t granule = PAGESPERPG * BY2PG;
	size_t n = ((end - 1) >> CHUNKSHIFT) + 1 - (pa >> CHUNKSHIFT);

	return (end - 1) / granule + 1 - pa / granule +
	       begun(ci, n, BYTECHUNKS) + begun(ci, n, CHUNKSPERPG);
}

/* Is each frame of [pa, end) alone in its granule? Two may be, side by side. */
static bool
isalone(paddr_t pa, paddr_t end)
{
	size_t granule = PAGESPERPG * BY2PG;

	return end - pa == BY2PG ||
	       (end - pa == 2 * BY2PG && end % granule == BY2PG);
}

/* The range is in the tables, of which it brings so many frames. */
static void
enter(Node *node, const Later *l, size_t ntables)
{
	Counts *c = &palloc.count;

	palloc.later[palloc.nlater] = *l;
	__atomic_store_n(&palloc.nlater, palloc.nlater + 1, __ATOMIC_RELEASE);
	size_t n = countframes(&l->stretch);
	node->nchunks += l->stretch.nchunks;
	palloc.surveyed += n;
	c->nlater += (l->tend - l->pa) / BY2PG;
	c->nmeta += ntables;
	countpages(node, n);
	countfree(node, n);
	countunopened(node, n);
}

/* [pa, tend) has a place in the tables; with palloc.lock held. Or why not. */
static const char *
place(paddr_t pa, paddr_t tend)
{
	Noderange r = noderange(pa);
	Node *node = &palloc.node[r.node];
	size_t ci = node->first + node->nchunks;
	size_t ntables = tablesfor(pa, tend, ci);
	paddr_t end = tend - ntables * BY2PG;
	uint64_t number = pa >> CHUNKSHIFT;

	if ((tend - pa) / BY2PG <= ntables || isalone(pa, end))
		return "too small to describe itself";
	paddr_t cut = nearpart(pa, end);
	Later l = {pa, end, tend, {cut, cut},
	    {number, ci, ((end - 1) >> CHUNKSHIFT) + 1 - number}};
	if (r.end < tend)
		return "is of more than one node";
	if (istaken(&l.stretch))
		return "shares 2 MiB with RAM that was added before";
	if (palloc.nlater == NLATER || palloc.lost ||
	    l.stretch.nchunks > node->nreserved - node->nchunks)
		return "the tables are full";
	enter(node, &l, ntables);
	return NULL;
}

const char *
pageadd(paddr_t pa, size_t npages)
{
	paddr_t end = pa + npages * BY2PG;

	needstage(SPAGES);
	if (!iswhole(pa, npages))
		return "no whole pages";
	if (isknown(pa, end))
		return takeback(pa, npages);
	if (!isreached(pa, end))
		return "kaddr does not reach all of it";
	const char *why = claiminmap(pa, end);
	if (why != NULL)
		return why;
	pageslock();
	why = place(pa, end);
	pagesunlock();
	if (why != NULL)
		memmapfree(pa, end - pa, MemRAM);
	return why;
}
