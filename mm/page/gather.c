/*
 * gather.c - which CPUs have stocks, and how all of those are emptied.
 *
 * When memory runs out a CPU empties all stocks: it gathers. For this the
 * owner of one says busy while it is at it, and looks at limit after saying so;
 * the gatherer sets all limits to 0, lets all CPUs pass a barrier, and waits
 * until no owner is busy: from then on each finds its stock closed and goes to
 * palloc.lock, with which the stocks are emptied. So a stock belongs to who is
 * busy with limit above 0, or else to who holds palloc.lock.
 *
 *	open --gather--> shut: closed, emptied --some is free--> open
 *
 * No lock is held at the barrier: a CPU may answer it only when it has got the
 * lock that it waits for. Then the stocks are opened again, but all together
 * have no more room than there are pages free: as many have to be taken before
 * anyone needs to gather for a page the next time, and then there is less room.
 * With next to nothing free they stay shut. Each page then takes the lock, but
 * nobody has to gather again: what is free is in the chunks, and when they have
 * none the answer is no, at once.
 *
 * Several may gather at once, each with a barrier of its own: one that waited
 * for another could be an interrupt's handler, and wait for what it
 * interrupted.
 */
#include "where.h"
#include "stock.h"
#include "percpu.h"

enum { LEASTROOM = 8 }; /* for fewer pages gathering would cost too much */

/*
 * Frames for stocks: what is free in chunks, or in ones that are opened before
 * anyone gathers, but for the last.
 */
size_t
pagecpuspare(void)
{
	size_t unopened = palloc.stuck ? palloc.count.unopened : 0;
	size_t n = palloc.count.nfree - unopened;

	return n - MIN(n, (size_t)TABLESPARE);
}

/* How many of them a stock may hold, in two halves, if that is worth it. */
static uint32_t
fairroom(void)
{
	size_t n = pagecpuspare() / MAX(palloc.ncpus, (size_t)1);

	return n < LEASTROOM ? 0 : (uint32_t)MIN(n / 2 * 2, (size_t)PAGECPUMAX);
}

/* The lowest so many of the 2 MiB pages that wait are whole chunks again. */
void
pagecpugivehuge(Pagecpu *cpu, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		chunksetwhole(&palloc.chunks[chunkof(cpu->huge[i])]);
	for (uint32_t i = n; i < cpu->nhuge; i++)
		cpu->huge[i - n] = cpu->huge[i];
	pagecpusetnhuge(cpu, cpu->nhuge - n);
}

/* All that waits is back in its chunks. */
static void
empty(Pagecpu *cpu)
{
	uint32_t n = cpu->n;
	uint32_t naway = cpu->naway;

	pagecpusetn(cpu, 0); /* drain: empty */
	pagecpusetnaway(cpu, 0);
	cpu->ncold = 0;
	pagecpugivehuge(cpu, cpu->nhuge);
	chunkgive(cpu->small, n);
	chunkgive(cpu->away, naway);
}

/*
 * Its home is the nearest node with RAM, of which it knows what is open: not
 * the same as before if RAM came, or the CPU moved. Its stock is empty then.
 */
static void
gohome(Pagecpu *cpu)
{
	const uint8_t *order = palloc.node[cpu->node].order;
	size_t i = 0;

	while (i < palloc.nnodes - 1 && palloc.node[order[i]].nchunks == 0)
		i++;
	Node *home = &palloc.node[order[i]];
	if (cpu->home != home) {
		empty(cpu);
		cpu->home = home;
		cpu->pages = palloc.pages + home->first * CHUNKPAGES;
	}
	cpu->plain = home->openpages;
}

/* This CPU's stock becomes known, and is at home. */
void
pagecpumeet(Pagecpu *cpu)
{
	gohome(cpu);
	if (cpu->known)
		return;
	cpu->known = true;
	cpu->next = palloc.cpus;
	palloc.cpus = cpu;
	palloc.ncpus++;
	__atomic_store_n(&cpu->limit, palloc.room, __ATOMIC_RELEASE);
}

