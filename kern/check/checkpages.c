/*
 * checkpages.c - every page holds what is written to it, and comes back.
 *
 * It takes longest of the checks of the memory chain: so all CPUs do it at
 * once, and it says how far they are.
 */
#include "badram.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "checks.h"
#include "conf.h"
#include "cpus.h"
#include "hooks.h"
#include "mmu.h"
#include "nodes.h"
#include "page.h"
#include "print.h"
#include "../monitor/progress.h"
#include "together.h"

typedef struct Tried Tried;

/*
 * Pages that hold their own addresses, and those of them that do not; those
 * that might have been of the CPU's own node, and those that were.
 */
struct Tried {
	size_t n;
	size_t bad;
	size_t near;
	size_t own;
};

enum {
	BANKSAMPLES = 64,       /* frames of each bank that were never used */
	QUICKBYTES = 512 << 20, /* of pages, in a quick check */
	CHAIN = 256,            /* pages that one CPU has at once */
};

/* Each word of a page at pa holds its own address, so that an alias shows. */
static void
fill(uint64_t *w, paddr_t pa)
{
	for (size_t i = 0; i < BY2PG / sizeof *w; i++)
		w[i] = pa + i * sizeof *w;
	kunmap(w);
}

static bool
holds(uint64_t *w, paddr_t pa)
{
	bool ok = true;

	for (size_t i = 0; i < BY2PG / sizeof *w; i++)
		ok = ok && w[i] == pa + i * sizeof *w;
	kunmap(w);
	return ok;
}

/*
 * Frames that no page has been made of yet, all over each bank: they are the
 * page allocator's, free, and in its order would come last.
 */
static void
samplebanks(Tried *t, void (*each)(Tried *, paddr_t))
{
	for (size_t i = 0; i < conf.nmem; i++) {
		size_t npage = conf.mem[i].npage;
		paddr_t last = NOADDR;

		for (size_t k = 0; k < BANKSAMPLES; k++) {
			paddr_t pa = conf.mem[i].base + (npage - 1) * k /
							    (BANKSAMPLES - 1) *
							    BY2PG;

			if (pa != last && framestate(pa) == FRAMEFREE &&
			    papage(pa) == NULL)
				each(t, pa);
			last = pa;
		}
	}
}

static void
fillframe(Tried *t, paddr_t pa)
{
	t->n++;
	fill(kmappa(pa), pa);
}

static void
checkframe(Tried *t, paddr_t pa)
{
	t->bad += !holds(kmappa(pa), pa);
}

/*
 * Pages are shared out among CPUs, in chains: each CPU takes and writes as many
 * as it gets, until there are enough; then each reads one chain after another,
 * whoever has written it. The first page of a chain leads to the next chain by
 * its daddr, which is nobody's yet.
 */
static struct {
	Lock lock;
	bool broken; /* off: no more are begun */
	Progress progress;
	size_t left;   /* pages to be taken */
	Page *written; /* chains, */
	Page *read;
	Tried tried;
	size_t nread;
} pattern;

static void
putchain(Page **list, Page *chain, const Tried *t)
{
	lock(&pattern.lock);
	pagesetdaddr(chain, (uintptr_t)*list);
	*list = chain;
	pattern.tried.n += t->n;
	pattern.tried.bad += t->bad;
	pattern.tried.near += t->near;
	pattern.tried.own += t->own;
	unlock(&pattern.lock);
}

static Page *
getchain(Page **list)
{
	lock(&pattern.lock);
	Page *chain = *list;
	if (chain != NULL)
		*list = (Page *)(uintptr_t)pagedaddr(chain);
	unlock(&pattern.lock);
	return chain;
}

/* How many may be taken now. */
static size_t
claim(void)
{
	lock(&pattern.lock);
	size_t n = MIN(pattern.left, (size_t)CHAIN);
	pattern.left -= n;
	unlock(&pattern.lock);
	return n;
}

/* Returns NULL if there are none. */
static Page *
writechain(size_t most, Tried *t)
{
	Page *chain = NULL;
	Page *pg;

	for (; t->n < most && (pg = newpage(NOCLEAR, 0)) != NULL; t->n++) {
		fill(kmap(pg), pagepa(pg));
		pagesetnext(pg, chain);
		chain = pg;
	}
	return chain;
}

/* Nobody frees any meanwhile: what a node has left now, it had all along. */
static void
countown(const Page *chain, Tried *t)
{
	uint32_t node = cpunode(cpunumber());
	Nodestats st;

	nodestats(node, &st);
	if (st.nfree == st.nwaiting)
		return;
	t->near = t->n;
	for (const Page *pg = chain; pg != NULL; pg = pagenext(pg))
		t->own += nodeat(pagepa(pg)) == node;
}

