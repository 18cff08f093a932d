/*
 * xalloc.c - every sequence of calls on a machine of one page.
 *
 * With no argument all sequences of a few operations; with `full' every state
 * that can be reached with up to NLIVE blocks, each visited once: states are
 * the same when blocks, lists and quick blocks are. After each operation the
 * answer is compared with the obvious way: blocks lie apart and aligned, NULL
 * only if there is no place, and the holes are what lies between the blocks.
 *
 * Twice: with blocks of all kinds, that are merged; and with few, that grow,
 * and give up parts. There each byte of a block says where it is, at all times.
 *
 * needs: tests/host/heap.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../mm/heap/xlists.h"
#include "heap.h"
#include "hooks.h"
#include "host.h"
#include "xalloc.h"

enum { NLIVE = 4, NSEEN = 1 << 24, QUICKDEPTH = 4, FULLDEPTH = 8 };

/* At most so many operations there are: apply knows which. */
enum { NOP = 48 };

typedef struct Live Live;
struct Live {
	uint8_t *p;
	size_t size;
};

/* All there is to know, to come back to. */
typedef struct State State;
struct State {
	Xlists lists;
	Live live[NLIVE];
	uint8_t page[BY2PG];
};

static const struct {
	size_t size;
	size_t align;
	size_t span;
} asks[] = {
    {1, 0, 0},
    {40, 0, 0},
    {200, 0, 0},
    {1000, 0, 0},
    {1960, 0, 0},
    {4032 - 24, 0, 0},
    {64, 256, 0},
    {500, 1024, 0},
    {100, 0, 128},
    {300, 64, 512},
};

/* Those of them that grow and give; to what size; from where, and how much. */
static const unsigned few[] = {1, 3, 4};
static const size_t sizes[] = {1, 592, 1400, 3008};
static const struct {
	size_t from;
	size_t size; /* 0: to the end */
} gives[] = {{0, XGIVEMIN}, {0, 0}, {160, 256}, {160, 0}, {640, 0}};

static Live live[NLIVE];
static bool resizing;
static uint8_t *page;
static uint64_t *seen;
static size_t nstates;
static size_t nsteps;

static void
save(State *s)
{
	s->lists = xlists;
	memcpy(s->live, live, sizeof live);
	memcpy(s->page, page, BY2PG);
}

static void
restore(const State *s)
{
	xlists = s->lists;
	memcpy(live, s->live, sizeof live);
	memcpy(page, s->page, BY2PG);
}

static Live *
nextlive(const uint8_t *from)
{
	Live *best = NULL;

	for (Live *l = live; l < live + NLIVE; l++)
		if (l->p != NULL && l->p >= from &&
		    (best == NULL || l->p < best->p))
			best = l;
	return best;
}

/* The end of what a block takes: size, canary, and a rest too small to free. */
static uint8_t *
endof(const Live *l)
{
	size_t size = MAX(ROUNDUP(l->size + 8 + BLOCKHDR, GRAIN), MINBLOCK);

	return l->p - BLOCKHDR + size;
}

/* May a block for the request start with its memory at p, below end? */
static bool
fits(const uint8_t *low, const uint8_t *p, const uint8_t *end, unsigned ask)
{
	Live l = {(uint8_t *)(uintptr_t)p, asks[ask].size};
	uintptr_t at = (uintptr_t)p;
	uintptr_t last = at + l.size - 1;

	if (p - BLOCKHDR != low && p - BLOCKHDR - low < MINBLOCK)
		return false;
	if (asks[ask].align != 0 && at % asks[ask].align != 0)
		return false;
	if (asks[ask].span != 0 && at / asks[ask].span != last / asks[ask].span)
		return false;
	return endof(&l) <= end;
}

/* Is there any place for the request? The slow and obvious way. */
static bool
possible(unsigned ask)
{
	uint8_t *low = page + sizeof(Region);

	for (;;) {
		Live *next = nextlive(low);
		uint8_t *end =
		    next != NULL ? next->p - BLOCKHDR : page + BY2PG - BLOCKHDR;
		for (uint8_t *p = low + BLOCKHDR; p < end; p += GRAIN)
			if (fits(low, p, end, ask))
				return true;
		if (next == NULL)
			return false;
		low = next->p - BLOCKHDR + blocksize(memblock(next->p));
	}
}

