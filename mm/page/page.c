/*
 * page.c - 4 KiB pages: handed out, shared, freed.
 *
 * The common newpage and putpage take no lock and touch this CPU's stock
 * (pagecpu.c) and the one Page. That Page is likely to be in no cache: so
 * newpage only writes to it, one word, without looking, and what must hold of
 * a free Page is seen to by putpage, which has to read the references anyway:
 * next is NULL, daddr is 0, no image, and not special but by poison.
 *
 * A plain page with one reference needs no atomic operation to be freed: who
 * holds the only one is alone with it. Pages in an image's cache and huge ones
 * are special, a bit beside the references, and take the slow path.
 */
#include "where.h"
#include "stock.h"
#include "badram.h"
#include "bytemap.h"
#include "percpu.h"
#include "stage.h"
#include "xalloc.h"

#define PAGEPOISON 0xdeadbeefcafef00dull

/* Fill a page that pc is freeing, to see later whether it is left alone. */
static void
poisonpage(Page *pg, uintptr_t pc)
{
	uint64_t *w = kmap(pg);

	for (size_t i = 0; i < BY2PG / sizeof w[0]; i++)
		w[i] = PAGEPOISON;
	kunmap(w);
	pg->daddr = pc;
	pg->held |= SPECIAL;
}

/* A page is about to be handed out: it must be free, and still poisoned. */
void
pagecheckfree(Page *pg)
{
	if (pagerefs(pg) != 0)
		panic("page %#jx was free, but has %u references", pagepa(pg),
		    pagerefs(pg));
	if ((pg->held & SPECIAL) == 0)
		return;
	uint64_t *w = kmap(pg);

	for (size_t i = 0; i < BY2PG / sizeof w[0]; i++)
		if (w[i] != PAGEPOISON)
			panic("page %#jx was freed by %#jx, but then written "
			      "to: %#jx at byte %zu",
			    pagepa(pg), (uintmax_t)pg->daddr, (uintmax_t)w[i],
			    i * sizeof w[0]);
	kunmap(w);
	pg->held = 0;
	pg->daddr = 0;
}

/*
 * The page on top of the stock, with its one reference; *heat says whether
 * it was freed lately. NULL if there is none to be had so.
 */
static inline Page *
pop(Pagecpu *cpu, uintptr_t va, enum heat *heat)
{
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpun(cpu) - 1;

	if (n >= limit) {
		pagecpuleave(cpu);
		return NULL;
	}
	Page *pg = cpu->small[n];
	pagecpusetn(cpu, n); /* drain: take */
	if (heat != NULL) {
		*heat = n < cpu->ncold ? COLD : HOT;
		cpu->ncold = MIN(cpu->ncold, n);
	}
	pagecpuleave(cpu);
	__atomic_store_n(&pg->held, VATOHELD(va) | 1, __ATOMIC_RELAXED);
	return pg;
}

/* Cached pages that were given up until now: more of them, and it is worth
 * looking again. */
static size_t
ngiven(void)
{
	return __atomic_load_n(&palloc.ngiven, __ATOMIC_ACQUIRE);
}

static SLOWPATH Page *
newpageslow(uintptr_t va)
{
	size_t before = ngiven();
	Page *pg;

	if (stage < SPAGES)
		stagepanic("newpage", SPAGES, SLAST);
	while ((pg = pagecputake()) == NULL) {
		size_t n = palloc.reclaim(PAGECPUMAX / 2);
		size_t after = ngiven();

		if (n > 0)
			__atomic_fetch_add(
			    &palloc.nreclaimed, n, __ATOMIC_RELAXED);
		else if (after == before) { /* nor had another CPU any */
			__atomic_fetch_add(
			    &palloc.nfailed, 1, __ATOMIC_RELAXED);
			return NULL;
		}
		before = after;
	}
	pagecheckfree(pg);
	__atomic_store_n(&pg->held, VATOHELD(va) | 1, __ATOMIC_RELAXED);
	return pg;
}

static SLOWPATH Page *
clearpage(uintptr_t va)
{
	enum heat heat = COLD;
	Percpu *me = cpuenter();
	Page *pg = pop(&me->page, va, &heat);

	cpuleave(me);
	if (pg == NULL && (pg = newpageslow(va)) == NULL)
		return NULL;
	zeropages(pagepa(pg), 1, heat);
	return pg;
}

Page *
newpage(enum clear clear, uintptr_t va)
{
	if (clear == CLEAR)
		return clearpage(va);
	Percpu *me = cpuenter();
	Page *pg = pop(&me->page, va, NULL);
	cpuleave(me);
	return pg != NULL ? pg : newpageslow(va);
}

size_t
pagesize(const Page *pg)
{
	switch (pageimageid(pg)) {
	case HUGEIMAGE:
		return 2 * MiB;
	case GIGAIMAGE:
		return GiB;
	}
	return BY2PG;
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
	if (pageimageid(pg) != 0 && !ishuge(pg))
		panicat(func, "page %#jx is in an image's cache", pagepa(pg));
	if ((pg->held & HELD) == SPECIAL)
		panicat(func, "page %#jx is free already, freed by %#jx",
		    pagepa(pg), (uintmax_t)pg->daddr);
	if (pagerefs(pg) == 0)
		panicat(func, "page %#jx is free already, last used at %#jx",
		    pagepa(pg), (uintmax_t)pageva(pg));
	if (ishuge(pg))
		panicat(func, "page %#jx is one of %zu bytes", pagepa(pg),
		    pagesize(pg));
	panicat(func, "page %#jx has %u references", pagepa(pg), pagerefs(pg));
}

