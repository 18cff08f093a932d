/*
 * maggather.c - which CPUs have magazines, and how all of those are emptied.
 *
 * Any CPU can empty all magazines: it gathers, by the rules of the pages'
 * stocks (mm/page/gather.c). The owner says busy while it is at one, and looks
 * at its limit after saying so; the gatherer sets all limits to 0, lets all
 * CPUs pass a barrier, and waits until no owner is busy. So a magazine belongs
 * to who is busy with limit above 0, or else to who holds pool->lock. No lock
 * is held at the barrier, nor while waiting, since a CPU may be waiting for
 * that and answer nothing meanwhile.
 */
#include "poolparts.h"

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

void
magazinemeet(Poolcpu *cpu)
{
	if (cpu->known)
		return;
	lock(&cpus.lock);
	cpu->known = true;
	cpu->next = cpus.first;
	__atomic_store_n(&cpus.first, cpu, __ATOMIC_RELEASE);
	unlock(&cpus.lock);
}

/* The pool's magazines on this CPU are closed; true if there are any. */
static bool
closeall(Pool *pool, Poolcpu *cpu)
{
	Magazine *m = cpu->magazines[pool->kind - KMAIN];
	bool any = false;

	for (unsigned class = 1; class < NCLASS; class += 1)
		if (m[class].block != NULL) {
			magazinelimit(&m[class], 0); /* drain: close */
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
		magazinelimit(&m[class], 0);
		/* drain: empty */
		magazinedrain(pool, &m[class], class, magazinen(&m[class]));
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