/* Stocks have room for what is free now, if that is more: under palloc.lock. */
void
pagecpuresume(void)
{
	uint32_t room = fairroom();

	if (room <= palloc.room || palloc.ngather > 0 || palloc.poison)
		return;
	palloc.room = room; /* drain: open */
	palloc.plenty = 2 * room * palloc.ncpus;
	palloc.emptied = false;
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		__atomic_store_n(&cpu->limit, room, __ATOMIC_RELEASE);
}

/* Pages were given back: the same, if that is twice as many. */
void
pagecpuwiden(void)
{
	if (pagecpuspare() >= palloc.plenty)
		pagecpuresume();
}

/* So many more, or fewer, empty the stocks; a CPU that leaves waits for 0. */
void
pagecpugatherers(int more)
{
	__atomic_store_n(
	    &palloc.ngather, palloc.ngather + (uint32_t)more, __ATOMIC_RELEASE);
}

/* All stocks are closed; returns the first. */
static Pagecpu *
shut(void)
{
	pageslock();
	pagecpugatherers(1);
	palloc.room = 0; /* drain: shut */
	palloc.plenty = 2 * LEASTROOM * palloc.ncpus;
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
	for (Pagecpu *cpu = first; cpu != NULL; cpu = cpu->next)
		empty(cpu);
	palloc.emptied = true; /* drain: emptied */
	pagecpugatherers(-1);
	pagecpuresume();
	pagesunlock();
}

/*
 * The same if with what waits there could be so many free: else nothing has to
 * be asked of anyone. Look again in any case: another CPU may just have done
 * it.
 */
void
pagecpugatherfor(size_t npages)
{
	pageslock();
	bool could = pagecpucouldhave(npages);
	pagesunlock();
	if (could)
		pagecpugather();
}

void
pagecpugone(Percpu *gone)
{
	Pagecpu *cpu = &gone->page;

	pagecpugather();
	pageslock();
	while (palloc.ngather > 0) { /* its stock may be looked at */
		pagesunlock();
		awaitzero(&palloc.ngather); /* they may ask this CPU */
		pageslock();
	}
	empty(cpu);
	Pagecpu **link = &palloc.cpus;
	while (*link != NULL && *link != cpu)
		link = &(*link)->next;
	if (*link != NULL) {
		*link = cpu->next;
		palloc.ncpus--;
		pagecpuresume();
	}
	*cpu = (Pagecpu){.node = cpu->node};
	pagesunlock();
}

void
pagenode(Percpu *cpu, uint32_t node)
{
	Pagecpu *c = &cpu->page;

	if (node >= nodecount())
		panic("node %u of %zu", (unsigned)node, nodecount());
	pageslock();
	c->node = node;
	if (c->known)
		gohome(c);
	pagesunlock();
}

const uint8_t *
nodesfromhere(void)
{
	Percpu *me = cpuenter();
	uint32_t node = me->page.node;

	cpuleave(me);
	return palloc.node[node].order;
}

/* The pages that wait at CPUs; a moment ago. With palloc.lock held. */
static size_t
nwaiting(void)
{
	size_t n = 0;

	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		n += pagecpun(cpu) + pagecpunaway(cpu) +
		     pagecpunhuge(cpu) * (size_t)CHUNKPAGES;
	return n;
}

/* Could so many be free in chunks if, and only if, all stocks were emptied? */
bool
pagecpucouldhave(size_t npages)
{
	size_t n = nwaiting();

	return n > 0 && palloc.count.nfree + n >= npages;
}

size_t
pagesfree(void)
{
	pageslock();
	size_t n = palloc.count.nfree + nwaiting();
	pagesunlock();
	return n;
}

void
nodestats(uint32_t node, Nodestats *st)
{
	const Node *n = &palloc.node[node];

	pageslock();
	*st = (Nodestats){.npages = n->npages, .nchunks = n->nopen};
	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		if (cpu->home == n)
			st->nwaiting += pagecpun(cpu) +
					pagecpunhuge(cpu) * (size_t)CHUNKPAGES;
	st->nfree = n->nfree + st->nwaiting;
	pagesunlock();
}
