/*
 * xalloc.c - the first allocator: blocks out of the kernel's share of RAM.
 *
 *	conf.mem --xinit()--> [regions of holes] --xalloc()--> early tables,
 *	                          ^ opened and probed 2 MiB at a time    pools
 *
 * The work of finding and joining holes is hole.c's. This file turns banks
 * into regions, probes what it opens, guards each block with a tag and a
 * canary (tag.h), and keeps the order of the boot.
 *
 * Locking: xlists.lock around every use of xlists.holes. A misuse is found
 * before the lock is taken, so that the monitor can still look.
 */
#include "xalloc.h"
#include "check.h"
#include "conf.h"
#include "hole.h"
#include "hooks.h"
#include "stage.h"
#include "tag.h"

enum { STEP = 512 }; /* pages opened at once: 2 MiB */

/* Larger sizes are refused before any sum could wrap. */
#define MAXSIZE (1ull << 46)

static struct {
	Lock lock;
	Holes holes;
	size_t nbad;       /* pages left out */
	uint8_t bad[STEP]; /* probecheck's answer */
} xlists;

/*
 * Probe npages pages, at most STEP, from r's edge, and open them: the runs
 * that hold as memory, the others as never to be used.
 */
static void
openstep(Region *r, size_t npages)
{
	paddr_t pa = paddr((void *)r->edge);

	memset(xlists.bad, 0, npages);
	probewrite(pa, npages);
	xlists.nbad += probecheck(pa, npages, xlists.bad);
	for (size_t i = 0; i < npages;) {
		size_t n = 1;
		while (i + n < npages && xlists.bad[i + n] == xlists.bad[i])
			n++;
		holeopen(
		    &xlists.holes, r, n * BY2PG, xlists.bad[i] ? BAD : GOOD);
		i += n;
	}
}

/* Open size bytes at r's edge, or what there is, in whole steps. */
static int
opensteps(Region *r, size_t size)
{
	size_t todo = ROUNDUP(MIN(size, r->end - r->edge), BY2PG) / BY2PG;
	size_t left = (r->end - r->edge) / BY2PG;

	todo = MIN(ROUNDUP(todo, STEP), left);
	if (todo == 0)
		return -1;
	for (size_t n = 0; todo > 0; todo -= n) {
		n = MIN(todo, STEP);
		openstep(r, n);
	}
	return 0;
}

