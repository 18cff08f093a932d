/*
 * tableframe.c - frames for page tables, once the kernel's share is spent.
 *
 *	far chunks, in order of use ...  | near ones ...        [cut)
 *	                                 nearend           <-- taken from the
 *end
 *
 * A table must be where kaddr reaches it, and is wanted when there is no time
 * for more: a lock is held, perhaps, or it is to map the tables of a chunk that
 * is being opened. So nobody is asked here for what waits elsewhere, and no
 * chunk is opened. There is: a free frame of a near chunk; the last frame of
 * all that are not opened yet, which may be in the very chunk that this CPU is
 * opening; one that waits at this CPU. If none of these is near the answer is
 * no.
 *
 * Frames that became tables stay tables: who unmaps keeps them for the next.
 */
#include "palloc.h"
#include "badram.h"
#include "bytemap.h"
#include "conf.h"
#include "percpu.h"
#include "stage.h"

/* The highest frame of the banks' user share below pa, or NOADDR. */
static paddr_t
framebelow(paddr_t pa)
{
	for (size_t i = conf.nmem; i-- > 0;) {
		paddr_t end = MIN(userend(i), pa);

		if (userbase(i) < end)
			return end - BY2PG;
	}
	return NOADDR;
}

/* How many of the granule around pa are counted as pages. */
static size_t
counted(paddr_t pa)
{
	size_t n = 0;

	for (size_t i = 0; i < PAGESPERPG; i++)
		n += isuserframe(ROUNDDOWN(pa, PAGESPERPG * BY2PG) + i * BY2PG);
	return n;
}

/* pa, a frame of the chunk this CPU opens: false if it is in use already. */
static bool
takeopened(Opening *o, paddr_t pa)
{
	size_t i = (pa - o->pa) / BY2PG;

	if (o->bytes[i] != FRAMEFREE)
		return false;
	o->bytes[i] = FRAMERESERVED;
	return true;
}

/*
 * The last frame that is in no chunk opened, or being opened by another CPU;
 * or NOADDR. With it may go one that would be alone in its granule.
 */
static paddr_t
cutframe(Pagecpu *cpu)
{
	paddr_t pa = framebelow(palloc.cut);

	if (pa == NOADDR || cankaddr(pa) < BY2PG)
		return NOADDR;
	Opening *o = palloc.opener == cpu ? palloc.opened : NULL;
	size_t ci = chunkat(pa);
	if (ci == NOCHUNK || ci >= palloc.nchunks ||
	    ci < palloc.nopen + (palloc.opening && o == NULL))
		return NOADDR;
	if (o == NULL || ci != o->ci)
		o = NULL;
	else if (!takeopened(o, pa))
		return NOADDR;
	size_t n = counted(pa);
	__atomic_store_n(&palloc.cut, pa, __ATOMIC_RELAXED);
	n -= counted(pa);
	if (o != NULL)
		o->npages -= n;
	if (o != NULL && n > 1)
		takeopened(o, framebelow(pa));
	palloc.surveyed -= n;
	palloc.count.unopened -= n;
	palloc.count.npages -= n;
	palloc.count.nfree -= n;
	palloc.count.nmeta++;
	palloc.count.nmetaused++;
	return pa;
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
	return NULL;
}

/* A frame by the first means that has one, or NOADDR. */
static paddr_t
find(Pagecpu *cpu)
{
	Page *pg = chunktakenear();
	paddr_t pa = pg == NULL ? cutframe(cpu) : NOADDR;

	if (pg == NULL && pa == NOADDR)
		pg = waiting(cpu);
	if (pg == NULL)
		return pa;
	*pagebyte(pg) = FRAMERESERVED;
	palloc.count.npages--;
	palloc.count.nmeta++;
	palloc.count.nmetaused++;
	return pagepa(pg);
}

paddr_t
kalloc_table(void)
{
	paddr_t pa;
	bool good = false;

	needstage(SPAGES);
	Percpu *me = cpuenter();
	do {
		lock(&palloc.lock);
		pa = find(&me->page);
		unlock(&palloc.lock);
		if (pa == NOADDR)
			break;
		probewrite(pa, 1);
		good = probecheck(pa, 1, NULL) == 0;
		if (!good)
			badram(pa, 1, BADINALLOCATOR);
	} while (!good);
	cpuleave(me);
	return pa;
}
