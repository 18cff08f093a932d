/*
 * page.c - 4 KiB pages: handed out, shared, freed.
 *
 *	newpage  <--pop--  [magazine of this CPU]  <--refill--  chunks
 *	putpage  --push->  [ MAGSIZE pages      ]  --drain-->   (chunk.c)
 *
 * The common newpage and putpage touch the magazine and the one Page, and
 * take no lock. An empty magazine is filled to half, of a full one the lower
 * half goes back: it then takes as many operations to need the lock again.
 * What was freed last, and so is still in the caches, is handed out first.
 *
 * When memory runs out a CPU empties the others' magazines. For this the
 * owner says busy while it is at its own, and looks at limit after saying so;
 * the thief sets limit to 0, lets every CPU pass a barrier, and waits until
 * the owner is not busy: from then on the owner finds its magazine closed and
 * goes to palloc.lock, which the thief holds.
 *
 * References: a holder of the only one needs no atomic operation to drop it,
 * as nobody else can be about to take another.
 */
#include "palloc.h"
#include "bytemap.h"
#include "image.h"
#include "percpu.h"
#include "stage.h"

enum { BATCH = MAGSIZE / 2 };

/* Kept out of the functions whose common path must be short. */
#define SLOWPATH __attribute__((noinline, cold))

#define POISON 0xdeadbeefcafef00dull

_Static_assert(MAGSIZE % 2 == 0, "a full magazine has two halves");

struct Palloc palloc = {.metapa = NOADDR};

void
pageinit(void)
{
	needstages(SPREALLOC, SPREALLOC);
	for (size_t i = 0; i < NBUCKET; i++)
		palloc.bucket[i] = NOSLOT;
}

/* Say busy, and return how many pages the magazine may hold; 0 if closed. */
static inline uint32_t
enter(Pagecpu *m)
{
	__atomic_store_n(&m->busy, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&m->limit, __ATOMIC_ACQUIRE);
}

static inline void
leave(Pagecpu *m)
{
	__atomic_store_n(&m->busy, 0, __ATOMIC_RELEASE);
}

/* Others read n to count free pages; only the owner, or a thief, writes it. */
static inline void
setn(Pagecpu *m, uint32_t n)
{
	__atomic_store_n(&m->n, n, __ATOMIC_RELAXED);
}

/* This CPU's magazine becomes known and usable. */
static void
meet(Pagecpu *m)
{
	if (m->known)
		return;
	m->known = true;
	m->next = palloc.cpus;
	palloc.cpus = m;
	__atomic_store_n(&m->limit, MAGSIZE, __ATOMIC_RELEASE);
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
		npages += m->n;
		setn(m, 0);
		m->ncold = 0;
		__atomic_store_n(&m->limit, MAGSIZE, __ATOMIC_RELEASE);
	}
	return npages;
}

/* Pages for an empty magazine, by all means. False if there are none. */
static SLOWPATH bool
refill(Pagecpu *m)
{
	if (stage < SPAGES)
		stagepanic("newpage", SPAGES, SLAST);
	lock(&palloc.lock);
	meet(m);
	if (m->n == 0) {
		size_t n = chunktake(m->slot, BATCH);

		while (n == 0 && chunkopen())
			n = chunktake(m->slot, BATCH);
		if (n == 0 && pagesdrain() > 0)
			n = chunktake(m->slot, BATCH);
		m->ncold = (uint32_t)n;
		setn(m, (uint32_t)n);
	}
	uint32_t n = m->n;
	unlock(&palloc.lock);
	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(m->slot[i], 1);
	return n > 0 || imagereclaim(BATCH) > 0;
}

/* Room in a full magazine; the first page of this CPU comes by here too. */
static SLOWPATH void
drain(Pagecpu *m)
{
	Page **page = m->slot;

	if (m->n == MAGSIZE)
		chunkprefetch(page, BATCH);
	lock(&palloc.lock);
	meet(m);
	if (m->n == MAGSIZE) {
		chunkgive(page, BATCH);
		memcpy(page, page + BATCH, BATCH * sizeof page[0]);
		m->ncold = m->ncold > BATCH ? m->ncold - BATCH : 0;
		setn(m, MAGSIZE - BATCH);
	}
	unlock(&palloc.lock);
}

/* How many Pages there are, and how many of them putpage need not check. */
void
setopenpages(void)
{
	size_t n = palloc.nopen * CHUNKPAGES;

	__atomic_store_n(&palloc.openpages, n, __ATOMIC_RELEASE);
	__atomic_store_n(
	    &palloc.plainpages, palloc.poison ? 0 : n, __ATOMIC_RELEASE);
}

