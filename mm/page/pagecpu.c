/*
 * pagecpu.c - the pages waiting at each CPU, so that most take no lock.
 *
 *	newpage  <--pop--  [stock of this CPU]   <--refill--  chunks
 *	putpage  --push->  [0 .. n .. PAGECPUMAX] --drain-->  (chunk.c)
 *
 * Pushing and popping is page.c's; here is what needs palloc.lock. How stocks
 * are emptied when memory runs out, and have less room near its end: gather.c.
 * An empty stock is filled to half, of a full one the lower half goes back: it
 * then takes as many operations to need the lock again. What was freed last,
 * and so is still in the caches, is handed out first.
 *
 * All of these are of one node, the CPU's home: its own, or the nearest that
 * has any RAM. Only when that has none left, neither free nor to be opened, a
 * page of another node is handed out, of the nearest. Those of other nodes wait
 * apart, a few at a time, when they are freed here, until they go back to their
 * chunks together; or are handed out here, if that is where more would come
 * from. A CPU takes any of them by the slow path.
 *
 *	putpage  --away->  [0 .. PAGECPUAWAY] --drain-->  chunks of other nodes
 */
#include "where.h"
#include "stock.h"
#include "percpu.h"
#include "stage.h"

enum { HUGEBATCH = PAGECPUHUGE / 2 };

_Static_assert(PAGECPUMAX % 2 == 0, "a full stock has two halves");

/* The pages of other nodes that may wait at a CPU. */
static uint32_t
awayroom(void)
{
	return MIN(palloc.room, (uint32_t)PAGECPUAWAY);
}

/*
 * How many pages an empty stock is filled with. The last few stay in their
 * chunks, for page tables: those cannot wait for a barrier.
 */
static size_t
batch(uint32_t room)
{
	return MIN((size_t)room / 2, pagecpuspare());
}

/* And with 2 MiB pages: not with those that other CPUs need. */
static size_t
hugebatch(void)
{
	size_t each = palloc.count.nfree / palloc.ncpus / CHUNKPAGES;

	return MAX(MIN(each, (size_t)HUGEBATCH), 1);
}

/* A page of any other node that waits here; or NULL. */
static Page *
lastaway(Pagecpu *cpu)
{
	uint32_t n = cpu->naway;

	if (n == 0)
		return NULL;
	pagecpusetnaway(cpu, n - 1);
	return cpu->away[n - 1];
}

/* A page of another node, and some more. */
static Page *
takeaway(Pagecpu *cpu, const Source *s)
{
	uint32_t n = cpu->naway;

	if (n == 0 || pagenodeof(cpu->away[n - 1]) != s->node) {
		if (n > awayroom() / 2) {
			chunkgive(cpu->away, n);
			n = 0;
		}
		n += (uint32_t)chunktake(
		    s->node, s->buckets, cpu->away + n, batch(awayroom()));
	}
	cpu->source = s->node;
	pagecpusetnaway(cpu, n);
	return lastaway(cpu);
}

/* A free page, with palloc.lock held, and more into an empty stock. */
static Page *
take(Pagecpu *cpu, Hunt *h)
{
	Page *pg = NULL;

	pagecpumeet(cpu);
	if (cpu->n == 0) {
		Source s = source(cpu, ALLBUCKETS, h);

		if (s.node == NULL)
			return h->open == NULL ? lastaway(cpu) : NULL;
		if (palloc.room == 0) {
			chunktake(s.node, s.buckets, &pg, 1);
			return pg;
		}
		size_t n = batch(palloc.room);
		if (n == 0)
			return s.node != cpu->home ? lastaway(cpu) : NULL;
		if (s.node != cpu->home)
			return takeaway(cpu, &s);
		cpu->ncold =
		    (uint32_t)chunktake(s.node, s.buckets, cpu->small, n);
		pagecpusetn(cpu, cpu->ncold);
	}
	pagecpusetn(cpu, cpu->n - 1);
	cpu->ncold = MIN(cpu->ncold, cpu->n);
	return cpu->small[cpu->n];
}

/*
 * A page of the other node that gave some last, if home has none; or NULL. So
 * who lives on another node's memory does not take the lock for each page.
 */
static Page *
popaway(Pagecpu *cpu)
{
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpunaway(cpu) - 1;
	Page *pg = NULL;

	if (n < MIN(limit, (uint32_t)PAGECPUAWAY) && pagecpun(cpu) == 0 &&
	    pagenodeof(cpu->away[n]) == cpu->source &&
	    __atomic_load_n(&cpu->home->nfree, __ATOMIC_RELAXED) == 0) {
		pg = cpu->away[n];
		pagecpusetnaway(cpu, n);
	}
	pagecpuleave(cpu);
	return pg;
}

/* A free page by way of the lock; NULL if there is none. */
Page *
pagecputake(void)
{
	Hunt h = {0};
	Page *pg;

	if (__atomic_load_n(&palloc.dry, __ATOMIC_ACQUIRE)) /* drain: dry */
		return NULL;
	do {
		Percpu *me = cpuenter();
		Pagecpu *cpu = &me->page;
		if ((pg = popaway(cpu)) != NULL) {
			cpuleave(me);
			return pg;
		}
		pageslock();
		if ((pg = take(cpu, &h)) == NULL)
			hunted(&h, cpu, false);
		uint32_t n = cpu->n;
		pagesunlock();
		for (uint32_t i = 0; i < n; i++)
			__builtin_prefetch(cpu->small[i], 1);
		cpuleave(me);
	} while (pg == NULL && hunt(&h));
	return pg;
}

