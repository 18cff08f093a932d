/*
 * xalloc.c - every sequence of calls on a machine of one page.
 *
 * With no argument all sequences of a few operations; with `full' every state
 * that can be reached with up to NLIVE blocks, each visited once: states are
 * the same when blocks, lists and quick blocks are. After each operation the
 * answer is compared with the obvious way: blocks lie apart and aligned, NULL
 * only if there is no place, and the holes are what lies between the blocks.
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

static Live live[NLIVE];
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

/* Holes are the gaps between blocks, and nothing is lost. */
static void
check(void)
{
	size_t holes = 0;
	size_t free = 0;
	uint8_t *low = page + sizeof(Region);
	State s;

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

static bool
ask(unsigned i)
{
	Live *l = live;

	while (l < live + NLIVE && l->p != NULL)
		l++;
	if (l == live + NLIVE)
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
	if (op < nelem(asks))
		return ask(op);
	op -= nelem(asks);
	if (op < NLIVE) {
		if (live[op].p == NULL)
			return false;
		xfree(live[op].p);
		live[op].p = NULL;
		return true;
	}
	op -= NLIVE;
	return merge(&live[op / NLIVE], &live[op % NLIVE]);
}

static void
explore(int depth)
{
	State s;

	if (depth == 0 || known(depth))
		return;
	save(&s);
	for (unsigned op = 0; op < nelem(asks) + NLIVE + NLIVE * NLIVE; op++) {
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
	heapmachine(1, BY2PG, 0);
	page = kaddr(HEAPBASE);
	if (full)
		seen = calloc(NSEEN, sizeof *seen);
	explore(full ? FULLDEPTH : QUICKDEPTH);
	printf("small: name=xalloc depth=%d states=%zu steps=%zu result=ok\n",
	    full ? FULLDEPTH : QUICKDEPTH, nstates, nsteps);
	return 0;
}
