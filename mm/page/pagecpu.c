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
 * When memory runs out a CPU empties all stocks: it gathers. For this the
 * owner of one says busy while it is at it, and looks at limit after saying so;
 * the gatherer sets all limits to 0, lets all CPUs pass a barrier, and waits
 * until no owner is busy: from then on each finds its stock closed and goes to
 * palloc.lock, with which the stocks are emptied. So a stock belongs to who is
 * busy with limit above 0, or else to who holds palloc.lock.
 *
 *	open --gather--> shut: closed, emptied --enough is free again--> open
 *
 * No lock is held at the barrier: a CPU may answer it only when it has got the
 * lock that it waits for. And as long as there is little memory the stocks stay
 * shut. Each page then takes the lock, but nobody has to gather again: what is
 * free is in the chunks, and when they have none the answer is no, at once.
 */
#include "palloc.h"
#include "percpu.h"
#include "stage.h"

enum { BATCH = PAGECPUMAX / 2, HUGEBATCH = PAGECPUHUGE / 2 };

_Static_assert(PAGECPUMAX % 2 == 0, "a full stock has two halves");

/* What is free would fill all stocks to half. */
static size_t
enough(void)
{
	return palloc.ncpus * BATCH;
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
	palloc.ncpus++;
	if (!palloc.shut)
		__atomic_store_n(&cpu->limit, PAGECPUMAX, __ATOMIC_RELEASE);
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

/* Stocks may be used again, if at least so many pages are free. */
static void
reopen(size_t least)
{
	if (!palloc.shut || palloc.ngather > 0 || palloc.poison ||
	    palloc.count.nfree - palloc.count.unopened < least)
		return;
	palloc.shut = false; /* drain: open */
	palloc.emptied = false;
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		__atomic_store_n(&cpu->limit, PAGECPUMAX, __ATOMIC_RELEASE);
}

/* After pages were given back, with palloc.lock held. */
void
pagecpureopen(void)
{
	reopen(2 * enough());
}

/* All stocks are closed; returns the first. */
static Pagecpu *
shut(void)
{
	pageslock();
	palloc.ngather++;
	palloc.shut = true; /* drain: shut */
	Pagecpu *first = palloc.cpus;
	for (Pagecpu *cpu = first; cpu != NULL; cpu = cpu->next)
		/* drain: close */
		__atomic_store_n(&cpu->limit, 0, __ATOMIC_RELAXED);
	pagesunlock();
	return first;
}

/*
 * Give back what waits at all CPUs; with no lock held. Stocks that become
 * known meanwhile are closed, and empty.
 */
void
pagecpugather(void)
{
	Pagecpu *first = shut();

	cpubarrier(); /* drain: barrier */
	for (Pagecpu *cpu = first; cpu != NULL; cpu = cpu->next)
		awaitzero(&cpu->busy); /* drain: await */
	pageslock();
	for (Pagecpu *cpu = first; cpu != NULL; cpu = cpu->next) {
		uint32_t n = cpu->n;

		pagecpusetn(cpu, 0); /* drain: empty */
		cpu->ncold = 0;
		givehuge(cpu, cpu->nhuge);
		chunkgive(cpu->small, n);
	}
	palloc.emptied = true; /* drain: emptied */
	palloc.ngather--;
	reopen(enough());
	pagesunlock();
}

void
pagecpugone(Percpu *gone)
{
	Pagecpu *cpu = &gone->page;

	pagecpugather();
	pageslock();
	while (palloc.ngather > 0) { /* its stock may be looked at */
		pagesunlock();
		pageslock();
	}
	chunkgive(cpu->small, cpu->n);
	pagecpusetn(cpu, 0);
	givehuge(cpu, cpu->nhuge);
	Pagecpu **link = &palloc.cpus;
	while (*link != NULL && *link != cpu)
		link = &(*link)->next;
	if (*link != NULL) {
		*link = cpu->next;
		palloc.ncpus--;
	}
	*cpu = (Pagecpu){0};
	pagesunlock();
}

/* Does anything wait at any CPU? A moment ago. With palloc.lock held. */
bool
pagecpuwaiting(void)
{
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		if (pagecpun(cpu) != 0 || pagecpunhuge(cpu) != 0)
			return true;
	return false;
}

typedef struct Hunt Hunt;

/* What one who has not found a free page has tried, and can try next. */
struct Hunt {
	enum { GIVEUP, AWAIT, STOPPED, OPEN, GATHER } next;
	bool stuck;    /* no chunk can be opened */
	bool gathered; /* for whole chunks: once is enough */
};

/*
 * None was found under this very hold of palloc.lock: what would help? Nothing,
 * if all stocks are shut and were emptied since: giving up is no mistake, and
 * does not wait for others who empty them again.
 */
static void
hunted(Hunt *h, const Pagecpu *cpu, bool whole)
{
	if (palloc.opening != 0)
		h->next = palloc.opener == cpu ? STOPPED : AWAIT;
	else if (palloc.nopen < palloc.nchunks && !h->stuck)
		h->next = OPEN;
	else if (palloc.emptied)
		h->next = GIVEUP; /* drain: no */
	else if (whole && (h->gathered || !pagecpuwaiting()))
		h->next = GIVEUP;
	else
		h->next = GATHER;
}

/* Do it, with no lock held; false if there is nothing to do. */
static bool
hunt(Hunt *h)
{
	switch (h->next) { /* another value cannot be reached */
	case AWAIT:
		awaitzero(&palloc.opening);
		return true;
	case STOPPED: /* by a panic: that opening never ends */
		panic("this CPU was stopped while it opened a chunk");
	case OPEN:
		h->stuck = !chunkopen();
		pageslock();
		pagecpureopen();
		pagesunlock();
		return true;
	case GATHER:
		pagecpugather();
		h->gathered = true;
		return true;
	case GIVEUP:
		break;
	}
	return false;
}

/* A free page, with palloc.lock held, and more into an empty stock. */
static Page *
take(Pagecpu *cpu)
{
	Page *pg = NULL;

	meet(cpu);
	if (cpu->n == 0 && palloc.shut) {
		chunktake(&pg, 1);
		return pg;
	}
	if (cpu->n == 0) {
		cpu->ncold = (uint32_t)chunktake(cpu->small, BATCH);
		pagecpusetn(cpu, cpu->ncold);
	}
	if (cpu->n == 0)
		return NULL;
	pagecpusetn(cpu, cpu->n - 1);
	cpu->ncold = MIN(cpu->ncold, cpu->n);
	return cpu->small[cpu->n];
}

/* A free page by way of the lock; NULL if there is none. */
Page *
pagecputake(void)
{
	Hunt h = {0};
	Page *pg;

	do {
		Percpu *me = cpuenter();
		Pagecpu *cpu = &me->page;
		pageslock();
		if ((pg = take(cpu)) == NULL)
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

	meet(cpu);
	unmark(pg);
	if (palloc.shut) {
		chunkgive(&pg, 1);
		pagecpureopen();
		return;
	}
	if (cpu->n == PAGECPUMAX) {
		chunkgive(small, BATCH);
		memcpy(small, small + BATCH, BATCH * sizeof small[0]);
		cpu->ncold = 0; /* those were at the bottom */
		pagecpusetn(cpu, BATCH);
	}
	small[cpu->n] = pg;
	pagecpusetn(cpu, cpu->n + 1);
}

/* Free a page by way of the lock, and some more out of a full stock. */
void
pagecpuput(Page *pg)
{
	Percpu *me = cpuenter();

	pageslock();
	put(&me->page, pg);
	pagesunlock();
	cpuleave(me);
}

/* As take, for 2 MiB pages. */
static Page *
takehuge(Pagecpu *cpu)
{
	Page *pg = NULL;

	meet(cpu);
	if (cpu->nhuge == 0 && palloc.shut) {
		chunktakewhole(&pg, 1);
		return pg;
	}
	if (cpu->nhuge == 0)
		pagecpusetnhuge(
		    cpu, (uint32_t)chunktakewhole(cpu->huge, HUGEBATCH));
	if (cpu->nhuge == 0)
		return NULL;
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
		if ((pg = takehuge(&me->page)) == NULL)
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
	meet(cpu);
	if (palloc.shut) {
		chunksetwhole(&palloc.chunks[chunkof(pg)]);
		pagecpureopen();
	} else {
		if (cpu->nhuge == PAGECPUHUGE)
			givehuge(cpu, HUGEBATCH);
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
	palloc.ngather++; /* nothing opens meanwhile */
	setopenpages();
	pagesunlock();
	pagecpugather();
	for (size_t ci = 0; !on && ci < chunksopen(); ci++)
		unmarkchunk(ci);
	pageslock();
	palloc.ngather--;
	reopen(enough());
	pagesunlock();
}

size_t
pagesfree(void)
{
	pageslock();
	size_t n = palloc.count.nfree;
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		n += pagecpun(cpu) + pagecpunhuge(cpu) * (size_t)CHUNKPAGES;
	pagesunlock();
	return n;
}
