/*
 * pagerun.c - frames chosen by address: runs of pages, and pages taken out.
 *
 * Frames are taken from one chunk after the other, each under the lock alone,
 * and given back if a later one is not free: so the lock is held for no longer
 * than a chunk takes. A run is looked for in the open chunks of a node, those
 * with high addresses first; then pages that wait at CPUs are gathered; then
 * more chunks are opened, if a run could lie in them; and then comes the next
 * node.
 */
#include "where.h"
#include "bytemap.h"
#include "stage.h"

typedef struct Part Part;

/* The first frames of a range that lie in one chunk, which is open. */
struct Part {
	size_t ci;
	size_t i;
	size_t n;
};

static Part
firstpart(paddr_t pa, size_t npages)
{
	size_t i = (size_t)(pa >> PGSHIFT) % CHUNKPAGES;

	return (Part){chunkat(pa), i, MIN(npages, CHUNKPAGES - i)};
}

/* Give back what takerange took. */
static void
giverange(paddr_t pa, size_t npages)
{
	while (npages > 0) {
		Part p = firstpart(pa, npages);

		pageslock();
		for (size_t k = 0; k < p.n; k++) {
			Page *pg = &palloc.pages[p.ci * CHUNKPAGES + p.i + k];

			chunkgive(&pg, 1);
		}
		pagesunlock();
		pa += p.n * BY2PG;
		npages -= p.n;
	}
}

/* Take npages frames from pa on, all free and in open chunks; or none. */
static bool
takerange(paddr_t pa, size_t npages)
{
	for (size_t done = 0; done < npages;) {
		Part p = firstpart(pa + done * BY2PG, npages - done);

		pageslock();
		bool taken = chunktakeat(p.ci, p.i, p.n);
		pagesunlock();
		if (!taken) {
			giverange(pa, done);
			return false;
		}
		done += p.n;
	}
	return true;
}

typedef struct Search Search;

struct Search {
	size_t npages;
	size_t align; /* in pages */
	uint64_t end; /* frame numbers are below */
	uint64_t start;
};

/* One more frame, f; free or not. Is [start, f] a run now? */
static bool
onemore(Search *s, uint64_t f, bool free)
{
	if (!free || f >= s->end) {
		s->start = ROUNDUP(f + 1, (uint64_t)s->align);
		return false;
	}
	return f + 1 >= s->start && f + 1 - s->start >= s->npages;
}

/* What the frames of a chunk are now; false if none is free. */
static bool
chunkstates(size_t ci, uint8_t *bytes)
{
	pageslock();
	Chunk *c = &palloc.chunks[ci];
	bool any = c->nfree > 0 && c->state != CHUNKTAKEN;
	if (any)
		memcpy(bytes, chunkbytes(ci), CHUNKPAGES);
	pagesunlock();
	return any;
}

/* Look through the open chunks of a stretch; the run is taken then. */
static bool
searchstretch(Search *s, const Stretch *st)
{
	uint8_t bytes[CHUNKPAGES];

	s->start = ROUNDUP(st->number * CHUNKPAGES, (uint64_t)s->align);
	for (size_t k = 0; k < st->nchunks; k++) {
		uint64_t f = (st->number + k) * CHUNKPAGES;

		if (f >= s->end || !isopen(st->ci + k))
			return false;
		if (s->start >= f + CHUNKPAGES)
			continue;
		if (!chunkstates(st->ci + k, bytes)) {
			onemore(s, f + CHUNKPAGES - 1, false);
			continue;
		}
		for (size_t i = 0; i < CHUNKPAGES; i++)
			if (onemore(s, f + i, bytes[i] == FRAMEFREE)) {
				if (takerange(s->start << PGSHIFT, s->npages))
					return true;
				onemore(s, f + i, false);
			}
	}
	return false;
}

static bool
search(Search *s, const Node *n)
{
	for (size_t i = stretchcount(); i-- > 0;) {
		const Stretch *st = stretchat(i);

		if (nodeof(st->ci) == n && searchstretch(s, st))
			return true;
	}
	return false;
}

/*
 * The last chunk of the lowest place in a stretch where a run could lie and
 * that is not open as a whole; or NOCHUNK.
 */
static size_t
endinstretch(const Search *s, const Stretch *st)
{
	uint64_t first = st->number * CHUNKPAGES;
	uint64_t end = MIN(s->end, first + st->nchunks * CHUNKPAGES);
	size_t nopen = chunksopen(nodeof(st->ci)) + nodeof(st->ci)->first;
	uint64_t open = first + CHUNKPAGES * (MAX(nopen, st->ci) - st->ci);
	uint64_t start = first;

	if (open - first >= s->npages)
		start = open - s->npages + 1;
	start = ROUNDUP(start, (uint64_t)s->align);
	if (start > end || end - start < s->npages)
		return NOCHUNK;
	return st->ci + (start + s->npages - 1 - first) / CHUNKPAGES;
}