void
pagepoison(bool on)
{
	lock(&palloc.lock);
	palloc.poison = on;
	setopenpages();
	unlock(&palloc.lock);
}

/* Fill a page that pc is freeing, to see later whether it is left alone. */
static void
poison(Page *pg, uintptr_t pc)
{
	uint64_t *w = kmap(pg);

	for (size_t i = 0; i < BY2PG / sizeof w[0]; i++)
		w[i] = POISON;
	kunmap(w);
	pg->va = pc;
	pg->frame |= MARK;
}

/* A page to be handed out is not merely free: poisoned, or else damaged. */
static void
checkfree(Page *pg)
{
	if (pagerefs(pg) != 0)
		panicat("newpage", "page %#jx was free, but has %u references",
		    pagepa(pg), pagerefs(pg));
	uint64_t *w = kmap(pg);

	for (size_t i = 0; i < BY2PG / sizeof w[0]; i++)
		if (w[i] != POISON)
			panicat("newpage",
			    "page %#jx was freed by %#jx, but then written "
			    "to: %#jx at byte %zu",
			    pagepa(pg), (uintmax_t)pg->va, (uintmax_t)w[i],
			    i * sizeof w[0]);
	kunmap(w);
	pg->frame &= ~HELD;
}

/* Page number n of the magazine is out, and to be cleared. */
static SLOWPATH Page *
clearpage(Pagecpu *m, uint32_t n, Page *pg)
{
	enum heat heat = HOT;

	if (n < m->ncold) {
		m->ncold = n;
		heat = COLD;
	}
	zeropages(pagepa(pg), 1, heat);
	return pg;
}

/*
 * Inside enter and leave: there is no next page in the magazine, or it has to
 * be looked at first. Then try again.
 */
static SLOWPATH Page *
newpageslow(Pagecpu *m, enum clear clear, uintptr_t va)
{
	bool any = m->n - 1 < m->limit;

	if (any)
		checkfree(m->slot[m->n - 1]);
	leave(m);
	return any || refill(m) ? newpage(clear, va) : NULL;
}

Page *
newpage(enum clear clear, uintptr_t va)
{
	Pagecpu *m = &thiscpu()->page;
	uint32_t limit = enter(m);
	uint32_t n = m->n - 1;

	if (n >= limit)
		return newpageslow(m, clear, va);
	Page *pg = m->slot[n];
	uint64_t frame = pg->frame;
	if ((frame & HELD) != 0)
		return newpageslow(m, clear, va);
	setn(m, n);
	leave(m);

	pg->va = va;
	if ((pg->link | pg->daddr) != 0)
		pg->link = pg->daddr = 0;
	__atomic_store_n(&pg->frame, frame + 1, __ATOMIC_RELAXED);
	if (clear == CLEAR)
		return clearpage(m, n, pg);
	return pg;
}

/* Say what is wrong with dropping a reference of pg. */
_Noreturn void
pagemisuse(const char *func, const Page *pg)
{
	if (stage < SPAGES)
		stagepanic(func, SPAGES, SLAST);
	if (!ispage(pg))
		panicat(func, "%p is no page", (const void *)pg);
	if (*pagebyte(pg) == FRAMERESERVED)
		panicat(func, "%p is the Page of no frame of ours",
		    (const void *)pg);
	if (ishuge(pg))
		panicat(func, "page %#jx is one of %zu bytes", pagepa(pg),
		    pagesize(pg));
	if (pageimageid(pg) != 0)
		panicat(func, "page %#jx is in an image's cache", pagepa(pg));
	if (pagerefs(pg) == 0 && (pg->frame & MARK) != 0)
		panicat(func, "page %#jx is free already, freed by %#jx",
		    pagepa(pg), (uintmax_t)pg->va);
	if (pagerefs(pg) == 0)
		panicat(func, "page %#jx is free already, last used at %#jx",
		    pagepa(pg), (uintmax_t)pg->va);
	panicat(func, "page %#jx has %u references", pagepa(pg), pagerefs(pg));
}

/* Drop a reference of pg; true if it was the last. */
static bool
dropref(const char *func, Page *pg)
{
	if (!ispage(pg) || pagerefs(pg) == 0 || ishuge(pg))
		pagemisuse(func, pg);
	uint64_t frame = __atomic_sub_fetch(&pg->frame, 1, __ATOMIC_ACQ_REL);

	if ((frame & HELD) == MARK)
		pagemisuse(func, pg); /* that was the cache's */
	return (frame & HELD) == 0;
}