/* Freed while there was poison, which there is no more. */
static void
unmark(Page *pg)
{
	uint64_t held = __atomic_load_n(&pg->held, __ATOMIC_RELAXED);

	if (palloc.poison || (held & HELD) != SPECIAL)
		return;
	__atomic_store_n(&pg->held, 0, __ATOMIC_RELAXED);
	pg->daddr = 0;
}

/* With palloc.lock held. */
static void
put(Pagecpu *cpu, Page *pg)
{
	Page **small = cpu->small;

	pagecpumeet(cpu);
	unmark(pg);
	if (palloc.room == 0) {
		chunkgive(&pg, 1);
		pagecpuwiden();
		return;
	}
	if (pagenodeof(pg) != cpu->home) {
		if (cpu->naway == awayroom()) {
			pagecpusetnaway(cpu, 0);
			chunkgive(cpu->away, awayroom());
			pagecpuwiden();
		}
		cpu->away[cpu->naway] = pg;
		pagecpusetnaway(cpu, cpu->naway + 1);
		return;
	}
	if (cpu->n == palloc.room) {
		uint32_t half = palloc.room / 2;

		chunkgive(small, half);
		memcpy(small, small + half, half * sizeof small[0]);
		cpu->ncold = 0; /* those were at the bottom */
		pagecpusetn(cpu, half);
		pagecpuwiden();
	}
	small[cpu->n] = pg;
	pagecpusetn(cpu, cpu->n + 1);
}

/* Let a page of another node wait, if there is room. */
static bool
pushaway(Pagecpu *cpu, Page *pg)
{
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpunaway(cpu);
	bool room = n < MIN(limit, (uint32_t)PAGECPUAWAY) &&
		    pagenodeof(pg) != cpu->home && (pg->held & HELD) == 0;

	if (room) {
		cpu->away[n] = pg;
		pagecpusetnaway(cpu, n + 1);
	}
	pagecpuleave(cpu);
	return room;
}

/* Free a page by way of the lock, and some more out of a full stock. */
void
pagecpuput(Page *pg)
{
	Percpu *me = cpuenter();

	if (!pushaway(&me->page, pg)) {
		pageslock();
		put(&me->page, pg);
		pagesunlock();
	}
	cpuleave(me);
}

/* As take, for 2 MiB pages. */
static Page *
takehuge(Pagecpu *cpu, Hunt *h)
{
	Page *pg = NULL;

	pagecpumeet(cpu);
	if (cpu->nhuge == 0) {
		Source s = source(cpu, WHOLEBUCKETS, h);

		if (s.node == NULL)
			return NULL;
		if (!hashugeroom(palloc.room) || s.node != cpu->home) {
			chunktakewhole(s.node, s.buckets, &pg, 1);
			return pg;
		}
		pagecpusetnhuge(cpu, (uint32_t)chunktakewhole(s.node, s.buckets,
					 cpu->huge, hugebatch()));
	}
	pagecpusetnhuge(cpu, cpu->nhuge - 1);
	return cpu->huge[cpu->nhuge];
}

/* Pages waiting may be all that keeps a chunk from being whole. */
Page *
pagecputakehuge(void)
{
	Hunt h = {0};
	Page *pg;

	do {
		Percpu *me = cpuenter();
		pageslock();
		if ((pg = takehuge(&me->page, &h)) == NULL)
			hunted(&h, &me->page, true);
		pagesunlock();
		cpuleave(me);
	} while (pg == NULL && hunt(&h));
	return pg;
}

void
pagecpuputhuge(Page *pg)
{
	Percpu *me = cpuenter();
	Pagecpu *cpu = &me->page;

	pageslock();
	pagecpumeet(cpu);
	if (!hashugeroom(palloc.room) || pagenodeof(pg) != cpu->home) {
		chunksetwhole(&palloc.chunks[chunkof(pg)]);
		pagecpuwiden();
	} else {
		if (cpu->nhuge == PAGECPUHUGE)
			pagecpugivehuge(cpu, HUGEBATCH);
		cpu->huge[cpu->nhuge] = pg;
		pagecpusetnhuge(cpu, cpu->nhuge + 1);
	}
	pagesunlock();
	cpuleave(me);
}

/* Take poison's marks off the free pages of chunk ci. */
static void
unmarkchunk(size_t ci)
{
	pageslock();
	for (size_t i = 0; i < CHUNKPAGES; i++)
		unmark(&palloc.pages[ci * CHUNKPAGES + i]);
	pagesunlock();
}

void
pagepoison(bool on)
{
	needstage(SPREALLOC);
	pageslock();
	__atomic_store_n(&palloc.poison, on, __ATOMIC_RELAXED);
	pagecpugatherers(1); /* nothing opens meanwhile */
	pagesunlock();
	pagecpugather();
	for (size_t i = 0; !on && i < palloc.nnodes; i++)
		for (size_t k = 0; k < chunksopen(&palloc.node[i]); k++)
			unmarkchunk(palloc.node[i].first + k);
	pageslock();
	pagecpugatherers(-1);
	pagecpuresume();
	pagesunlock();
}
