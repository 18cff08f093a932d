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
 * Any CPU can empty all magazines: it gathers, by the rules of the pages'
 * stocks (mm/page/pagecpu.c). The owner says busy while it is at one, and looks
 * at its limit after saying so; the gatherer sets all limits to 0, lets all
 * CPUs pass a barrier, and waits until no owner is busy. So a magazine belongs
 * to who is busy with limit above 0, or else to who holds pool->lock. No lock
 * is held at the barrier, nor while waiting, since a CPU may be waiting for
 * that and answer nothing meanwhile; as long as somebody gathers, who has the
 * lock makes no magazine, and deals with the slabs directly.
 */
#include "poolparts.h"

enum {
	LEND = 2,              /* how many classes up a block may come from */
	WAITSMALL = 128 << 10, /* bytes that may wait, of slots to SLOTSMALL */
	WAITLARGE = 128 << 10,
	WAITMAX = 1022, /* blocks */
	LEVELMAX = 1024 /* blocks that a visit moves for other classes */
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
	meet(&pool->visit->me->pool);
	setlimit(m, m->max);
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

/* The n blocks that have waited longest go back to their slabs. */
static void
drain(Pool *pool, Magazine *m, unsigned class, unsigned n)
{
	uint32_t rest = magazinen(m) - n;

	slabput(pool, class, m->block, n);
	memmove(m->block, m->block + n, rest * sizeof m->block[0]);
	magazinesetn(m, rest);
	m->was = rest;
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
		drain(pool, m, class, moved);
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
			drain(pool, m, class, share(m));
		magazinepush(m, magazinen(m), p, keyof((uintptr_t)p));
		levelall(pool, class);
	}
	poolleave(pool);
	visitend(&v);
}

/* The pool's magazines on this CPU are closed; true if there are any. */
static bool
closeall(Pool *pool, Poolcpu *cpu)
{
	Magazine *m = cpu->magazines[pool->kind - KMAIN];
	bool any = false;

	for (unsigned class = 1; class < NCLASS; class += 1)
		if (m[class].block != NULL) {
			setlimit(&m[class], 0); /* drain: close */
			any = true;
		}
	return any;
}

/* So many more, or fewer, gather; a CPU that leaves waits for 0. */
static void
gatherers(Pool *pool, int more)
{
	__atomic_store_n(
	    &pool->ngather, pool->ngather + (uint32_t)more, __ATOMIC_RELEASE);
}

/*
 * All magazines are closed; returns the first CPU. Only others than this one
 * could be at theirs: *others if there are any.
 */
static Poolcpu *
shut(Pool *pool, bool *others)
{
	Visit v = {0};

	poolenter(pool, &v);
	gatherers(pool, 1);
	Poolcpu *first = firstcpu();
	for (Poolcpu *cpu = first; cpu != NULL; cpu = cpu->next)
		if (closeall(pool, cpu) && cpu != &v.me->pool)
			*others = true;
	poolleave(pool);
	return first;
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
		/* drain: empty */
		drain(pool, &m[class], class, magazinen(&m[class]));
		dropblock(pool, m[class].block, m[class].max);
		m[class].block = NULL;
		n++;
	}
	return n;
}

/*
 * Give back what waits at all CPUs; with no lock held. CPUs that become known
 * meanwhile have no magazine of this pool.
 */
size_t
magazinesgather(Pool *pool)
{
	bool others = false;
	Poolcpu *first = shut(pool, &others);
	size_t n = 0;
	Visit v = {0};

	if (others)
		cpubarrier(); /* drain: barrier */
	for (Poolcpu *cpu = first; cpu != NULL && others; cpu = cpu->next)
		awaitzero(&cpu->busy); /* drain: await */
	poolenter(pool, &v);
	for (Poolcpu *cpu = first; cpu != NULL; cpu = cpu->next)
		n += unmake(pool, cpu);
	gatherers(pool, -1);
	poolleave(pool);
	return n;
}

bool
magazinesany(Pool *pool, const Poolcpu *cpu)
{
	const Magazine *m = cpu->magazines[pool->kind - KMAIN];
	bool any = false;

	for (unsigned class = 1; class < NCLASS; class += 1)
		any |= m[class].block != NULL;
	return any;
}

void
magazinesforget(Poolcpu *cpu)
{
	Poolcpu **link = &cpus.first;

	lock(&cpus.lock);
	while (*link != NULL && *link != cpu)
		link = &(*link)->next;
	if (*link != NULL)
		__atomic_store_n(link, cpu->next, __ATOMIC_RELEASE);
	unlock(&cpus.lock);
	*cpu = (Poolcpu){0};
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
