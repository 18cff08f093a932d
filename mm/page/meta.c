/*
 * meta.c - memory for the tables that describe pages.
 *
 *	Page array   [][][][3][]...   8 pages, or fewer, a chunk
 *	byte map     [][][][3][]...   a page for 8 chunks
 *	chunk words  [][][][3][]...   a page for 128
 *
 * The tables have reserved addresses from the start, and memory one chunk at a
 * time as that is opened. That memory is set aside beforehand, as many
 * frames as all tables need, off the top of the user share: [metapa, ...)
 * across banks. So what is counted as free is. A frame of it that turns out
 * bad is replaced by one of the very chunk that is being opened. RAM that comes
 * later brings its own (later.c), which are used when all of these are.
 */
#include "where.h"
#include "badram.h"
#include "bytemap.h"
#include "conf.h"
#include "stage.h"
#include "xalloc.h"

typedef struct Metarun Metarun;
struct Metarun {
	paddr_t pa;
	paddr_t end;
};

static size_t
pagesfor(size_t size)
{
	return PGROUND(size) / BY2PG;
}

/* Set so many frames aside, the highest there are; or all there are. */
static void
setaside(size_t want)
{
	for (size_t i = conf.nmem; i-- > 0 && want > 0;) {
		size_t n = MIN(want, (userend(i) - userbase(i)) / BY2PG);

		if (n == 0)
			continue;
		palloc.metapa = userend(i) - n * BY2PG;
		palloc.count.meta = (Bankpos){i, palloc.metapa};
		want -= n;
	}
}

static void *
reserve(size_t size)
{
	void *p = reserverange(PGROUND(size));

	if (p == NULL)
		panic("no addresses for %zu bytes of tables", size);
	return p;
}

/* Where frames set aside may be in the ith bank, or of what came later. */
static Metarun
metarun(size_t i)
{
	if (i < conf.nmem)
		return (Metarun){userbase(i), userend(i)};
	const Later *l = &palloc.later[i - conf.nmem];
	return (Metarun){l->end, l->tend};
}

/* The next frame set aside, or NOADDR. */
static paddr_t
nextmeta(Bankpos *m)
{
	for (; m->i < conf.nmem + latercount(); m->i++, m->pa = 0) {
		Metarun r = metarun(m->i);
		paddr_t pa = MAX(m->pa, r.pa);

		if (pa < r.end) {
			m->pa = pa + BY2PG;
			return pa;
		}
	}
	return NOADDR;
}

/*
 * The lowest free frame of the chunk being opened, or NOADDR: page tables may
 * be made of the highest ones meanwhile.
 */
static paddr_t
ownframe(Opening *o)
{
	for (size_t i = o->npages > 0 ? 0 : CHUNKPAGES; i < CHUNKPAGES; i++)
		if (o->bytes[i] == FRAMEFREE) {
			o->bytes[i] = FRAMERESERVED;
			o->nown++;
			return o->pa + i * BY2PG;
		}
	return NOADDR;
}

/* What the opening took is counted. */
void
metacommit(const Opening *o)
{
	Counts *c = &palloc.count;

	c->meta = o->meta;
	c->nmetaused += o->nused;
	c->nquarantine += o->nbad;
	c->nmeta += o->nown;
	countpages(o->node, -o->nown);
	countfree(o->node, -o->nown);
}

/*
 * Of the kernel's share, while xalloc is open: what was set aside may be all
 * bad, but the machine goes on.
 */
static paddr_t
kernelframe(void)
{
	void *p = stage == SXALLOC ? xspanalloc(BY2PG, BY2PG, 0) : NULL;

	return p != NULL ? paddr(p) : NOADDR;
}

/*
 * A frame for tables, probed and cleared: of those set aside, or else of the
 * chunk being opened, or at boot of the kernel's share. Or NOADDR.
 */
static paddr_t
metaframe(Opening *o)
{
	for (;;) {
		paddr_t pa = nextmeta(&o->meta);

		if (pa == NOADDR)
			pa = ownframe(o);
		if (pa == NOADDR)
			return kernelframe();
		o->nused++;
		probewrite(pa, 1);
		if (probecheck(pa, 1, NULL) == 0) {
			zeropages(pa, 1, COLD);
			return pa;
		}
		o->nbad++;
		badram(pa, 1, BADINALLOCATOR);
	}
}

/* Memory for the list of stretches: there is no going on without. */
static void
mapstretches(Opening *o, size_t nstretches)
{
	size_t npages = pagesfor(nstretches * sizeof(Stretch));
	Stretch *stretches = reserve(nstretches * sizeof(Stretch));

	for (size_t i = 0; i < npages; i++) {
		paddr_t pa = metaframe(o);

		if (pa == NOADDR ||
		    maprange((uint8_t *)stretches + i * BY2PG, pa, 1) < 0)
			panic("no memory for a list of %zu stretches",
			    nstretches);
	}
	palloc.stretches = stretches;
	palloc.stretchsize = npages * BY2PG;
}

/* Stretches of node k, near or not, get the next indexes; returns those after.
 */
static size_t
giveindexes(size_t nstretches, size_t k, bool near, size_t ci)
{
	for (size_t i = 0; i < nstretches; i++) {
		Stretch *st = &palloc.stretches[i];

		if (nodeat(st->number << CHUNKSHIFT) != k ||
		    (st->number < palloc.nearend) != near)
			continue;
		st->ci = ci;
		ci += st->nchunks;
	}
	return ci;
}

