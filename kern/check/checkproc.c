/*
 * checkproc.c - processes: the built-in programs run, and nothing is left of
 * them.
 *
 *	proc-run	a page is put at a user's address, and mmuwalk shows it;
 *			init, and all that it starts, ends as it should
 *	proc-memory	pages are back to the page, their tables among them,
 *			and pools and xalloc to the byte
 */
#include "checks.h"
#include "bootinfo.h"
#include "cpus.h"
#include "hooks.h"
#include "mmu.h"
#include "print.h"
#include "proccounts.h"
#include "programs.h"
#include "../monitor/run.h"
#include "syscall.h"

/* CPUs that run them; all that there are in a full check. */
enum { MOST = 2 };

static struct {
	bool ran;
	Proccounts before;
} proc;

/* pg is s's, at its start, and p has it there: as what does mmuwalk show it? */
static pte_t
shown(Proc *p, Segment *s, Page *pg)
{
	if (segpage(s, pg) < 0) {
		putpage(pg);
		return 0;
	}
	if (fault(p, s->base, FAULTWRITE) != NULL)
		return 0;
	const pte_t *pte = mmuwalk(&p->space, s->base, 0, LOOKUP);

	procmemcheck(p);
	return pte != NULL ? *pte : 0;
}

/* A page, put at a user's address, is there, and a user's. */
static bool
pageisausers(char *detail, size_t size)
{
	const pte_t want = PTEVALID | PTEUSER | PTEWRITE;
	Segment *s = newseg(SG_BSS, UTZERO, 1);
	Page *pg = newpage(CLEAR, UTZERO);
	pte_t pte = 0;
	Proc p;

	if (s == NULL || pg == NULL || procmeminit(&p) < 0)
		panic("no memory for a page, its segment and its tables");
	/* the space is empty, so that it fails cannot be reached */
	if (setseg(&p, BSEG, s) != NULL)
		panic("a segment where no other is, and yet one is there");
	pte = shown(&p, s, pg);
	bool is = (pte & want) == want && PTEADDR(pte) == pagepa(pg);
	if (!is)
		snprint(detail, size, "a page at %#jx is mapped as %#jx",
		    (uintmax_t)pagepa(pg), (uintmax_t)pte);
	procmemfree(&p);
	return is;
}

static size_t
most(void)
{
	bool full = bootinfo->options.checks == CHECKSFULL;

	return full ? ncpus() : MIN(ncpus(), (size_t)MOST);
}

enum verdict
checkprocrun(char *detail, size_t size)
{
	Processrun r;

	proc.ran = false;
	const char *why = userready(); /* what that maps stays */

	proc.before = proccounts();
	if (!pageisausers(detail, size))
		return FAILED;
	processwatch(NULL, RUNLIMITED); /* by a command that was broken off */
	if (why == NULL)
		why = processrun("init", machineword(), most(), &r);
	if (why != NULL) {
		snprint(detail, size, "%s", why);
		return SKIPPED;
	}
	proc.ran = true;
	snprint(detail, size,
	    "%zu processes, %zu ended for what they did; %zu CPUs, %zu moves",
	    r.nprocs, r.nended, r.ncpus, r.moves);
	if (r.status == 0)
		return OK;
	snprint(detail, size, "init ended with %jd", (intmax_t)r.status);
	return FAILED;
}

enum verdict
checkprocmemory(char *detail, size_t size)
{
	if (!proc.ran) {
		snprint(detail, size, "no process ran");
		return SKIPPED;
	}
	Proccounts is = proccounts();
	Procloss l = proclosses(&proc.before, &is);

	if (!anyloss(&l)) {
		snprint(detail, size,
		    "pages free: %zu, then %zu; bytes in the pools: %zu, then "
		    "%zu; in xalloc: %zu, then %zu",
		    proc.before.nfree, is.nfree, proc.before.used, is.used,
		    proc.before.xfree, is.xfree);
		return OK;
	}
	snprint(detail, size,
	    "lost: %jd pages, %jd bytes of the pools, which keep %jd more, "
	    "%jd bytes of xalloc",
	    l.pages, l.bytes, l.arenas, l.xalloc);
	return FAILED;
}