/* CPU 0 says how far all are, and is told to end; others see that. */
static bool
allgoon(size_t n)
{
	if (cpunumber() == 0 && !progressat(&pattern.progress, n))
		__atomic_store_n(&pattern.broken, true, __ATOMIC_RELAXED);
	return !__atomic_load_n(&pattern.broken, __ATOMIC_RELAXED);
}

static size_t
loaded(const size_t *n)
{
	return __atomic_load_n(n, __ATOMIC_RELAXED);
}

static void
writepart(void *arg, uint32_t cpu)
{
	(void)arg;
	(void)cpu;
	do {
		Tried t = {.n = 0};
		Page *chain = writechain(claim(), &t);

		if (chain == NULL)
			break;
		if (nodecount() > 1)
			countown(chain, &t);
		putchain(&pattern.written, chain, &t);
	} while (allgoon(loaded(&pattern.tried.n)));
}

static void
readpart(void *arg, uint32_t cpu)
{
	Page *chain;

	(void)arg;
	(void)cpu;
	while (allgoon(loaded(&pattern.nread)) &&
	       (chain = getchain(&pattern.written)) != NULL) {
		Tried t = {.n = 0};
		size_t n = 0;

		for (Page *pg = chain; pg != NULL; pg = pagenext(pg), n++)
			t.bad += !holds(kmap(pg), pagepa(pg));
		__atomic_fetch_add(&pattern.nread, n, __ATOMIC_RELAXED);
		putchain(&pattern.read, chain, &t);
	}
}

/* All, whatever was broken off before. */
static void
freepart(void *arg, uint32_t cpu)
{
	Page *chain;

	(void)arg;
	(void)cpu;
	while ((chain = getchain(&pattern.read)) != NULL ||
	       (chain = getchain(&pattern.written)) != NULL)
		freepages(chain);
}

/*
 * By all CPUs at once; what went wrong with one, or NULL: then all are free
 * again. And frames that are no pages yet, by this one.
 */
static const char *
trypages(size_t most, Tried *t, Tried *rest)
{
	size_t nfree = pagesfree();

	memset(&pattern, 0, sizeof pattern);
	pattern.left = most;
	pattern.progress = progressbegin("written", MIN(most, nfree));
	const char *why = together(writepart, NULL);
	progressend(&pattern.progress, pattern.tried.n);
	samplebanks(rest, fillframe);
	pattern.progress = progressbegin("read   ", pattern.tried.n);
	if (why == NULL)
		why = together(readpart, NULL);
	progressend(&pattern.progress, pattern.nread);
	samplebanks(rest, checkframe);
	*t = pattern.tried;
	return why != NULL ? why : together(freepart, NULL);
}

/* Are they of the own node, but for one in a hundred? Not if the direct map is
 * cut off: then what is near it is left for last. */
static bool
isown(const Tried *t)
{
	if (nodecount() < 2)
		return true;
	print("mem9: local pages=%zu of=%zu\n", t->own, t->near);
	return bootinfo->options.directmap != NOADDR ||
	       t->own * 100 >= t->near * 99;
}

/* Pages that fail their probe on first use are lost on the way, and may be. */
enum verdict
checkpages(char *detail, size_t size)
{
	Pagestats was, is;
	size_t most = bootinfo->options.checks == CHECKSFULL
			  ? SIZE_MAX
			  : QUICKBYTES / BY2PG;
	Tried t = {.n = 0};
	Tried rest = {.n = 0};

	pagestats(&was);
	const char *why = trypages(most, &t, &rest);
	pagestats(&is);
	size_t lost = was.npages - is.npages;
	size_t bad = t.bad + rest.bad;
	if (why != NULL) {
		snprint(detail, size, "%s", why);
		return FAILED;
	}
	if (pattern.broken) {
		snprint(detail, size, "%s", brokenoff);
		return SKIPPED;
	}
	if (!isown(&t)) {
		snprint(detail, size, "%zu of %zu pages of the own node", t.own,
		    t.near);
		return FAILED;
	}
	ramtriedsince(t.n + rest.n);
	snprint(detail, size, "%zu of %zu pages written and read back",
	    t.n + rest.n, was.nfree);
	if (bad == 0 && is.nfree == was.nfree - lost &&
	    t.n == MIN(most, is.nfree))
		return OK;
	snprint(detail, size, "%zu of %zu pages wrong, free %zu then %zu", bad,
	    t.n + rest.n, was.nfree, is.nfree);
	return FAILED;
}