/* The same in all of a node. */
static size_t
nextend(const Search *s, const Node *n)
{
	size_t least = NOCHUNK;

	for (size_t i = 0; i < stretchcount(); i++) {
		const Stretch *st = stretchat(i);
		size_t end = NOCHUNK;

		if (nodeof(st->ci) == n)
			end = endinstretch(s, st);
		least = MIN(least, end);
	}
	return least;
}

/*
 * Take one of a node, looking again as long as anyone opens more of it: what
 * was opened meanwhile may wait at a CPU by now.
 */
static bool
within(Search *s, Node *n, bool *gathered)
{
	for (;;) {
		size_t nopen = chunksopen(n);

		if (search(s, n))
			return true;
		if (!*gathered) {
			pagecpugatherfor(s->npages);
			*gathered = true;
			continue;
		}
		size_t ci = nextend(s, n);
		if ((ci == NOCHUNK || !chunksopento(ci)) &&
		    chunksopen(n) == nopen)
			return false;
		*gathered = false;
	}
}

/* The nearest node that has one. */
static bool
anywhere(Search *s)
{
	const uint8_t *order = nodesfromhere();
	bool gathered = false;

	for (size_t i = 0; i < palloc.nnodes; i++)
		if (within(s, &palloc.node[order[i]], &gathered))
			return true;
	return false;
}

Page *
newpagerun(size_t npages, size_t align, paddr_t below)
{
	Search s = {npages, MAX(align, BY2PG) / BY2PG, below >> PGSHIFT, 0};

	needstage(SPAGES);
	if (npages == 0 || (align & (align - 1)) != 0)
		panic("%zu pages at multiples of %#zx", npages, align);
	if (!anywhere(&s))
		return NULL;
	size_t ci = chunkat(s.start << PGSHIFT);
	Page *pg = &palloc.pages[ci * CHUNKPAGES + s.start % CHUNKPAGES];
	for (size_t i = 0; i < npages; i++) {
		pagecheckfree(&pg[i]);
		__atomic_store_n(&pg[i].held, 1, __ATOMIC_RELAXED);
	}
	return pg;
}

void
putpagerun(Page *pg, size_t npages)
{
	for (size_t i = 0; i < npages; i++)
		putpage(&pg[i]);
}

/* Why not all of npages from pa on can be pages; NULL if they are. */
static const char *
notpages(paddr_t pa, size_t npages)
{
	if (!iswhole(pa, npages))
		return "no whole pages";
	for (paddr_t end = pa + npages * BY2PG; pa < end; pa += BY2PG) {
		size_t ci = chunkat(pa);

		if (ischunk(ci) && !chunksopento(ci))
			return "of a chunk that cannot be opened now";
		if (papage(pa) == NULL)
			return "not RAM that pages are made of";
	}
	return NULL;
}

/* What a process had in those of the n Pages from first on is gone. */
static void
clearusers(const Page *first, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (pageva(&first[k]) != 0)
			zeropages(pagepa(&first[k]), 1, COLD);
}

/*
 * Taken frames are no pages any more, and pagewipe does not come by them;
 * nquarantine counts them if bad.
 */
static void
leave(paddr_t pa, size_t npages, bool bad)
{
	while (npages > 0) {
		Part p = firstpart(pa, npages);

		clearusers(&palloc.pages[p.ci * CHUNKPAGES + p.i], p.n);
		pageslock();
		memset(chunkbytes(p.ci) + p.i, FRAMERESERVED, p.n);
		for (size_t k = 0; k < p.n; k++) {
			Page *pg = &palloc.pages[p.ci * CHUNKPAGES + p.i + k];

			pg->held = 0;
			pg->daddr = bad ? 0 : REMOVED;
		}
		countpages(&palloc.node[palloc.chunks[p.ci].node], -p.n);
		palloc.count.nquarantine += bad ? p.n : 0;
		pagesunlock();
		pa += p.n * BY2PG;
		npages -= p.n;
	}
}

/* Is it a part of a 2 MiB page that somebody has? */
static bool
inhuge(const Page *pg)
{
	const Page *first = &palloc.pages[chunkof(pg) * CHUNKPAGES];

	return ishuge(first) && pagerefs(first) != 0;
}

/* Does nobody have any of these pages, so that they are free, or wait? */
static bool
nobodys(paddr_t pa, size_t npages)
{
	for (size_t i = 0; i < npages; i++) {
		const Page *pg = papage(pa + i * BY2PG);

		if (pg == NULL || pagerefs(pg) != 0 || inhuge(pg))
			return false;
	}
	return true;
}

static const char *
takeout(paddr_t pa, size_t npages, bool bad)
{
	const char *why = notpages(pa, npages);

	if (why != NULL)
		return why;
	if (!takerange(pa, npages)) {
		if (!nobodys(pa, npages))
			return "in use";
		pagecpugatherfor(npages);
		if (!takerange(pa, npages))
			return "in use";
	}
	leave(pa, npages, bad);
	return NULL;
}

const char *
pageremove(paddr_t pa, size_t npages)
{
	needstage(SPAGES);
	return takeout(pa, npages, false);
}

const char *
pageretire(paddr_t pa)
{
	needstage(SPAGES);
	return takeout(ROUNDDOWN(pa, BY2PG), 1, true);
}
