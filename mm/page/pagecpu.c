/*
 * pagecpu.c - the pages waiting at each CPU, so that most take no lock.
 *
 *	newpage  <--pop--  [stock of this CPU]   <--refill--  chunks
 *	putpage  --push->  [0 .. n .. PAGECPUMAX] --drain-->  (chunk.c)
 *
 * Pushing and popping is page.c's; here is what needs palloc.lock. An empty
 * stock is filled to half, of a full one the lower half goes back: it then
 * takes as many operations to need the lock again. What was freed last, and
 * so is still in the caches, is handed out first.
 *
 * When memory runs out a CPU empties all stocks. For this the owner of one
 * says busy while it is at it, and looks at limit after saying so; the other
 * CPU sets limit to 0, lets all CPUs pass a barrier, and waits until the owner
 * is not busy: from then on the owner finds its stock closed and goes to
 * palloc.lock, which is held. So a stock belongs to who is busy with limit
 * above 0, or else to who holds palloc.lock.
 */
#include "palloc.h"
#include "stage.h"

enum { BATCH = PAGECPUMAX / 2, HUGEBATCH = PAGECPUHUGE / 2 };

_Static_assert(PAGECPUMAX % 2 == 0, "a full stock has two halves");

/* How far a stock may fill up when nobody is emptying it. */
static uint32_t
limit(void)
{
	return palloc.poison ? 0 : PAGECPUMAX;
}

/* This CPU's stock becomes known. */
static void
meet(Pagecpu *cpu)
{
	if (cpu->known)
		return;
	cpu->known = true;
	cpu->next = palloc.cpus;
	palloc.cpus = cpu;
	__atomic_store_n(&cpu->limit, limit(), __ATOMIC_RELEASE);
}

/* The lowest so many of the 2 MiB pages that wait are whole chunks again. */
static void
givehuge(Pagecpu *cpu, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		chunksetwhole(&palloc.chunks[chunkof(cpu->huge[i])]);
	for (uint32_t i = n; i < cpu->nhuge; i++)
		cpu->huge[i - n] = cpu->huge[i];
	pagecpusetnhuge(cpu, cpu->nhuge - n);
}

/*
 * Give back what waits at all CPUs, with palloc.lock held (and so not busy
 * ourselves). Returns how many pages that were.
 */
size_t
pagecpudrain(void)
{
	size_t npages = 0;

	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		__atomic_store_n(&cpu->limit, 0, __ATOMIC_RELAXED);
	cpubarrier();
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next) {
		while (__atomic_load_n(&cpu->busy, __ATOMIC_ACQUIRE) != 0)
			;
		chunkgive(cpu->small, cpu->n);
		npages += cpu->n + cpu->nhuge * (size_t)CHUNKPAGES;
		givehuge(cpu, cpu->nhuge);
		pagecpusetn(cpu, 0);
		cpu->ncold = 0;
		__atomic_store_n(&cpu->limit, limit(), __ATOMIC_RELEASE);
	}
	return npages;
}

/* As many frames as want, or fewer, by all means but reclaiming. */
static size_t
takeframes(Page **pages, size_t want)
{
	size_t n = chunktake(pages, want);

	while (n == 0 && chunkopen())
		n = chunktake(pages, want);
	if (n == 0 && pagecpudrain() > 0)
		n = chunktake(pages, want);
	return n;
}

/* A free page by way of the lock, and some more into an empty stock. */
Page *
pagecputake(Pagecpu *cpu)
{
	Page *pg = NULL;

	lock(&palloc.lock);
	meet(cpu);
	if (palloc.poison)
		takeframes(&pg, 1);
	else if (cpu->n == 0) {
		cpu->ncold = (uint32_t)takeframes(cpu->small, BATCH);
		pagecpusetn(cpu, cpu->ncold);
	}
	uint32_t n = cpu->n;
	if (n > 0) {
		pg = cpu->small[n - 1];
		pagecpusetn(cpu, n - 1);
	}
	unlock(&palloc.lock);
	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(cpu->small[i], 1);
	return pg;
}

/* Free a page by way of the lock, and some more out of a full stock. */
void
pagecpuput(Pagecpu *cpu, Page *pg)
{
	Page **small = cpu->small;

	lock(&palloc.lock);
	meet(cpu);
	if (palloc.poison)
		chunkgive(&pg, 1);
	else {
		if (cpu->n == PAGECPUMAX) {
			chunkgive(small, BATCH);
			memcpy(small, small + BATCH, BATCH * sizeof small[0]);
			cpu->ncold = 0; /* those were at the bottom */
			pagecpusetn(cpu, BATCH);
		}
		small[cpu->n] = pg;
		pagecpusetn(cpu, cpu->n + 1);
	}
	unlock(&palloc.lock);
}

/* As pagecputake and pagecpuput, for 2 MiB pages. */
Page *
pagecputakehuge(Pagecpu *cpu)
{
	Page *pg = NULL;

	lock(&palloc.lock);
	meet(cpu);
	size_t want = palloc.poison ? 1 : HUGEBATCH;
	size_t n = chunktakewhole(cpu->huge, want);
	/* Pages waiting may be all that keeps a chunk from being whole. */
	if (n == 0 && pagecpudrain() > 0)
		n = chunktakewhole(cpu->huge, want);
	if (n > 0)
		pg = cpu->huge[--n];
	pagecpusetnhuge(cpu, (uint32_t)n);
	unlock(&palloc.lock);
	return pg;
}

void
pagecpuputhuge(Pagecpu *cpu, Page *pg)
{
	lock(&palloc.lock);
	meet(cpu);
	if (cpu->nhuge == PAGECPUHUGE)
		givehuge(cpu, HUGEBATCH);
	cpu->huge[cpu->nhuge] = pg;
	pagecpusetnhuge(cpu, cpu->nhuge + 1);
	if (palloc.poison)
		givehuge(cpu, cpu->nhuge);
	unlock(&palloc.lock);
}

void
pagepoison(bool on)
{
	needstage(SPREALLOC);
	lock(&palloc.lock);
	palloc.poison = on;
	setopenpages();
	pagecpudrain();
	for (size_t i = 0; !on && i < palloc.openpages; i++) {
		Page *pg = &palloc.pages[i];

		if ((pg->held & HELD) == SPECIAL) {
			pg->held = 0;
			pg->daddr = 0;
		}
	}
	unlock(&palloc.lock);
}

size_t
pagesfree(void)
{
	lock(&palloc.lock);
	size_t n = palloc.count.nfree;
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		n += pagecpun(cpu) + pagecpunhuge(cpu) * (size_t)CHUNKPAGES;
	unlock(&palloc.lock);
	return n;
}