static uint8_t
stamp(const uint8_t *p)
{
	return (uint8_t)((p - page) / 8 + 1);
}

static void
fillfrom(const Live *l, size_t from)
{
	for (size_t i = from; i < l->size; i++)
		l->p[i] = stamp(&l->p[i]);
}

static void
checkbytes(void)
{
	for (Live *l = nextlive(page); l != NULL; l = nextlive(l->p + 1))
		for (size_t i = 0; i < l->size; i++)
			if (l->p[i] != stamp(&l->p[i]))
				panic("byte %zu of %p is %#x", i, (void *)l->p,
				    l->p[i]);
}

/* Holes are the gaps between blocks, and nothing is lost. */
static void
check(void)
{
	size_t holes = 0;
	size_t free = 0;
	uint8_t *low = page + sizeof(Region);
	State s;

	if (resizing)
		checkbytes();
	save(&s);
	xcheck();
	for (;;) {
		Live *next = nextlive(low);
		uint8_t *end =
		    next != NULL ? next->p - BLOCKHDR : page + BY2PG - BLOCKHDR;
		if (next != NULL &&
		    (next->p - BLOCKHDR < low ||
			blocksize(memblock(next->p)) <
			    (size_t)(endof(next) - next->p + BLOCKHDR)))
			panic("%p overlaps", (void *)next->p);
		holes += end > low;
		free += (size_t)(end - low);
		if (next == NULL)
			break;
		low = next->p - BLOCKHDR + blocksize(memblock(next->p));
	}
	if (holes != xholes() || free != xfreebytes())
		panic("%zu holes of %zu bytes, xalloc says %zu of %zu", holes,
		    free, xholes(), xfreebytes());
	restore(&s);
}

static void
mix(uint64_t *hash, uint64_t x)
{
	*hash = (*hash ^ x) * 0x9e3779b97f4a7c15;
	*hash ^= *hash >> 29;
}

/* A number for the state; 0 for none. */
static uint64_t
hashof(void)
{
	uint64_t hash = 1;
	Region *r = xlists.holes.regions;

	for (Block *b = (Block *)(r + 1);; b = blockabove(b)) {
		mix(&hash, b->bits);
		if (b == r->fence)
			break;
	}
	for (size_t i = 0; i < NLIST * NSUB; i++)
		for (Block *b = xlists.holes.list[i / NSUB][i % NSUB];
		     b != NULL; b = blocklink(&xlists.holes, b))
			mix(&hash, (uintptr_t)b << 20 | i);
	for (size_t i = 0; i < NQUICK; i++)
		for (size_t n = xlists.nquick[i], k = 0; k < n; k++) {
			Block *b = xlists.quick[i];
			for (size_t j = 0; j < k; j++)
				b = blocklink(&xlists.holes, b);
			mix(&hash, (uintptr_t)b << 20 | i);
		}
	for (Live *l = nextlive(page); l != NULL; l = nextlive(l->p + 1))
		mix(&hash, (uintptr_t)l->p << 20 | l->size);
	return hash | 1;
}

/* Remember a state seen with so many steps to go; true if it was. */
static bool
known(int depth)
{
	uint64_t hash = (hashof() & ~15ull) | (unsigned)depth;
	size_t i = (hash >> 30) % NSEEN;

	if (seen == NULL)
		return false;
	for (; seen[i] != 0; i = (i + 1) % NSEEN)
		if ((seen[i] & ~15ull) == (hash & ~15ull)) {
			if ((seen[i] & 15) >= (unsigned)depth)
				return true;
			seen[i] = hash;
			return false;
		}
	if (++nstates > NSEEN / 4 * 3)
		panic("more than %zu states", nstates);
	seen[i] = hash;
	return false;
}

/* One that is none yet, or NULL. */
static Live *
nolive(void)
{
	for (Live *l = live; l < live + NLIVE; l++)
		if (l->p == NULL)
			return l;
	return NULL;
}

