/*
 * checkmem.c - checks of the memory chain: map, banks, pages, xalloc, malloc.
 *
 * Each uses the allocators as anybody would and looks at the memory itself; all
 * CPUs at once try pages, as that takes longest.
 */
#include "bootinfo.h"
#include "bytemap.h"
#include "checks.h"
#include "conf.h"
#include "cpus.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "nodes.h"
#include "page.h"
#include "pool.h"
#include "print.h"
#include "progress.h"
#include "together.h"
#include "xalloc.h"

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
	NBLOCK = 64,
	BANKSAMPLES = 64,       /* frames of each bank that were never used */
	QUICKBYTES = 512 << 20, /* of pages, in a quick check */
	CHAIN = 256,            /* pages that one CPU has at once */
	MAXBLOCK = 40000,
};

static const char brokenoff[] = "broken off"; /* by who watches */

enum verdict
checkmap(char *detail, size_t size)
{
	Memtotal t;

	memmapcheck();
	memmaptotal(&t);
	if (t.lost == 0)
		return OK;
	snprint(detail, size, "%#zx bytes are lost", t.lost);
	return FAILED;
}

/* Every page of a bank is RAM that was taken; the shares add up. */
enum verdict
checkconf(char *detail, size_t size)
{
	size_t npage = 0;
	size_t kpages = 0;

	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *m = &conf.mem[i];
		Memrange r;

		npage += m->npage;
		kpages += (m->klimit - m->kbase) / BY2PG;
		if (!memmaprange(m->base, &r) || r.pa > m->base ||
		    r.end < m->base + m->npage * BY2PG || r.type != MemRAM ||
		    !r.allocated) {
			snprint(detail, size, "bank %zu is not its own RAM", i);
			return FAILED;
		}
	}
	if (npage == conf.npage && kpages + conf.upages == npage)
		return OK;
	snprint(detail, size, "%zu pages in banks, %zu kernel + %zu user",
	    npage, kpages, conf.upages);
	return FAILED;
}

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

/*
 * By all CPUs at once; what went wrong with one, or NULL: then all are free
 * again. And frames that are no pages yet, by this one.
 */
static const char *
trypages(size_t most, Tried *t, Tried *rest)
{
	Page *chain;

	memset(&pattern, 0, sizeof pattern);
	pattern.left = most;
	pattern.progress = progressbegin("written", MIN(most, pagesfree()));
	const char *why = together(writepart, NULL);
	progressend(&pattern.progress);
	samplebanks(rest, fillframe);
	pattern.progress = progressbegin("read   ", pattern.tried.n);
	if (why == NULL)
		why = together(readpart, NULL);
	progressend(&pattern.progress);
	samplebanks(rest, checkframe);
	*t = pattern.tried;
	while (why == NULL && ((chain = getchain(&pattern.read)) != NULL ||
				  (chain = getchain(&pattern.written)) != NULL))
		freepages(chain);
	return why;
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
	snprint(detail, size, "%zu of %zu pages written and read back",
	    t.n + rest.n, was.nfree);
	if (bad == 0 && is.nfree == was.nfree - lost &&
	    t.n == MIN(most, is.nfree))
		return OK;
	snprint(detail, size, "%zu of %zu pages wrong, free %zu then %zu", bad,
	    t.n + rest.n, was.nfree, is.nfree);
	return FAILED;
}

enum verdict
checkbytemap(char *detail, size_t size)
{
	paddr_t pa = kalloc_frame();

	(void)detail;
	(void)size;
	if (pa == NOADDR)
		return SKIPPED;
	if (framestate(pa) != FRAMEALLOCATED)
		return FAILED;
	kfree_frame(pa);
	bytemapcheck();
	return framestate(0) == FRAMERESERVED ? OK : FAILED;
}

/* A size and a byte for block i of a repeatable trace. */
static size_t
tracesize(size_t i)
{
	return 1 + i * 2654435761u % MAXBLOCK;
}

/*
 * Allocate all, free every other, allocate those again, check every byte of
 * all, free all. Returns NULL or what went wrong.
 */
static const char *
trace(void *(*take)(size_t), void (*give)(void *))
{
	uint8_t *block[NBLOCK];

	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < NBLOCK; i++) {
			if (round == 1 && i % 2 == 0)
				continue;
			if (round == 1)
				give(block[i]);
			block[i] = take(tracesize(i));
			if (block[i] == NULL)
				return "no memory";
			memset(block[i], (int)i + 1, tracesize(i));
		}
	for (size_t i = 0; i < NBLOCK; i++)
		for (size_t j = 0; j < tracesize(i); j++)
			if (block[i][j] != (uint8_t)(i + 1))
				return "a block was written by another";
	for (size_t i = 0; i < NBLOCK; i++)
		give(block[i]);
	return NULL;
}

static void *
xtake(size_t size)
{
	return xspanallocfor(XPOOL, size, 0, 0);
}

enum verdict
checkxalloc(char *detail, size_t size)
{
	size_t free = xfreebytes();
	size_t holes = xholes();
	const char *why = trace(xtake, xfree);

	xcheck();
	if (why == NULL && xfreebytes() == free && xholes() == holes)
		return OK;
	snprint(detail, size, "%s; %zu bytes free, then %zu",
	    why != NULL ? why : "not all came back", free, xfreebytes());
	return FAILED;
}

/*
 * malloc takes until it gets no more: nearly all that was free, as page tables
 * for it come from pages too. Returns NULL or what went wrong.
 */
static const char *
takeall(void)
{
	size_t free0 = pagesfree() * BY2PG;
	size_t got = 0;
	void **chain = NULL;
	Progress progress =
	    progressbegin("taken  ", (free0 + xfreebytes()) / BY2PG);
	bool goes = true;

	for (void **p; goes && (p = malloc(MiB)) != NULL;) {
		*p = chain;
		chain = p;
		got += MiB;
		goes = progressat(&progress, got / BY2PG);
	}
	progressend(&progress);
	while (chain != NULL) {
		void **next = *chain;

		free(chain);
		chain = next;
	}
	poolcompact(mainmem);
	print("malloc: took %zu MiB of %zu MiB of pages and the kernel's "
	      "share\n",
	    (size_t)(got / MiB), (size_t)(free0 / MiB));
	return !goes                      ? brokenoff
	       : got >= free0 - free0 / 8 ? NULL
					  : "no memory while pages are free";
}

enum verdict
checkmalloc(char *detail, size_t size)
{
	const char *why = trace(malloc, free);

	if (why == NULL && bootinfo->options.checks == CHECKSFULL)
		why = takeall();
	poolcheck(mainmem);
	if (why == NULL)
		return OK;
	snprint(detail, size, "%s", why);
	return why == brokenoff ? SKIPPED : FAILED;
}