/*
 * Chunks ascend within a node, but for near ones, which have the lowest
 * addresses and come last in the order; and no two nodes share a page of a
 * table.
 */
static void
nodesinit(const Survey *s)
{
	paddr_t near = palloc.nearend << CHUNKSHIFT;
	size_t ci = 0;

	palloc.nnodes = nodecount();
	for (size_t k = 0; k < palloc.nnodes; k++) {
		Node *n = &palloc.node[k];

		ci = ROUNDUP(ci, (size_t)CHUNKSPERPG);
		nodeorder((uint32_t)k, n->order);
		n->first = ci;
		ci = giveindexes(s->nstretches, k, false, ci);
		n->nfar = ci - n->first;
		ci = giveindexes(s->nstretches, k, true, ci);
		n->nchunks = ci - n->first;
		n->nreserved = n->nchunks + LATERCHUNKS;
		n->nfree = n->npages = n->unopened = s->framesof[k];
		n->cut.pa = palloc.metapa;
		if (near != 0)
			n->cut.pa = MIN(n->cut.pa, near);
		n->cut.end = n->cut.pa;
		ci += LATERCHUNKS;
	}
	palloc.nreserved = ci;
}

void
metainit(void)
{
	nearinit();
	Survey s = survey();
	size_t need = s.granules + pagesfor(s.nchunks * CHUNKPAGES) +
		      pagesfor(s.nchunks * sizeof(Chunk)) +
		      pagesfor(s.nstretches * sizeof(Stretch)) + 1 +
		      2 * (nodecount() - 1);

	size_t npages = s.frames;
	setaside(need);
	palloc.count.nmeta = need;
	s = survey();
	if (s.frames == 0)
		panicat("preallocpages",
		    "%zu pages need %zu of them to describe the others", npages,
		    need);
	Opening boot = {.node = palloc.node, /* of no chunk */
	    .meta = palloc.count.meta};
	mapstretches(&boot, s.nstretches);
	survey();
	nodesinit(&s);
	palloc.nstretches = s.nstretches;
	palloc.surveyed = s.frames;
	palloc.count.unopened = s.frames;
	palloc.count.npages = s.frames;
	palloc.count.nfree = s.frames;
	palloc.count.nleast = s.frames;
	palloc.pages = reserve(palloc.nreserved * CHUNKPAGES * sizeof(Page));
	palloc.bytes = reserve(palloc.nreserved * CHUNKPAGES);
	palloc.chunks = reserve(palloc.nreserved * sizeof(Chunk));
	palloc.nopages = metaframe(&boot);
	metacommit(&boot);
	if (palloc.nopages == NOADDR)
		panicat("preallocpages",
		    "no good frame among the %zu set aside", need);
}

static bool
anyfree(const uint8_t *bytes)
{
	for (size_t i = 0; i < PAGESPERPG; i++)
		if (bytes[i] == FRAMEFREE)
			return true;
	return false;
}

/*
 * Give the chunk being opened its part of the tables; some of its frames may be
 * taken for it. NOMAP if the machine cannot do it now: then nothing has
 * changed, and the next time the same frames are mapped at the same places, so
 * that no CPU has to drop a translation of them. NOFRAME if there is no good
 * memory for it: no frame of the chunk is free then.
 */
enum mapped
mapchunk(Opening *o)
{
	void *places[2 + GRANULES];
	bool needed[2 + GRANULES] = {0};
	size_t n = 0;
	size_t done = 0;

	if (o->ci % CHUNKSPERPG == 0)
		places[n++] = &palloc.chunks[o->ci];
	if (o->ci % BYTECHUNKS == 0)
		places[n++] = chunkbytes(o->ci);
	size_t ntables = n;
	for (size_t g = 0; g < GRANULES; g++) {
		size_t i = g * PAGESPERPG;

		needed[n] = anyfree(o->bytes + i);
		places[n++] = palloc.pages + o->ci * CHUNKPAGES + i;
	}
	enum mapped result = MAPPED;
	while (done < n && result == MAPPED) {
		bool table = done < ntables;
		paddr_t frame = NOADDR;

		if (table || needed[done])
			frame = metaframe(o);
		if (frame == NOADDR && !table) /* no Page there is used */
			frame = palloc.nopages;
		if (frame == NOADDR)
			result = NOFRAME;
		else if (maprange(places[done], frame, 1) < 0)
			result = NOMAP;
		else
			done++;
	}
	while (result != MAPPED && done-- > 0)
		unmaprange(places[done], 1);
	return result;
}

/* Give back a table, of size bytes for each chunk, as much as is mapped. */
static void
unreserve(void *table, size_t size)
{
	for (size_t i = 0; i < palloc.nnodes; i++) {
		const Node *n = &palloc.node[i];
		uint8_t *p = (uint8_t *)table + n->first * size;

		if (n->nopen > 0)
			unmaprange(p, pagesfor(n->nopen * size));
	}
	cpubarrier();
	unreserverange(table, PGROUND(palloc.nreserved * size));
}

void
metafini(void)
{
	unreserve(palloc.pages, CHUNKPAGES * sizeof(Page));
	unreserve(palloc.bytes, CHUNKPAGES);
	unreserve(palloc.chunks, sizeof(Chunk));
	unmaprange(palloc.stretches, pagesfor(palloc.stretchsize));
	cpubarrier();
	unreserverange(palloc.stretches, palloc.stretchsize);
}
