/*
 * magazine.c - small blocks on their way between one CPU and the slabs.
 *
 *	malloc <-- [magazine of the class] <--magazinefill()-- slabs
 *	free   -->  (no lock)              --magazineput()-->
 *
 * A magazine hands out what came back last, while its lines are warm; but in
 * which order the last ones come out, only the secret knows. When it is empty,
 *or full, three quarters of it are moved at once under the pool's lock. It
 *holds so many blocks that bursts of small ones do not get that far.
 *
 * A class with no free slot borrows from one or two classes above before it
 * gets a new slab, so that the sizes lend each other what they do not need.
 *
 * Any CPU can empty all magazines, by the rules of the pages' stocks
 * (mm/page/pagecpu.c): the owner says busy while it is at one, and looks at its
 * limit after saying so; the other CPU sets the limits to 0, lets all CPUs pass
 * a barrier, and waits until the owner is not busy. So a magazine belongs to
 * who is busy with limit above 0, or else to who holds pool->lock. The barrier
 * is passed without the lock, since a CPU may be waiting for that and answer
 * nothing meanwhile; as long as somebody empties the pool, who has the lock
 * makes and opens no magazine, and deals with the slabs directly.
 */
#include "poolparts.h"

enum {
	LEND = 2,              /* how many classes up a block may come from */
	WAITSMALL = 128 << 10, /* bytes that may wait, of slots to SLOTSMALL */
	WAITLARGE = 64 << 10,
	WAITMAX = 1022 /* blocks */
};

static struct {
	Lock lock;
	Poolcpu *first; /* of those that had a magazine, read without it */
} cpus;

void
magazineinit(void)
{
	cpus.first = NULL;
}

static Poolcpu *
firstcpu(void)
{
	return __atomic_load_n(&cpus.first, __ATOMIC_ACQUIRE);
}

static void
meet(Poolcpu *cpu)
{
	if (cpu->known)
		return;
	lock(&cpus.lock);
	cpu->known = true;
	cpu->next = cpus.first;
	__atomic_store_n(&cpus.first, cpu, __ATOMIC_RELEASE);
	unlock(&cpus.lock);
}

static void
setlimit(Magazine *m, uint32_t limit)
{
	__atomic_store_n(&m->limit, limit, __ATOMIC_RELEASE);
}

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
	meet(&thiscpu()->pool);
	setlimit(m, m->max);
	return 0;
}

/*
 * This CPU's magazine of the class, made if need be. NULL if there is no
 * memory, or somebody is emptying the pool.
 */
static Magazine *
mine(Pool *pool, unsigned class)
{
	Magazine *m = magazine(pool->kind, class);

	if (pool->emptying > 0)
		return NULL;
	return m->block != NULL || make(pool, m, class) == 0 ? m : NULL;
}

/* How many blocks are moved at a time: most, but not all. */
static unsigned
share(const Magazine *m)
{
	return m->max - m->max / 4u;
}

/* A free block of the class, and more into the magazine if it is empty. */
static void *
takeone(Pool *pool, unsigned class)
{
	Magazine *m = mine(pool, class);
	void *p = NULL;

	if (m == NULL) {
		slabtake(pool, class, &p, 1);
		return p;
	}
	uint32_t n = magazinen(m);
	if (n == 0)
		n = slabtake(pool, class, m->block, share(m));
	if (n > 0)
		p = m->block[--n];
	magazinesetn(m, n);
	return p;
}

/* The same from a class a little above that has one to spare. */
static void *
borrow(Pool *pool, unsigned *class)
{
	for (unsigned c = *class + 1; c <= *class + LEND && c < NCLASS; c++) {
		if (pool->partial[c] == NULL &&
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

void *
magazinefill(Pool *pool, size_t size, unsigned *class)
{
	if (classof(size) == 0)
		classinit();
	*class = classof(size);
	lock(&pool->lock);
	void *p = takeone(pool, *class);
	if (p == NULL)
		p = borrow(pool, class);
	if (p == NULL && slabadd(pool, *class) == 0)
		p = takeone(pool, *class);
	unlock(&pool->lock);
	return p;
}

/* The n blocks that have waited longest go back to their slabs. */
static void
drain(Pool *pool, Magazine *m, unsigned class, unsigned n)
{
	uint32_t rest = magazinen(m) - n;

	slabput(pool, class, m->block, n);
	memmove(m->block, m->block + n, rest * sizeof m->block[0]);
	magazinesetn(m, rest);
}

void
magazineput(Pool *pool, void *p, unsigned class)
{
	lock(&pool->lock);
	Magazine *m = mine(pool, class);
	if (m == NULL)
		slabput(pool, class, &p, 1);
	else {
		if (magazinen(m) == m->max)
			drain(pool, m, class, share(m));
		magazinepush(m, magazinen(m), p, keyof((uintptr_t)p));
	}
	unlock(&pool->lock);
}

/* Close the pool's magazines on all CPUs but this; true if there are any. */
static bool
closeothers(Pool *pool)
{
	bool any = false;

	for (Poolcpu *cpu = firstcpu(); cpu != NULL; cpu = cpu->next) {
		Magazine *m = cpu->magazines[pool->kind - KMAIN];
		if (cpu == &thiscpu()->pool)
			continue;
		for (unsigned class = 1; class < NCLASS; class += 1)
			if (m[class].block != NULL) {
				setlimit(&m[class], 0);
				any = true;
			}
	}
	return any;
}

/* What make took, its ends still whole. */
static void
dropblock(Pool *pool, void **block, size_t max)
{
	size_t size = max * sizeof *block;

	if (!taglive(tagparts(block), pool->kind) || !canaryholds(block, size))
		poolpanic(pool, "%p of %s: something wrote about a magazine",
		    (void *)block, pool->name);
	arenafree(pool, memblock(block));
}

/* The pool's magazines on the CPU are no more: how many that were. */
static size_t
unmake(Pool *pool, Poolcpu *cpu)
{
	Magazine *m = cpu->magazines[pool->kind - KMAIN];
	size_t n = 0;

	for (unsigned class = 1; class < NCLASS; class += 1) {
		if (m[class].block == NULL)
			continue;
		setlimit(&m[class], 0);
		drain(pool, &m[class], class, magazinen(&m[class]));
		dropblock(pool, m[class].block, m[class].max);
		m[class].block = NULL;
		n++;
	}
	return n;
}

size_t
magazinesempty(Pool *pool)
{
	size_t n = 0;

	lock(&pool->lock);
	pool->emptying++;
	bool others = closeothers(pool);
	unlock(&pool->lock);
	if (others)
		cpubarrier();
	lock(&pool->lock);
	for (Poolcpu *cpu = firstcpu(); cpu != NULL; cpu = cpu->next) {
		while (__atomic_load_n(&cpu->busy, __ATOMIC_ACQUIRE) != 0)
			;
		n += unmake(pool, cpu);
	}
	pool->emptying--;
	unlock(&pool->lock);
	return n;
}

size_t
magazinebytes(Pool *pool)
{
	size_t size = 0;

	for (Poolcpu *cpu = firstcpu(); cpu != NULL; cpu = cpu->next)
		for (unsigned class = 1; class < NCLASS; class += 1)
			size += (size_t)slotsizes[class] *
				magazinen(
				    &cpu->magazines[pool->kind - KMAIN][class]);
	return size;
}
