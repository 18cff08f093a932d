/*
 * magazine.c - small blocks on their way between one CPU and the slabs.
 *
 *	malloc <-- [magazine of the class] <--magazinefill()-- slabs
 *	free   -->  (no lock)              --magazineput()-->
 *
 * A magazine hands out what came back last, while its lines are warm. When it
 * is empty, or full, three quarters of it are moved at once under the pool's
 * lock. It holds so many blocks that bursts of small ones do not get that far.
 *
 * A class with no free slot borrows from one or two classes above before it
 * gets a new slab, so that the sizes lend each other what they do not need.
 */
#include "poolparts.h"

enum {
	LEND = 2,              /* how many classes up a block may come from */
	WAITSMALL = 128 << 10, /* bytes that may wait, of slots to SLOTSMALL */
	WAITLARGE = 64 << 10,
	WAITMAX = 1022 /* blocks */
};

/* This CPU's magazine of the class, made if need be; NULL if no memory. */
static Magazine *
mine(Pool *pool, unsigned class)
{
	Magazine **m = &thiscpu()->magazines[pool->kind - KMAIN][class];

	if (*m != NULL)
		return *m;
	size_t slot = slotsizes[class];
	size_t wait = slot <= SLOTSMALL ? WAITSMALL : WAITLARGE;
	size_t max = MIN(wait / slot, WAITMAX);
	Want w = {sizeof **m + max * sizeof(void *), 0, GRAIN, 0, 0};
	Block *b = arenaalloc(pool, &w);
	if (b == NULL)
		return NULL;
	b->tag = tagmix(blockmem(b), tagkind(pool->kind, CMAGAZINE));
	*m = blockmem(b);
	size_t room = slot - SLOTEXTRA;
	/* A block's size taken from the room leaves its slack. */
	**m = (Magazine){.max = (uint16_t)max,
	    .room = (uint16_t)room,
	    .parts =
		tagkind(pool->kind, class) + ((uint64_t)room << SLACKSHIFT)};
	return *m;
}

/* How many blocks are moved at a time: most, but not all. */
static unsigned
share(const Magazine *m)
{
	return m->max - m->max / 4u;
}

/* Is there an m, and a block in it, from the slabs of its class if need be? */
static bool
loaded(Pool *pool, Magazine *m, unsigned class)
{
	if (m == NULL)
		return false;
	if (m->n == 0)
		m->n = slabtake(pool, class, m->block, share(m));
	return m->n > 0;
}

/* The magazine of a class a little above that has a block to spare, or NULL. */
static Magazine *
lender(Pool *pool, unsigned class)
{
	for (unsigned c = class + 1; c <= class + LEND && c < NCLASS; c++) {
		if (pool->partial[c] == NULL && magazine(pool->kind, c) == NULL)
			continue;
		Magazine *m = mine(pool, c);
		if (loaded(pool, m, c))
			return m;
	}
	return NULL;
}

Magazine *
magazinefill(Pool *pool, size_t size)
{
	if (classof(size) == 0)
		classinit();
	unsigned class = classof(size);
	lock(&pool->lock);
	Magazine *m = mine(pool, class);
	if (!loaded(pool, m, class)) {
		Magazine *other = lender(pool, class);
		if (other == NULL && m != NULL && slabadd(pool, class) == 0)
			loaded(pool, m, class);
		else
			m = other;
	}
	unlock(&pool->lock);
	return m;
}

/* The n blocks that have waited longest go back to their slabs. */
static void
drain(Pool *pool, Magazine *m, unsigned class, unsigned n)
{
	slabput(pool, class, m->block, n);
	m->n -= n;
	memmove(m->block, m->block + n, m->n * sizeof m->block[0]);
}

void
magazineput(Pool *pool, void *p, unsigned class)
{
	lock(&pool->lock);
	Magazine *m = mine(pool, class);
	if (m == NULL)
		slabput(pool, class, &p, 1);
	else if (m->n == m->max)
		drain(pool, m, class, share(m));
	unlock(&pool->lock);
	if (m != NULL)
		m->block[m->n++] = p;
}

size_t
magazinesempty(Pool *pool)
{
	size_t n = 0;

	for (unsigned class = 1; class < NCLASS; class += 1) {
		Magazine **m = &thiscpu()->magazines[pool->kind - KMAIN][class];
		if (*m == NULL)
			continue;
		n++;
		lock(&pool->lock);
		drain(pool, *m, class, (*m)->n);
		arenafree(pool, memblock(*m));
		*m = NULL;
		unlock(&pool->lock);
	}
	return n;
}

size_t
magazinebytes(Pool *pool)
{
	size_t size = 0;

	for (unsigned class = 1; class < NCLASS; class += 1) {
		Magazine *m = magazine(pool->kind, class);
		if (m != NULL)
			size += (size_t)m->n * slotsizes[class];
	}
	return size;
}
