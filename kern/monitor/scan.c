/*
 * scan.c - see scan.h.
 *
 *	tried	free pages, chained		pass 1  written, all of them
 *	others	those outside of the span	pass 2  read back
 *	bad	that did not hold it
 *
 * Pages are on one of these lists from when they are taken until they are given
 * back: so a fault that ends it in the midst, of whatever CPU, loses at most
 * the one that is on its way; or all, if pages' lock is held from then on.
 *
 * It takes what is free and asks for no more: no cached page is given up for
 * it, and it is no shortage of memory. Unless some that counts as free cannot
 * be had, being all bad or without good memory for its tables: who asks for
 * such a page is refused as anybody is, and cached ones go first.
 */
#include "scan.h"
#include "badram.h"
#include "cpu.h"
#include "hooks.h"
#include "more.h"
#include "page.h"
#include "progress.h"
#include "sizetext.h"

enum { OFTEN = 256 /* pages between two looks at the clock */ };

static struct {
	bool on;
	Page *tried;
	Page *others;
	Page *bad;
	size_t n;      /* on the three */
	size_t ntried; /* that were taken to be */
	size_t nleast; /* free pages, before it took them */
} held;

/* n are done; false: it was broken off. */
static bool
goeson(Progress *p, size_t n)
{
	return n % OFTEN != 0 || progressat(p, n);
}

/* Any page that has a byte of it. */
static bool
inside(const Span *span, paddr_t pa)
{
	return span->size == 0 ||
	       (pa + (BY2PG - 1) >= span->at &&
		   (pa < span->at || pa - span->at < span->size));
}

/* All free pages: those to be tried, and the others; false: broken off. */
static bool
take(const Span *span)
{
	Progress p = progressbegin("taken  ", pagesfree());
	size_t n = 0;
	Page *pg;

	while (pagesfree() > 0 && (pg = newpage(NOCLEAR, 0)) != NULL) {
		bool tried = inside(span, pagepa(pg));
		Page **chain = tried ? &held.tried : &held.others;

		pagesetnext(pg, *chain);
		*chain = pg;
		held.n++;
		held.ntried += tried;
		if (!goeson(&p, ++n))
			return false;
	}
	progressend(&p, n);
	return true;
}

static bool
writeall(void)
{
	Progress p = progressbegin("written", held.ntried);
	size_t n = 0;

	for (Page *pg = held.tried; pg != NULL; pg = pagenext(pg)) {
		probewrite(pagepa(pg), 1);
		if (!goeson(&p, ++n))
			return false;
	}
	progressend(&p, n);
	return true;
}

/* Bad pages leave the chain. */
static bool
readall(void)
{
	Progress p = progressbegin("read   ", held.ntried);
	size_t n = 0;

	for (Page **at = &held.tried; *at != NULL;) {
		Page *pg = *at;

		if (probecheck(pagepa(pg), 1, NULL) == 0)
			at = &pg->next;
		else {
			*at = pagenext(pg);
			pagesetnext(pg, held.bad);
			held.bad = pg;
		}
		if (!goeson(&p, ++n))
			return false;
	}
	progressend(&p, n);
	return true;
}

/* Returns where the next page of the list was, or NOADDR. */
static paddr_t
freenext(Page **list)
{
	Page *pg = *list;

	if (pg == NULL)
		return NOADDR;
	paddr_t pa = pagepa(pg);
	*list = pagenext(pg);
	held.n--;
	pagesetnext(pg, NULL);
	putpage(pg);
	return pa;
}

/* They are free for a moment, and then nobody's for good. */
static void
retire(void)
{
	paddr_t pa;

	while ((pa = freenext(&held.bad)) != NOADDR) {
		badram(pa, 1, BADINALLOCATOR);
		const char *why = pageretire(pa);
		print("ramscan: the page at %#jx does not hold what is "
		      "written to it; %s\n",
		    pa, why == NULL ? "it is out of use" : why);
	}
}

static void
giveback(void)
{
	while (freenext(&held.others) != NOADDR)
		;
	while (freenext(&held.tried) != NOADDR)
		;
	retire();
	pagesetleast(held.nleast);
}

static void
hold(void)
{
	Pagestats st;

	pagestats(&st);
	memset(&held, 0, sizeof held);
	held.nleast = st.nleast;
	held.on = true;
}

void
scanabandoned(void)
{
	if (!held.on)
		return;
	held.on = false; /* whatever comes of this: no panic twice */
	if (pagesbusy()) {
		print("ramscan: that ended it; %zu pages stay taken\n", held.n);
		return;
	}
	giveback();
	print("ramscan: that ended it; what it had is free again\n");
}

void
scan(const Span *span)
{
	char size[SIZETEXT];
	uint64_t start = cycles();
	size_t known = badrampages();

	hold();
	progressanew();
	bool done = take(span) && writeall() && readall();
	uint64_t ms = (cycles() - start) / (progresshz() / 1000);

	morestop(); /* what came of it is shown in any case */
	giveback();
	held.on = false;
	size_t nbad = badrampages() - known;
	if (!done)
		print("^C: broken off\n");
	else if (held.ntried == 0)
		print("ramscan: no free page to try; the kernel's share, what "
		      "is in use or bad are not\n");
	else
		print("ramscan: %s of free memory tried in %ju.%ju s, %zu "
		      "bad page%s\n",
		    sizeword(size, held.ntried * BY2PG), (uintmax_t)ms / 1000,
		    (uintmax_t)ms / 100 % 10, nbad, nbad == 1 ? "" : "s");
}