/* The first page at or above pa that holds what is written to it. */
static paddr_t
goodpage(paddr_t pa, paddr_t end)
{
	for (; pa < end; pa += BY2PG, xlists.nbad++) {
		probewrite(pa, 1);
		if (probecheck(pa, 1, NULL) == 0)
			break;
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

static void
mustbenew(uintptr_t p, uintptr_t end)
{
	for (Region *r = xlists.holes.regions; r != NULL; r = r->next)
		if (p < r->end && end > (uintptr_t)r)
			panicat("xhole",
			    "[%#jx, %#jx): xalloc has [%#jx, %#jx) already",
			    (uintmax_t)p, (uintmax_t)end, (uintmax_t)r,
			    (uintmax_t)r->end);
}

/*
 * [pa, end), whole pages, becomes a region, or part of the one it follows; and
 * if another follows on it, all of it is opened and they are joined.
 */
static void
addhole(paddr_t pa, paddr_t end)
{
	uintptr_t p = (uintptr_t)kaddr(pa);
	mustbenew(p, p + (end - pa));
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
		opensteps(r, r->end - r->edge);
	holejoin(&xlists.holes, r, above);
}

void
xhole(paddr_t pa, size_t size)
{
	needstage(SXALLOC);
	if (size > MAXSIZE || pa > NOADDR - MAXSIZE)
		panic("pa %#jx, size %#zx: no such memory", pa, size);
	paddr_t end = ROUNDDOWN(pa + size, BY2PG);
	pa = PGROUND(pa);
	if (pa >= end)
		return;
	if (cankaddr(pa) < end - pa)
		panic("[%#jx, %#jx) is not in the direct map", pa, end);
	lock(&xlists.lock);
	addhole(pa, end);
	unlock(&xlists.lock);
}

void
xinit(void)
{
	needstage(SCONF);
	memset(&xlists, 0, sizeof xlists);
	xlists.holes.more = opensteps;
	for (size_t i = 0; i < conf.nmem; i++) {
		Confmem *m = &conf.mem[i];
		if (m->kbase == m->klimit)
			continue;
		paddr_t pa = paddr((void *)m->kbase);
		addhole(pa, pa + (m->klimit - m->kbase));
	}
}

/* size bytes for the caller at pc, or NULL; align and span are powers of 2. */
static void *
take(const Want *w, uintptr_t pc)
{
	if (w->size > MAXSIZE || w->align > MAXSIZE)
		return NULL;
	if (w->span != 0 && w->size > w->span)
		return NULL;
	lock(&xlists.lock);
	Block *b = holealloc(&xlists.holes, w);
	unlock(&xlists.lock);
	if (b == NULL)
		return NULL;
	void *p = blockmem(b);
	size_t slack = blockroom(b) - w->size;
	tagset(p, tagkind(KXALLOC, 0) | slack << SLACKSHIFT | tagowner(pc),
	    w->size);
	return p;
}

static void
mustbepower(const char *func, size_t align, size_t span)
{
	if ((align & (align - 1)) != 0 || (span & (span - 1)) != 0)
		panicat(func, "align %#zx, span %#zx: not powers of two", align,
		    span);
}

static Want
want(size_t size, size_t align, size_t span)
{
	return (Want){size, CANARYSIZE, MAX(align, GRAIN), 0, span};
}

void *
xallocz(size_t size, bool zero)
{
	needstages(SXALLOC, SPREALLOC);
	Want w = want(size, 0, 0);
	void *p = take(&w, callerpc());

	if (p != NULL && zero)
		memset(p, 0, size);
	return p;
}

void *
xalloc(size_t size)
{
	needstages(SXALLOC, SPREALLOC);
	Want w = want(size, 0, 0);
	void *p = take(&w, callerpc());

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
xspanalloc(size_t size, size_t align, size_t span)
{
	needstages(SXALLOC, SPREALLOC);
	mustbepower(__func__, align, span);
	Want w = want(size, align, span);
	void *p = take(&w, callerpc());

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
xspanallocfor(enum xuser who, size_t size, size_t align, size_t span)
{
	(void)who;
	needstage(SXALLOC);
	mustbepower(__func__, align, span);
	Want w = want(size, align, span);

	return take(&w, callerpc());
}

/* Stop unless p is a live block of ours whose ends are whole; its size. */
static size_t
mustbeours(const char *func, void *p)
{
	if ((uintptr_t)p % GRAIN != 0 || !holehas(&xlists.holes, p)) {
		holearound(&xlists.holes, p);
		panicat(func, "%p is no block of xalloc", p);
	}
	uint64_t parts = tagparts(p);
	Block *b = memblock(p);
	if (!taglive(parts, KXALLOC) || (b->bits & BUSY) == 0 ||
	    tagslack(parts) > blockroom(b)) {
		holearound(&xlists.holes, p);
		tagpanic(func, p);
	}
	size_t size = blockroom(b) - tagslack(parts);
	if (!canaryholds(p, size)) {
		holearound(&xlists.holes, p);
		canarypanic(func, p, size);
	}
	return size;
}

void
xfree(void *p)
{
	needstage(SXALLOC);
	if (p == NULL)
		return;
	mustbeours(__func__, p);
	tagsetfreed(p);
	lock(&xlists.lock);
	holefree(&xlists.holes, memblock(p));
	unlock(&xlists.lock);
}

int
xmerge(void *p, void *q)
{
	needstage(SXALLOC);
	mustbeours(__func__, p);
	size_t size = mustbeours(__func__, q);
	Block *b = memblock(p);
	uint64_t owner = tagparts(p) & OWNERMASK;

	if (blockabove(b) != memblock(q))
		return 0;
	size_t slack = blockroom(memblock(q)) - size;
	size += (uintptr_t)q - (uintptr_t)p;
	tagsetfreed(q);
	lock(&xlists.lock);
	b->bits += blocksize(memblock(q));
	unlock(&xlists.lock);
	tagset(p, tagkind(KXALLOC, 0) | slack << SLACKSHIFT | owner, size);
	return 1;
}

static void
printhole(uintptr_t p, uintptr_t end)
{
	print(
	    "%#jx %#jx %zu\n", (uintmax_t)p, (uintmax_t)end, (size_t)(end - p));
}

void
xsummary(void)
{
	needstage(SXALLOC);
	lock(&xlists.lock);
	print("%zu holes free\n", holecount(&xlists.holes));
	holeeach(&xlists.holes, printhole);
	print("%zu bytes free\n", xlists.holes.free + xlists.holes.closed);
	unlock(&xlists.lock);
}

void
xcheck(void)
{
	needstage(SXALLOC);
	lock(&xlists.lock);
	holecheck(&xlists.holes);
	unlock(&xlists.lock);
}

size_t
xholes(void)
{
	needstage(SXALLOC);
	lock(&xlists.lock);
	size_t n = holecount(&xlists.holes);
	unlock(&xlists.lock);
	return n;
}

size_t
xfreebytes(void)
{
	needstage(SXALLOC);
	lock(&xlists.lock);
	size_t size = xlists.holes.free + xlists.holes.closed;
	unlock(&xlists.lock);
	return size;
}

size_t
xbadpages(void)
{
	return xlists.nbad;
}
