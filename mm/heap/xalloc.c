/*
 * xalloc.c - the first allocator: blocks out of the kernel's share of RAM.
 *
 *	xalloc <-- [quick blocks of that size] <-- xfree
 *	   ^               | joinquick: joined with their neighbours
 *	   +------- [holes, in regions of RAM] <-- xbank.c
 *
 * The work of finding and joining holes is hole.c's. Each block is guarded by
 * a tag and a canary (tag.h). A freed block of a few KiB may stay as it is,
 * QUICKMAX of each size: joining it and cutting it out again touches five or
 * six other blocks for nothing. Whoever counts the holes, or finds none that
 * is large enough, has them joined first, so nobody can tell.
 *
 * A misuse is found before the lock is taken, so that the monitor can still
 * look at everything.
 */
#include "xalloc.h"
#include "../checking.h"
#include "hooks.h"
#include "stage.h"
#include "tag.h"
#include "xlists.h"

Xlists xlists;

/* Stop, with the lock held until now: b, which was quick, is not as it was. */
#define quickpanic(b, what)                                                    \
	(unlock(&xlists.lock), panic("quick block %p: %s", blockmem(b), what))

/* The first quick block of a size, if it is still as xfree left it. */
static Block *
quickpop(size_t i)
{
	Block *b = xlists.quick[i];
	uint64_t parts = tagparts(blockmem(b));

	if (!tagatrest(parts, KXALLOC, 0))
		quickpanic(b, "something wrote to its tag");
	if ((b->bits & BUSY) == 0 || blocksize(b) / GRAIN != i)
		quickpanic(b, "something wrote to its header");
	xlists.quick[i] = blocklink(&xlists.holes, b);
	xlists.nquick[i]--;
	xlists.nallquick--;
	return b;
}

static Block *
quicktake(size_t size)
{
	size_t i = size / GRAIN;

	if (i >= NQUICK || xlists.nquick[i] == 0)
		return NULL;
	Block *b = quickpop(i);
	blockunpoison(&xlists.holes, b);
	return b;
}

/* Keep b as it is; false if there are enough of its size. */
static bool
quickput(Block *b)
{
	size_t i = blocksize(b) / GRAIN;

	if (i >= NQUICK || xlists.nquick[i] == QUICKMAX)
		return false;
	blockpoison(b);
	blocksetlink(b, xlists.quick[i]);
	xlists.quick[i] = b;
	xlists.nquick[i]++;
	xlists.nallquick++;
	return true;
}

/* Join all quick blocks with their neighbours. */
static void
joinquick(void)
{
	for (size_t i = 0; xlists.nallquick > 0; i++)
		while (xlists.nquick[i] > 0)
			holefree(&xlists.holes, quickpop(i));
}

/* A block for w, by ever harder means. */
static Block *
takeblock(const Want *w)
{
	Block *b = NULL;

	if (w->align == GRAIN && w->span == 0)
		b = quicktake(wantsize(w));
	if (b == NULL)
		b = holetry(&xlists.holes, w);
	if (b != NULL)
		return b;
	joinquick();
	return holealloc(&xlists.holes, w);
}

/* size bytes for the caller at pc, or NULL; align and span are powers of 2. */
static void *
alloc(const Want *w, uintptr_t pc)
{
	if (!wantsane(w))
		return NULL;
	lock(&xlists.lock);
	Block *b = takeblock(w);
	if (CHECKING)
		holecheck(&xlists.holes);
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
	void *p = alloc(&w, callerpc());

	if (p != NULL && zero)
		memset(p, 0, size);
	return p;
}

void *
xalloc(size_t size)
{
	needstages(SXALLOC, SPREALLOC);
	Want w = want(size, 0, 0);
	void *p = alloc(&w, callerpc());

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
	void *p = alloc(&w, callerpc());

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

	return alloc(&w, callerpc());
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
	if (!taglive(parts, KXALLOC) || (blockbits(b) & BUSY) == 0 ||
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
	tagmustrelease(__func__, p, tagparts(p));
	lock(&xlists.lock);
	if (!quickput(memblock(p)))
		holefree(&xlists.holes, memblock(p));
	if (CHECKING)
		holecheck(&xlists.holes);
	unlock(&xlists.lock);
}

/* A busy block is two, the upper one's header at at. */
static Block *
cut(Block *b, uintptr_t at)
{
	Block *up = (Block *)at;

	up->bits = (blocksize(b) - (at - (uintptr_t)b)) | BUSY;
	b->bits -= blocksize(up);
	return up;
}

/* b has size bytes, and is its owner's. */
static void
own(Block *b, size_t size, uint64_t owner)
{
	size_t slack = blockroom(b) - size;

	tagset(blockmem(b), tagkind(KXALLOC, 0) | slack << SLACKSHIFT | owner,
	    size);
}

void
xgive(void *p, void *from, void *to)
{
	needstage(SXALLOC);
	size_t size = mustbeours(__func__, p);
	size_t below = (uintptr_t)from - (uintptr_t)p;
	size_t above = (uintptr_t)p + size - (uintptr_t)to;
	uint64_t owner = tagparts(p) & OWNERMASK;
	Block *b = memblock(p);

	if (below > size || above > size - below ||
	    size - below - above < XGIVEMIN || (above != 0 && above < XGIVEMIN))
		panic("%p, %zu bytes: [%p, %p)", p, size, from, to);
	tagmustrelease(__func__, p, tagparts(p));
	lock(&xlists.lock);
	if (above > 0)
		own(cut(b, (uintptr_t)to - BLOCKHDR), above, owner);
	if (below > 0) {
		Block *low = b;
		b = cut(b, ROUNDUP((uintptr_t)from + CANARYSIZE, GRAIN));
		own(low, below, owner);
	}
	holefree(&xlists.holes, b);
	unlock(&xlists.lock);
}

int
xgrow(void *p, size_t size)
{
	needstage(SXALLOC);
	mustbeours(__func__, p);
	uint64_t owner = tagparts(p) & OWNERMASK;
	Block *b = memblock(p);

	if (size > WANTMAX)
		return -1;
	lock(&xlists.lock);
	int e = holeresize(&xlists.holes, b, size + CANARYSIZE);
	if (e < 0) {
		joinquick();
		e = holegrow(&xlists.holes, b, size + CANARYSIZE);
	}
	unlock(&xlists.lock);
	if (e == 0)
		own(b, size, owner);
	return e;
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
	tagmustrelease(__func__, q, tagparts(q));
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
	joinquick();
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
	joinquick();
	holecheck(&xlists.holes);
	unlock(&xlists.lock);
}

size_t
xholes(void)
{
	needstage(SXALLOC);
	lock(&xlists.lock);
	joinquick();
	size_t n = holecount(&xlists.holes);
	unlock(&xlists.lock);
	return n;
}

size_t
xfreebytes(void)
{
	needstage(SXALLOC);
	lock(&xlists.lock);
	joinquick();
	size_t size = xlists.holes.free + xlists.holes.closed;
	unlock(&xlists.lock);
	return size;
}