static bool
ask(unsigned i)
{
	Live *l = nolive();

	if (l == NULL)
		return false;
	bool can = possible(i);
	if (asks[i].align == 0 && asks[i].span == 0)
		l->p = xallocz(asks[i].size, false);
	else
		l->p = xspanalloc(asks[i].size, asks[i].align, asks[i].span);
	l->size = asks[i].size;
	if ((l->p != NULL) != can)
		panic("%zu bytes: %p, possible %d", asks[i].size, (void *)l->p,
		    can);
	uintptr_t at = (uintptr_t)l->p;
	if (asks[i].align != 0 && at % asks[i].align != 0)
		panic("%p is not aligned to %zu", (void *)l->p, asks[i].align);
	if (asks[i].span != 0 && l->p != NULL &&
	    at / asks[i].span != (at + l->size - 1) / asks[i].span)
		panic("%p is across %zu", (void *)l->p, asks[i].span);
	if (resizing && l->p != NULL)
		fillfrom(l, 0);
	return true;
}

/* To more if there is room up to the next block; to less always. */
static bool
grow(Live *l, size_t size)
{
	if (l->p == NULL)
		return false;
	Live *next = nextlive(l->p + 1);
	uint8_t *end =
	    next != NULL ? next->p - BLOCKHDR : page + BY2PG - BLOCKHDR;
	Live grown = {l->p, size};
	bool can = endof(&grown) <= end;
	size_t old = l->size;

	if ((xgrow(l->p, size) == 0) != can)
		panic("%p, %zu bytes to %zu: possible %d", (void *)l->p,
		    l->size, size, can);
	if (!can)
		return true;
	l->size = size;
	fillfrom(l, MIN(old, size));
	return true;
}

/* The part below stays l's, the one above is another block. */
static bool
give(Live *l, unsigned i)
{
	size_t from = gives[i].from;
	size_t to = gives[i].size == 0 ? l->size : from + gives[i].size;
	Live *above = to < l->size ? nolive() : l;

	if (l->p == NULL || above == NULL || to > l->size ||
	    to < from + XGIVEMIN || (to < l->size && l->size - to < XGIVEMIN))
		return false;
	xgive(l->p, l->p + from, l->p + to);
	if (above != l)
		*above = (Live){l->p + to, l->size - to};
	l->size = from;
	if (from == 0)
		l->p = NULL;
	return true;
}

static bool
merge(Live *a, Live *b)
{
	if (a == b || a->p == NULL || b->p == NULL)
		return false;
	bool next = blockabove(memblock(a->p)) == memblock(b->p);
	if (xmerge(a->p, b->p) != next)
		panic(
		    "%p and %p: merged %d", (void *)a->p, (void *)b->p, !next);
	if (!next)
		return false;
	a->size = (size_t)(b->p - a->p) + b->size;
	b->p = NULL;
	return true;
}

/* Operation number op, if it can be done here. */
static bool
apply(unsigned op)
{
	unsigned nask = resizing ? nelem(few) : nelem(asks);

	if (op < nask)
		return ask(resizing ? few[op] : op);
	op -= nask;
	if (op < NLIVE) {
		if (live[op].p == NULL)
			return false;
		xfree(live[op].p);
		live[op].p = NULL;
		return true;
	}
	op -= NLIVE;
	Live *l = &live[op % NLIVE];
	op /= NLIVE;
	if (!resizing)
		return op < NLIVE && merge(l, &live[op]);
	if (op < nelem(sizes))
		return grow(l, sizes[op]);
	op -= nelem(sizes);
	return op < nelem(gives) && give(l, op);
}

static void
explore(int depth)
{
	State s;

	if (depth == 0 || known(depth))
		return;
	save(&s);
	for (unsigned op = 0; op < NOP; op++) {
		if (apply(op)) {
			nsteps++;
			check();
			explore(depth - 1);
		}
		restore(&s);
	}
}

int
main(int argc, char **argv)
{
	bool full = argc > 1 && strcmp(argv[1], "full") == 0;

	hostquiet();
	for (int i = 0; i < 2; i++) {
		resizing = i == 1;
		heapmachine(1, BY2PG, 0);
		page = kaddr(HEAPBASE);
		if (full)
			seen = calloc(NSEEN, sizeof *seen);
		nstates = nsteps = 0;
		explore(full ? FULLDEPTH : QUICKDEPTH);
		free(seen);
		printf("small: name=%s depth=%d states=%zu steps=%zu "
		       "result=ok\n",
		    resizing ? "xgrow" : "xalloc",
		    full ? FULLDEPTH : QUICKDEPTH, nstates, nsteps);
	}
	return 0;
}