/* Drop a reference of pg; true if it was the last. */
static bool
dropref(const char *func, Page *pg)
{
	if (!ispage(pg) || pagerefs(pg) == 0 || ishuge(pg))
		pagemisuse(func, pg);
	uint64_t held = __atomic_sub_fetch(&pg->held, 1, __ATOMIC_ACQ_REL);

	if ((held & HELD) == SPECIAL)
		pagemisuse(func, pg);       /* that was the cache's */
	if ((held & HELD) == (SPECIAL | 1)) /* now the cache's alone */
		__atomic_store_n(&palloc.cachedidle, true, __ATOMIC_RELEASE);
	return (held & HELD) == 0;
}

/* Make a free Page of one that nobody holds any more; pc freed it. */
static void
freepage(Page *pg, uintptr_t pc)
{
	pg->next = NULL;
	pg->daddr = 0;
	if (pagespoisoned())
		poisonpage(pg, pc);
	pagecpuput(pg);
}

static SLOWPATH void
putpageslow(Page *pg, uintptr_t pc)
{
	if (dropref("putpage", pg))
		freepage(pg, pc);
}

/* As putpageslow, which see, for a plain page with one reference; or false. */
static inline bool
push(Pagecpu *cpu, Page *pg)
{
	if (pagenumber(cpu->pages, pg) >= cpu->plain)
		return false;
	uint64_t held = __atomic_load_n(&pg->held, __ATOMIC_ACQUIRE);
	uint32_t limit = pagecpuenter(cpu);
	uint32_t n = pagecpun(cpu);
	if ((held & HELD) != 1 || n >= limit) {
		pagecpuleave(cpu);
		return false;
	}
	if (((uintptr_t)pg->next | pg->daddr) != 0) {
		pg->next = NULL;
		pg->daddr = 0;
	}
	__atomic_store_n(&pg->held, held - 1, __ATOMIC_RELAXED);
	cpu->small[n] = pg;
	pagecpusetn(cpu, n + 1); /* drain: put */
	pagecpuleave(cpu);
	return true;
}

void
putpage(Page *pg)
{
	Percpu *me = cpuenter();
	bool done = push(&me->page, pg);

	cpuleave(me);
	if (!done)
		putpageslow(pg, callerpc());
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
		Percpu *me = cpuenter();
		bool done = push(&me->page, pg);
		cpuleave(me);
		if (!done && dropref(__func__, pg))
			freepage(pg, pc);
	}
}

Page *
pageref(Page *pg)
{
	if (!ispage(pg) || pagerefs(pg) == 0)
		pagemisuse(__func__, pg);
	uint64_t held = __atomic_fetch_add(&pg->held, 1, __ATOMIC_RELAXED);

	if ((held & PAGEREFMAX) == PAGEREFMAX)
		panic("page %#jx has %d references already", pagepa(pg),
		    PAGEREFMAX);
	return pg;
}

/* References may change meanwhile, so only the difference is added. */
void
pagesetva(Page *pg, uintptr_t va)
{
	__atomic_fetch_add(
	    &pg->held, VATOHELD(va) - VATOHELD(pageva(pg)), __ATOMIC_RELAXED);
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

void
pagestats(Pagestats *st)
{
	st->nfree = pagesfree();
	pageslock();
	st->npages = palloc.count.npages;
	st->nquarantine = palloc.count.nquarantine;
	st->nmeta = palloc.count.nmeta;
	st->nmetaused = palloc.count.nmetaused;
	st->nchunks = palloc.nopen;
	st->nfailed = __atomic_load_n(&palloc.nfailed, __ATOMIC_RELAXED);
	st->nreclaimed = __atomic_load_n(&palloc.nreclaimed, __ATOMIC_RELAXED);
	st->nleast = palloc.count.nleast;
	st->longest = palloc.held.longest;
	st->held = palloc.held.total;
	pagesunlock();
}

bool
pagesbusy(void)
{
	if (!canlock(&palloc.lock))
		return true;
	unlock(&palloc.lock);
	return false;
}

void
pagesetleast(size_t nleast)
{
	size_t nfree = pagesfree();

	pageslock();
	palloc.count.nleast = MIN(nleast, nfree);
	pagesunlock();
}

void
pallocprint(void)
{
	Pagestats st;

	pagestats(&st);
	size_t bad = st.nquarantine + xbadpages() + badraminmap();
	print("mem9: palloc pages=%zu free=%zu pagestruct=%zu chunks=%zu "
	      "quarantined=%zu longest=%ju held=%ju\n",
	    st.npages, st.nfree, sizeof(Page), st.nchunks, bad,
	    (uintmax_t)st.longest, (uintmax_t)st.held);
}
