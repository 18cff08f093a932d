/*
 * checkmem.c - checks of the memory chain: map, banks, frames, xalloc, malloc;
 * pages have checkpages.c.
 *
 * Each uses the allocators as anybody would and looks at the memory itself.
 */
#include "bootinfo.h"
#include "bytemap.h"
#include "checks.h"
#include "conf.h"
#include "memmap.h"
#include "page.h"
#include "pool.h"
#include "print.h"
#include "../monitor/progress.h"
#include "xalloc.h"

enum {
	NBLOCK = 64,
	MAXBLOCK = 40000,
};

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
	poolcompact(mainmem);
	size_t free0 = pagesfree() * BY2PG;
	size_t share0 = xfreebytes();
	size_t all0 = free0 + share0;
	size_t got = 0;
	void **chain = NULL;
	Progress progress = progressbegin("taken  ", all0 / BY2PG);
	bool goes = true;

	for (void **p; goes && (p = malloc(MiB)) != NULL;) {
		*p = chain;
		chain = p;
		got += MiB;
		goes = progressat(&progress, got / BY2PG);
	}
	progressend(&progress, got / BY2PG);
	while (chain != NULL) {
		void **next = *chain;

		free(chain);
		chain = next;
	}
	poolcompact(mainmem);
	print("malloc: took %zu of %zu MiB, %zu of them the kernel's share\n",
	    (size_t)(got / MiB), (size_t)(all0 / MiB), (size_t)(share0 / MiB));
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
