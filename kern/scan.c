/*
 * scan.c - see scan.h.
 *
 *	taken	free pages, chained		pass 1  written, all of them
 *	skipped	those outside of the span	pass 2  read back
 */
#include "scan.h"
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "keys.h"
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
	return !keybreak();
}

static bool
inside(const Span *span, const Page *pg)
{
	return span->size == 0 || pagepa(pg) - span->at < span->size;
}

/* All free pages: those to be tried, and the others. */
static size_t
take(const Span *span, Page **tried, Page **others)
{
	size_t n = 0;

	*tried = *others = NULL;
	for (Page *pg; (pg = newpage(NOCLEAR, 0)) != NULL;) {
		Page **chain = inside(span, pg) ? tried : others;

		n += chain == tried;
		pagesetnext(pg, *chain);
		*chain = pg;
	}
	return n;
}

static Pass
begin(const char *name, size_t all)
{
	uint64_t now = cycles();

	return (Pass){.name = name, .all = all, .start = now, .said = now};
}

/* Bad pages leave the chain; how many, or -1: broken off. */
static int
check(Page **chain, size_t n, Page **bad)
{
	Pass p = begin("read   ", n);
	int nbad = 0;

	for (Page **at = chain; *at != NULL;) {
		Page *pg = *at;

		if (probecheck(pagepa(pg), 1, NULL) == 0)
			at = &pg->next;
		else {
			*at = pagenext(pg);
			pagesetnext(pg, *bad);
			*bad = pg;
			nbad++;
		}
		if (!onemore(&p))
			return -1;
	}
	return nbad;
}

static int
tryall(Page **chain, size_t n, Page **bad)
{
	Pass p = begin("written", n);

	for (Page *pg = *chain; pg != NULL; pg = pagenext(pg)) {
		probewrite(pagepa(pg), 1);
		if (!onemore(&p))
			return -1;
	}
	return check(chain, n, bad);
}

/* They are free for a moment, and then nobody's for good. */
static void
retire(Page *bad)
{
	while (bad != NULL) {
		Page *pg = bad;
		paddr_t pa = pagepa(pg);

		bad = pagenext(pg);
		pagesetnext(pg, NULL);
		putpage(pg);
		const char *why = pageretire(pa);
		print("\rramscan: the page at %#jx does not hold what is "
		      "written to it; %s\n",
		    pa, why == NULL ? "it is out of use" : why);
	}
}

void
scan(const Span *span)
{
	Page *tried;
	Page *others;
	Page *bad = NULL;
	char size[SIZETEXT];
	size_t n = take(span, &tried, &others);
	uint64_t start = cycles();
	int nbad = tryall(&tried, n, &bad);
	uint64_t ms = (cycles() - start) / (hz() / 1000);

	freepages(others);
	freepages(tried);
	retire(bad);
	if (nbad < 0)
		print("\n^C: broken off\n");
	else
		print("\rramscan: %s of free memory tried in %ju.%ju s, %d "
		      "bad page%s            \n",
		    sizeword(size, n * BY2PG), (uintmax_t)ms / 1000,
		    (uintmax_t)ms / 100 % 10, nbad, nbad == 1 ? "" : "s");
}
