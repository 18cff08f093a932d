/*
 * scan.c - see scan.h.
 *
 *	tried	free pages, chained		pass 1  written, all of them
 *	others	those outside of the span	pass 2  read back
 *	bad	that did not hold it
 *
 * Pages are on one of these lists from when they are taken until they are given
 * back: so a fault that ends it in the midst, of whatever CPU, loses none.
 *
 * It takes what is free and asks for no more: no cached page is given up for
 * it, and it is no shortage of memory.
 */
#include "scan.h"
#include "badram.h"
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "more.h"
#include "page.h"
#include "sizetext.h"

enum { OFTEN = 256 /* pages between two looks at the clock */ };

typedef struct Pass Pass;

struct Pass {
	const char *name;
	size_t n; /* pages, of so many */
	size_t all;
	uint64_t start; /* by the clock, and the last report */
	uint64_t said;
};

static struct {
	bool on;
	Page *tried;
	Page *others;
	Page *bad;
	size_t ntried; /* that were taken to be */
	size_t nleast; /* free pages, before it took them */
} held;

static uint64_t
hz(void)
{
	return MAX(bootinfo->tschz, 1000000ull);
}

static void
say(Pass *p, uint64_t now)
{
	char done[SIZETEXT], all[SIZETEXT], rate[SIZETEXT];
	uint64_t ms = (now - p->start) / (hz() / 1000);   /* 1000 or more */
	uint64_t persecond = MAX(p->n * 1000 / ms, 1ull); /* pages */

	print("\r%s %s of %s, %s/s, %ju s left; ^C ends it    ", p->name,
	    sizetext(done, p->n * BY2PG), sizeword(all, p->all * BY2PG),
	    sizeword(rate, persecond * BY2PG),
	    (uintmax_t)((p->all - p->n) / persecond));
	p->said = now;
}

/* One more; false: it was broken off. */
static bool
onemore(Pass *p)
{
	if (++p->n % OFTEN != 0)
		return true;
	uint64_t now = cycles();
	if (now - p->said >= hz())
		say(p, now);
	return !morebreak();
}

static Pass
begin(const char *name, size_t all)
{
	uint64_t now = cycles();

	return (Pass){.name = name, .all = all, .start = now, .said = now};
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
	Pass p = begin("taken  ", pagesfree());
	Page *pg;

	while (pagesfree() > 0 && (pg = newpage(NOCLEAR, 0)) != NULL) {
		bool tried = inside(span, pagepa(pg));
		Page **chain = tried ? &held.tried : &held.others;

		pagesetnext(pg, *chain);
		*chain = pg;
		held.ntried += tried;
		if (!onemore(&p))
			return false;
	}
	return true;
}

static bool
writeall(void)
{
	Pass p = begin("written", held.ntried);

	for (Page *pg = held.tried; pg != NULL; pg = pagenext(pg)) {
		probewrite(pagepa(pg), 1);
		if (!onemore(&p))
			return false;
	}
	return true;
}

/* Bad pages leave the chain. */
static bool
readall(void)
{
	Pass p = begin("read   ", held.ntried);

	for (Page **at = &held.tried; *at != NULL;) {
		Page *pg = *at;

		if (probecheck(pagepa(pg), 1, NULL) == 0)
			at = &pg->next;
		else {
			*at = pagenext(pg);
			pagesetnext(pg, held.bad);
			held.bad = pg;
		}
		if (!onemore(&p))
			return false;
	}
	return true;
}

/* They are free for a moment, and then nobody's for good. */
static void
retire(void)
{
	Page *pg;

	while ((pg = held.bad) != NULL) {
		paddr_t pa = pagepa(pg);

		held.bad = pagenext(pg);
		pagesetnext(pg, NULL);
		badram(pa, 1, BADINALLOCATOR);
		putpage(pg);
		const char *why = pageretire(pa);
		print("\rramscan: the page at %#jx does not hold what is "
		      "written to it; %s\n",
		    pa, why == NULL ? "it is out of use" : why);
	}
}

static void
giveback(void)
{
	Page *tried = held.tried;
	Page *others = held.others;

	held.tried = held.others = NULL;
	freepages(others);
	freepages(tried);
	retire();
	pagesetleast(held.nleast);
	held.on = false;
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
	bool done = take(span) && writeall() && readall();
	uint64_t ms = (cycles() - start) / (hz() / 1000);

	morestop(); /* what came of it is shown in any case */
	giveback();
	size_t nbad = badrampages() - known;
	if (!done)
		print("\n^C: broken off\n");
	else
		print("\rramscan: %s of free memory tried in %ju.%ju s, %zu "
		      "bad page%s            \n",
		    sizeword(size, held.ntried * BY2PG), (uintmax_t)ms / 1000,
		    (uintmax_t)ms / 100 % 10, nbad, nbad == 1 ? "" : "s");
}
