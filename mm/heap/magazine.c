/*
 * magazine.c - small blocks on their way between one CPU and the slabs.
 *
 *	malloc <-- [magazine of the class] <--magazinefill()-- slabs
 *	free   -->  (no lock)              --magazineput()-->
 *
 * A magazine hands out what came back last, while its lines are warm; but in
 * which order the last ones come out, only the secret knows. When it is empty,
 * or full, three quarters of it are moved at once under the pool's lock. It
 * holds so many blocks that bursts of small ones do not get that far. Whoever
 * has the lock for one class levels the CPU's other magazines too, those that
 * have been running out or filling up since: where many sizes pass from one CPU
 * to another, the visits for the busiest do for all of them.
 *
 * A class with no free slot borrows from one or two classes above before it
 * gets a new slab, so that the sizes lend each other what they do not need.
 * What comes back waits in the class that it is from. So this CPU's magazines
 * of those classes are asked first, without the lock, or each block of a size
 * that has nothing of its own would be a visit.
 *
 * How all are emptied, by any CPU: maggather.c. As long as somebody gathers,
 * who has the lock makes no magazine, and deals with the slabs directly.
 */
#include "poolparts.h"

enum {
	LEND = 2,              /* how many classes up a block may come from */
	WAITSMALL = 128 << 10, /* bytes that may wait, of slots to SLOTSMALL */
	WAITLARGE = 128 << 10,
	WAITMAX = 1022, /* blocks */
	LEVELMAX = 1024 /* blocks that a visit moves for other classes */
};

/* Room for m's blocks; -1 if there is no memory. */
static int
make(Pool *pool, Magazine *m, unsigned class)
{
	size_t slot = slotsizes[class];
	size_t wait = slot <= SLOTSMALL ? WAITSMALL : WAITLARGE;
	size_t max = MIN(wait / slot, WAITMAX);
	Want w = {max * sizeof(void *), CANARYSIZE, GRAIN, 0, 0};
	Block *b = arenaalloc(pool, &w);

	if (b == NULL)
		return -1;
	tagset(blockmem(b), tagkind(pool->kind, CMAGAZINE), w.size);
	m->chance = slabchance(pool);
	size_t room = slot - SLOTEXTRA;
	m->block = blockmem(b);
	m->max = (uint32_t)max;
	m->room = (uint32_t)room;
	/* A block's size taken from the room leaves its slack. */
	m->parts = tagkind(pool->kind, class) + ((uint64_t)room << SLACKSHIFT);
	magazinemeet(&pool->visit->me->pool);
	magazinelimit(m, m->max);
	return 0;
}

/*
 * This CPU's magazine of the class, made if need be. NULL if there is no
 * memory, or somebody gathers.
 */
static Magazine *
mine(Pool *pool, unsigned class)
{
	Magazine *m = magazine(pool->kind, class);

	if (pool->ngather > 0)
		return NULL;
	return m->block != NULL || make(pool, m, class) == 0 ? m : NULL;
}

/* How many blocks are moved at a time: most, but not all. */
static unsigned
share(const Magazine *m)
{
	return m->max - m->max / 4u;
}

/*
 * If m has less than when blocks were last moved, and less than half, it gets
 * more; if more, the reverse. How many blocks that moved.
 */
static unsigned
level(Pool *pool, Magazine *m, unsigned class)
{
	uint32_t n = magazinen(m);
	uint32_t was = m->was;
	unsigned moved = 0;

	if (n < was && n < m->max / 2) {
		moved = slabtake(pool, class, m->block + n, share(m) - n);
		m->was = n + moved;
		magazinesetn(m, m->was);
	} else if (n > was && n > m->max / 2) {
		moved = n - m->max / 4;
		magazinedrain(pool, m, class, moved);
	}
	return moved;
}

/* The lock was taken for this class: the CPU's others, while it is held. */
static void
levelall(Pool *pool, unsigned class)
{
	unsigned moved = 0;

	if (pool->ngather > 0)
		return;
	for (unsigned i = 1; i < NCLASS && moved < LEVELMAX; i++) {
		unsigned c = (class + i) % NCLASS;
		Magazine *m = magazine(pool->kind, c);
		if (m->block != NULL)
			moved += level(pool, m, c);
	}
}

/* A free block of the class, and more into the magazine if it is empty. */
static void *
takeone(Pool *pool, unsigned class)
{
	Magazine *m = mine(pool, class);
	void *p = NULL;

	if (m == NULL) {
		if (!pool->visit->lacks)
			slabtake(pool, class, &p, 1);
		return p;
	}
	uint32_t n = magazinen(m);
	if (n == 0)
		n = slabtake(pool, class, m->block, share(m));
	if (n > 0)
		p = m->block[--n];
	magazinesetn(m, n);
	m->was = n;
	return p;
}

/* The same from a class a little above that has one to spare. */
static void *
borrow(Pool *pool, unsigned *class)
{
	for (unsigned c = *class + 1; c <= *class + LEND && c < NCLASS; c++) {
		if (!slabany(pool, c) &&
		    magazinen(magazine(pool->kind, c)) == 0)
			continue;
		void *p = takeone(pool, c);
		if (p != NULL) {
			*class = c;
			return p;
		}
	}
	return NULL;
}

/* A free block of the class, or of one that it may be from. */
static void *
takeany(Pool *pool, unsigned *class)
{
	void *p = takeone(pool, *class);

	if (p == NULL && !pool->visit->lacks)
		p = borrow(pool, class);
	if (p == NULL && !pool->visit->lacks && slabadd(pool, *class) == 0)
		p = takeone(pool, *class);
	return p;
}

/* As borrow, of what waits at this CPU: no lock is taken. */
static void *
borrowhere(Pool *pool, unsigned *class)
{
	void *p = NULL;

	if (slabany(pool, *class))
		return NULL;
	Percpu *me = cpuenter();
	Magazine *m = me->pool.magazines[pool->kind - KMAIN];
	for (unsigned c = *class + 1; c <= *class + LEND && c < NCLASS; c++)
		if ((p = magazinepop(&me->pool, &m[c])) != NULL) {
			*class = c;
			break;
		}
	cpuleave(me);
	return p;
}

void *
magazinefill(Pool *pool, size_t size, unsigned *class)
{
	if (classof(size) == 0)
		classinit();
	*class = classof(size);
	void *p = borrowhere(pool, class);
	if (p != NULL)
		return p;
	Visit v = {0};
	do {
		poolenter(pool, &v);
		*class = classof(size);
		p = takeany(pool, class);
		if (p != NULL)
			levelall(pool, *class);
		poolleave(pool);
	} while (p == NULL && visitfetch(&v));
	visitend(&v);
	return p;
}

void
magazineput(Pool *pool, void *p, unsigned class)
{
	Visit v = {0};

	poolenter(pool, &v);
	Magazine *m = mine(pool, class);
	if (m == NULL)
		slabput(pool, class, &p, 1);
	else {
		if (magazinen(m) == m->max)
			magazinedrain(pool, m, class, share(m));
		magazinepush(m, magazinen(m), p, keyof((uintptr_t)p));
		levelall(pool, class);
	}
	poolleave(pool);
	visitend(&v);
}
