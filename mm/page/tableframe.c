/*
 * tableframe.c - frames for page tables, once the kernel's share is spent.
 *
 *	far chunks, in order of use ... | near ones ...     [cut)  later  [cut)
 *	                                nearend          <-- from here or there
 *	(of each node)
 *
 * A table must be where kaddr reaches it, and is wanted when there is no time
 * for more: a lock is held, perhaps, or it is to map the tables of a chunk that
 * is being opened. So nobody is asked here for what waits elsewhere, and no
 * chunk is opened. There is: a free frame of a near chunk; the last frame not
 * opened yet of what came last, or before, or of the banks, which may be in the
 * very chunk that this CPU is opening; one that waits at this CPU. If none of
 * these is near the answer is no. Stocks leave TABLESPARE frames in the chunks
 * for this: those are near unless the direct map is smaller than the RAM, and
 * so many can be had before somebody has a page again.
 *
 * Frames that became tables stay tables: who unmaps keeps them for the next.
 */
#include "where.h"
#include "stock.h"
#include "badram.h"
#include "bytemap.h"
#include "conf.h"
#include "percpu.h"
#include "stage.h"

/* The highest frame of a node in the banks' user share below pa, or NOADDR. */
static paddr_t
framebelow(uint32_t node, paddr_t pa)
{
	for (size_t i = conf.nmem; i-- > 0;) {
		paddr_t end = MIN(userend(i), pa);

		while (userbase(i) < end) {
			Noderange r = noderange(end - BY2PG);

			if (r.node == node)
				return end - BY2PG;
			end = r.pa;
		}
	}
	return NOADDR;
}

/*
 * pa, a frame of the chunk this CPU opens, and all others of its granule if n,
 * how many go, is more than 1: false if any describes the chunk already.
 */
static bool
takeopened(Opening *o, paddr_t pa, size_t n)
{
	uint8_t *byte = &o->bytes[(pa - o->pa) / BY2PG];
	uint8_t *granule = &o->bytes[(pa - o->pa) / BY2PG & -PAGESPERPG];
	size_t nfree = 0;

	for (size_t i = 0; i < PAGESPERPG; i++)
		nfree += granule[i] == FRAMEFREE;
	if (nfree < n)
		return false;
	*byte = FRAMERESERVED;
	if (n > 1)
		memset(granule, FRAMERESERVED, PAGESPERPG);
	o->npages -= n;
	return true;
}

/* n frames from pa down, counted as pages, are in no chunk opened: take them.
 */
static bool
takeunopened(Pagecpu *cpu, paddr_t pa, size_t n)
{
	Opening *o = palloc.opener == cpu ? palloc.opened : NULL;
	size_t ci = chunkat(pa);

	if (!ischunk(ci) || isopen(ci) ||
	    (palloc.opening != 0 && ci == palloc.openci && o == NULL))
		return false;
	return o == NULL || ci != o->ci || takeopened(o, pa, n);
}

/*
 * The frame at pa, the next below what was cut already, is cut off too. False
 * if it is in a chunk opened, or being opened by another CPU, or out of reach.
 * With it may go one that is then alone in its granule: the next.
 */
static bool
cutoff(Pagecpu *cpu, Cut *cut, paddr_t pa)
{
	if (cankaddr(pa) < BY2PG)
		return false;
	size_t n = framesgone(pa);
	if (n > 0 && !takeunopened(cpu, pa, n))
		return false;
	Node *node = &palloc.node[nodeat(pa)];
	__atomic_store_n(&cut->pa, pa, __ATOMIC_RELAXED);
	palloc.surveyed -= n;
	countunopened(node, -n);
	countpages(node, -n);
	countfree(node, -n);
	palloc.count.nmeta++;
	palloc.count.nmetaused++;
	return true;
}

/* A frame cut off what came last, if it has one, or before; or NOADDR. */
static paddr_t
cutframe(Pagecpu *cpu)
{
	for (size_t i = latercount(); i-- > 0;) {
		Later *l = &palloc.later[i];
		paddr_t pa = l->cut.pa - BY2PG;

		if (l->cut.pa > l->pa && cutoff(cpu, &l->cut, pa))
			return pa;
	}
	for (size_t i = 0; i < palloc.nnodes; i++) {
		uint32_t node = palloc.node[cpu->node].order[i];
		Cut *cut = &palloc.node[node].cut;
		paddr_t pa = framebelow(node, cut->pa);

		if (pa != NOADDR && cutoff(cpu, cut, pa))
			return pa;
	}
	return NOADDR;
}

/* One of another node that waits here, or NULL. */
static Page *
waitingaway(Pagecpu *cpu)
{
	for (uint32_t i = cpu->naway; i-- > 0;)
		if (cankaddr(pagepa(cpu->away[i])) >= BY2PG) {
			Page *pg = cpu->away[i];

			cpu->away[i] = cpu->away[cpu->naway - 1];
			pagecpusetnaway(cpu, cpu->naway - 1);
			return pg;
		}
	return NULL;
}

/* One that waits here, or NULL. */
static Page *
waiting(Pagecpu *cpu)
{
	for (uint32_t i = cpu->n; i-- > 0;)
		if (cankaddr(pagepa(cpu->small[i])) >= BY2PG) {
			Page *pg = cpu->small[i];

			cpu->small[i] = cpu->small[cpu->n - 1];
			pagecpusetn(cpu, cpu->n - 1);
			cpu->ncold = MIN(cpu->ncold, cpu->n);
			return pg;
		}
	return waitingaway(cpu);
}

/* A frame by the first means that has one, or NOADDR. */
static paddr_t
find(Pagecpu *cpu)
{
	Page *pg = chunktakenear(palloc.node[cpu->node].order);
	paddr_t pa = pg == NULL ? cutframe(cpu) : NOADDR;

	if (pg == NULL && pa == NOADDR)
		pg = waiting(cpu);
	if (pg == NULL)
		return pa;
	*pagebyte(pg) = FRAMERESERVED;
	countpages(pagenodeof(pg), -(size_t)1);
	palloc.count.nmeta++;
	palloc.count.nmetaused++;
	return pagepa(pg);
}

paddr_t
kalloc_table(void)
{
	paddr_t pa;

	needstage(SPAGES);
	Percpu *me = cpuenter();
	for (;;) {
		pageslock();
		pa = find(&me->page);
		pagesunlock();
		if (pa == NOADDR)
			break;
		probewrite(pa, 1);
		if (probecheck(pa, 1, NULL) == 0)
			break;
		badram(pa, 1, BADINALLOCATOR);
	}
	cpuleave(me);
	return pa;
}
