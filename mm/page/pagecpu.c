/*
 * pagecpu.c - the pages waiting at each CPU, so that most take no lock.
 *
 *	newpage  <--pop--  [magazine of this CPU]  <--refill--  chunks
 *	putpage  --push->  [ 0 ... n  ... MAGSIZE]  --drain-->   (chunk.c)
 *
 * Pushing and popping is page.c's; here is what needs palloc.lock. An empty
 * magazine is filled to half, of a full one the lower half goes back: it then
 * takes as many operations to need the lock again. What was freed last, and
 * so is still in the caches, is handed out first.
 *
 * When memory runs out a CPU empties all magazines. For this the owner of one
 * says busy while it is at it, and looks at limit after saying so; the other
 * CPU sets limit to 0, lets all CPUs pass a barrier, and waits until the owner
 * is not busy: from then on the owner finds its magazine closed and goes to
 * palloc.lock, which is held. So a magazine belongs to who is busy with limit
 * above 0, or else to who holds palloc.lock.
 */
#include "palloc.h"
#include "stage.h"

enum { BATCH = MAGSIZE / 2, HUGEBATCH = HUGEMAGSIZE / 2 };

_Static_assert(MAGSIZE % 2 == 0, "a full magazine has two halves");

/* How far a magazine may fill up when nobody is emptying it. */
static uint32_t
limit(void)
{
	return palloc.poison ? 0 : MAGSIZE;
}

/* This CPU's magazine becomes known. */
static void
meet(Pagecpu *m)
{
	if (m->known)
		return;
	m->known = true;
	m->next = palloc.cpus;
	palloc.cpus = m;
	__atomic_store_n(&m->limit, limit(), __ATOMIC_RELEASE);
}

/* The lowest so many of the 2 MiB pages that wait are whole chunks again. */
static void
givehuge(Pagecpu *m, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		chunksetwhole(&palloc.chunks[chunkof(m->huge[i])]);
	for (uint32_t i = n; i < m->nhuge; i++)
		m->huge[i - n] = m->huge[i];
	magsetnhuge(m, m->nhuge - n);
}

/*
 * Give back what waits at all CPUs, with palloc.lock held (and so not busy
 * ourselves). Returns how many pages that were.
 */
size_t
pagesdrain(void)
{
	size_t npages = 0;

	for (Pagecpu *m = palloc.cpus; m != NULL; m = m->next)
		__atomic_store_n(&m->limit, 0, __ATOMIC_RELAXED);
	cpubarrier();
	for (Pagecpu *m = palloc.cpus; m != NULL; m = m->next) {
		while (__atomic_load_n(&m->busy, __ATOMIC_ACQUIRE) != 0)
			;
		chunkgive(m->slot, m->n);
		npages += m->n + m->nhuge * (size_t)CHUNKPAGES;
		givehuge(m, m->nhuge);
		magsetn(m, 0);
		m->ncold = 0;
		__atomic_store_n(&m->limit, limit(), __ATOMIC_RELEASE);
	}
	return npages;
}

/* As many frames as want, or fewer, by all means but reclaiming. */
static size_t
take(Page **pages, size_t want)
{
	size_t n = chunktake(pages, want);

	while (n == 0 && chunkopen())
		n = chunktake(pages, want);
	if (n == 0 && pagesdrain() > 0)
		n = chunktake(pages, want);
	return n;
}

/* A free page by way of the lock, and some more into an empty magazine. */
Page *
magtake(Pagecpu *m)
{
	Page *pg = NULL;

	lock(&palloc.lock);
	meet(m);
	if (palloc.poison)
		take(&pg, 1);
	else if (m->n == 0) {
		m->ncold = (uint32_t)take(m->slot, BATCH);
		magsetn(m, m->ncold);
	}
	uint32_t n = m->n;
	if (n > 0) {
		pg = m->slot[n - 1];
		magsetn(m, n - 1);
	}
	unlock(&palloc.lock);
	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(m->slot[i], 1);
	return pg;
}

/* Free a page by way of the lock, and some more out of a full magazine. */
void
magput(Pagecpu *m, Page *pg)
{
	Page **slot = m->slot;

	lock(&palloc.lock);
	meet(m);
	if (palloc.poison)
		chunkgive(&pg, 1);
	else {
		if (m->n == MAGSIZE) {
			chunkgive(slot, BATCH);
			memcpy(slot, slot + BATCH, BATCH * sizeof slot[0]);
			m->ncold = 0; /* those were at the bottom */
			magsetn(m, BATCH);
		}
		slot[m->n] = pg;
		magsetn(m, m->n + 1);
	}
	unlock(&palloc.lock);
}

/* As magtake and magput, for 2 MiB pages. */
Page *
hugetake(Pagecpu *m)
{
	Page *pg = NULL;

	lock(&palloc.lock);
	meet(m);
	size_t want = palloc.poison ? 1 : HUGEBATCH;
	size_t n = chunktakewhole(m->huge, want);
	/* Pages waiting may be all that keeps a chunk from being whole. */
	if (n == 0 && pagesdrain() > 0)
		n = chunktakewhole(m->huge, want);
	if (n > 0)
		pg = m->huge[--n];
	magsetnhuge(m, (uint32_t)n);
	unlock(&palloc.lock);
	return pg;
}

void
hugeput(Pagecpu *m, Page *pg)
{
	lock(&palloc.lock);
	meet(m);
	if (m->nhuge == HUGEMAGSIZE)
		givehuge(m, HUGEBATCH);
	m->huge[m->nhuge] = pg;
	magsetnhuge(m, m->nhuge + 1);
	if (palloc.poison)
		givehuge(m, m->nhuge);
	unlock(&palloc.lock);
}

void
pagepoison(bool on)
{
	needstage(SPREALLOC);
	lock(&palloc.lock);
	palloc.poison = on;
	setopenpages();
	pagesdrain();
	for (size_t i = 0; !on && i < palloc.openpages; i++) {
		Page *pg = &palloc.pages[i];

		if ((pg->held & HELD) == MARK) {
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
	for (Pagecpu *m = palloc.cpus; m != NULL; m = m->next)
		n += magn(m) + magnhuge(m) * (size_t)CHUNKPAGES;
	unlock(&palloc.lock);
	return n;
}
