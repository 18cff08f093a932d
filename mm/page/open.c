/*
 * open.c - a chunk is opened when nothing else is left.
 *
 *	claim -> describe, map its tables, probe -> publish
 *	lock     none held                          lock
 *
 * Its frames are probed: all written, pushed out of the caches, all read back;
 * the bad ones are reserved for ever in the byte map. Frames outside the banks
 * are too. One chunk at a time is being opened, by one CPU.
 */
#include "where.h"
#include "badram.h"
#include "bytemap.h"
#include "percpu.h"

/*
 * Probe the free frames of the chunk at pa, a byte each. Bad ones become
 * reserved; how many that were. All are written before any is read: a frame
 * that is really another one shows.
 */
static size_t
probe(paddr_t pa, uint8_t *bytes)
{
	size_t nbad = 0;
	size_t n;

	for (size_t i = 0; i < CHUNKPAGES; i += n + 1) {
		n = 0;
		while (i + n < CHUNKPAGES && bytes[i + n] == FRAMEFREE)
			n++;
		if (n > 0)
			probewrite(pa + i * BY2PG, n);
	}
	for (size_t i = 0; i < CHUNKPAGES; i += n + 1) {
		n = 0;
		while (i + n < CHUNKPAGES && bytes[i + n] == FRAMEFREE)
			n++;
		if (n > 0)
			nbad += probecheck(pa + i * BY2PG, n, bytes + i);
	}
	for (size_t i = 0; nbad > 0 && i < CHUNKPAGES; i++)
		if (bytes[i] == FRAMEALLOCATED) {
			bytes[i] = FRAMERESERVED;
			badram(pa + i * BY2PG, 1, BADINALLOCATOR);
		}
	return nbad;
}

/* Where chunk ci, the next of its node to open, lies. */
static paddr_t
unopenedpa(Node *n, size_t ci)
{
	const Stretch *s = stretchat(n->stretch);

	while (ci - s->ci >= s->nchunks) {
		n->stretch = (n->stretch + 1) % stretchcount();
		s = stretchat(n->stretch);
	}
	return (s->number + (ci - s->ci)) << CHUNKSHIFT;
}

/*
 * There is no good memory for the tables of the chunk being opened: do without
 * it and all that would have come after. How many pages that is.
 */
static size_t
giveup(void)
{
	Counts *c = &palloc.count;
	size_t lost = c->unopened;

	for (size_t i = 0; i < palloc.nnodes; i++) {
		Node *n = &palloc.node[i];

		countpages(n, -n->unopened);
		countfree(n, -n->unopened);
		n->unopened = 0;
		n->nchunks = n->nopen;
	}
	c->nquarantine += lost;
	palloc.surveyed -= lost;
	c->unopened = 0;
	palloc.lost = true;
	return lost;
}

/*
 * Say that the next chunk of the node is being opened; false if there is none,
 * or someone else is opening one: *other.
 */
static bool
claim(Opening *o, Percpu *me, bool *other)
{
	Node *n = o->node;

	pageslock();
	*other = palloc.opening != 0;
	bool mine = !*other && n->nopen < n->nchunks;
	if (mine) {
		__atomic_store_n(&palloc.opening, 1, __ATOMIC_RELAXED);
		o->ci = palloc.openci = n->first + n->nopen;
		o->pa = unopenedpa(n, o->ci);
		o->meta = palloc.count.meta;
		palloc.opener = &me->page;
		palloc.opened = o;
	}
	pagesunlock();
	return mine;
}

/* Write into the tables what the claimed chunk's bytes say. */
static void
fill(Opening *o)
{
	Page *pages = &palloc.pages[o->ci * CHUNKPAGES];

	memcpy(chunkbytes(o->ci), o->bytes, CHUNKPAGES);
	for (size_t i = 0; i < CHUNKPAGES; i++)
		if (o->bytes[i] == FRAMEFREE)
			pages[i].frame = ((o->pa >> PGSHIFT) + i)
					 << PAGEIMAGEBITS;
	palloc.chunks[o->ci].number = (uint32_t)(o->pa >> CHUNKSHIFT);
	palloc.chunks[o->ci].node = (uint8_t)(o->node - palloc.node);
}

/* The claimed chunk is open, with nbad bad frames. */
static void
publish(Opening *o, size_t nbad)
{
	Node *n = o->node;

	countunopened(n, -o->npages);
	metacommit(o);
	palloc.count.nquarantine += nbad;
	countpages(n, -nbad);
	countfree(n, -nbad);
	chunklist(&palloc.chunks[o->ci], chunkbytes(o->ci));
	palloc.nopen++;
	palloc.stuck = false;
	n->nopen++;
	__atomic_store_n(
	    &n->openpages, n->nopen * CHUNKPAGES, __ATOMIC_RELEASE);
}

/* The claimed chunk cannot be opened, for ever; how much is lost by that. */
static size_t
refuse(Opening *o)
{
	countunopened(o->node, -o->npages);
	palloc.surveyed -= o->npages;
	metacommit(o);
	return giveup();
}

/*
 * Open the next chunk of a node: describe its frames, probe them, list it. True
 * if it is worth looking again: it is open, or someone else is at it. False if
 * there is none, or its tables cannot be mapped. No lock is held while it is
 * probed; but this CPU does nothing else, so that who waits for it on another
 * one need not wait long.
 */
bool
chunkopen(Node *n)
{
	Percpu *me = cpuenter();
	size_t nbad = 0;
	size_t nlost = 0;
	bool other = false;
	Opening o = {.node = n};

	if (!claim(&o, me, &other)) {
		cpuleave(me);
		return other;
	}
	o.npages = describe(o.pa, o.bytes);
	enum mapped mapped = mapchunk(&o);
	palloc.opened = NULL;
	if (mapped == MAPPED) {
		nbad = probe(o.pa, o.bytes);
		fill(&o);
	}
	pageslock();
	if (mapped == MAPPED)
		publish(&o, nbad);
	else if (mapped == NOFRAME)
		nlost = refuse(&o);
	__atomic_store_n(&palloc.opening, 0, __ATOMIC_RELEASE);
	pagesunlock();
	cpuleave(me);
	if (nbad > 0)
		print("%zu of 512 pages from %#jx on are bad, and not used\n",
		    nbad, o.pa);
	if (mapped == NOFRAME)
		print("no good memory to describe %zu pages from %#jx on "
		      "with\n",
		    nlost, o.pa);
	return mapped == MAPPED;
}

/* Was this CPU stopped while it opened a chunk, and nobody will end that? */
static bool
stoppedopening(void)
{
	Percpu *me = cpuenter();
	pageslock();
	bool mine = palloc.opening != 0 && palloc.opener == &me->page;
	pagesunlock();
	cpuleave(me);
	return mine;
}

/*
 * Open chunks up to ci, one of a node's; false if that cannot be. One that
 * another CPU opens is waited for; one that this CPU was opening when it was
 * stopped never is open.
 */
bool
chunksopento(size_t ci)
{
	while (!isopen(ci)) {
		if (stoppedopening())
			return false;
		awaitzero(&palloc.opening);
		if (!chunkopen(nodeof(ci)))
			return isopen(ci);
	}
	return true;
}