/* A page nobody holds any more goes to the magazine; pc freed it. */
static void
freepage(Page *pg, uintptr_t pc)
{
	Pagecpu *m = &thiscpu()->page;
	uint32_t limit;
	uint32_t n;

	if (palloc.plainpages == 0)
		poison(pg, pc);
	while (limit = enter(m), (n = m->n) >= limit) {
		leave(m);
		drain(m);
	}
	m->slot[n] = pg;
	setn(m, n + 1);
	leave(m);
}

static SLOWPATH void
putpageslow(Page *pg, uintptr_t pc)
{
	if (dropref("putpage", pg))
		freepage(pg, pc);
}

/*
 * As putpageslow, which see, for the common case: a plain page with one
 * holder, who needs no atomic operation to drop the only reference there is.
 */
void
putpage(Page *pg)
{
	Pagecpu *m = &thiscpu()->page;

	if (pagenumber(pg) >=
	    __atomic_load_n(&palloc.plainpages, __ATOMIC_ACQUIRE)) {
		putpageslow(pg, callerpc());
		return;
	}
	uint64_t frame = __atomic_load_n(&pg->frame, __ATOMIC_ACQUIRE);
	if ((frame & HELD) != 1) {
		putpageslow(pg, callerpc());
		return;
	}
	uint32_t limit = enter(m);
	uint32_t n = m->n;

	if (n >= limit) {
		leave(m);
		putpageslow(pg, callerpc());
		return;
	}
	__atomic_store_n(&pg->frame, frame - 1, __ATOMIC_RELAXED);
	m->slot[n] = pg;
	setn(m, n + 1);
	leave(m);
}

void
freepages(Page *chain)
{
	uintptr_t pc = callerpc();
	Page *next;

	for (Page *pg = chain; pg != NULL; pg = next) {
		if (ispage(pg) && pagerefs(pg) > 1)
			pagemisuse(__func__, pg);
		next = ispage(pg) ? pagenext(pg) : NULL;
		if (dropref(__func__, pg))
			freepage(pg, pc);
	}
}

Page *
pageref(Page *pg)
{
	if (!ispage(pg) || pagerefs(pg) == 0)
		pagemisuse(__func__, pg);
	uint64_t frame = __atomic_fetch_add(&pg->frame, 1, __ATOMIC_RELAXED);

	if ((frame & PAGEREFMAX) == PAGEREFMAX)
		panic("page %#jx has %d references already", pagepa(pg),
		    PAGEREFMAX);
	return pg;
}

Page *
pagenext(const Page *pg)
{
	uint64_t next = pg->link & NEXTMASK;

	return next == 0 ? NULL : &palloc.pages[next - 1];
}

void
pagesetnext(Page *pg, Page *next)
{
	if (next != NULL && !ispage(next))
		pagemisuse(__func__, next);
	pg->link = (pg->link & ~NEXTMASK) |
		   (next == NULL ? 0 : (uint64_t)(next - palloc.pages) + 1);
}

void
copypage(Page *from, Page *to)
{
	copypages(pagepa(to), pagepa(from), 1);
}

void
zeropage(Page *pg)
{
	zeropages(pagepa(pg), pagesize(pg) / BY2PG, HOT);
}

size_t
pagesfree(void)
{
	lock(&palloc.lock);
	size_t n = palloc.count.nfree;
	for (Pagecpu *m = palloc.cpus; m != NULL; m = m->next)
		n += __atomic_load_n(&m->n, __ATOMIC_RELAXED);
	unlock(&palloc.lock);
	return n;
}

void
pagestats(Pagestats *st)
{
	st->nfree = pagesfree();
	lock(&palloc.lock);
	st->npages = palloc.count.npages;
	st->nquarantine = palloc.count.nquarantine;
	st->nmeta = palloc.count.nmeta;
	st->nmetaused = palloc.count.nmetaused;
	st->nchunks = palloc.nopen;
	unlock(&palloc.lock);
}

void
pallocprint(void)
{
	Pagestats st;

	pagestats(&st);
	print("mem9: palloc pages=%zu free=%zu pagestruct=%zu chunks=%zu "
	      "quarantined=%zu\n",
	    st.npages, st.nfree, sizeof(Page), st.nchunks, st.nquarantine);
}
