/*
 * checkproc.c - processes: the built-in programs run, and nothing is left of
 * them.
 *
 *	proc-run	init, and all that it starts, ends as it should
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
#include "syscall.h"

/* CPUs that run them; all that there are in a full check. */
enum { MOST = 2 };

static struct {
	bool ran;
	Proccounts before;
} proc;

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
	uint64_t arg = (mmuallowed(&kspace, PTENOEXEC) == 0 ? RUNSDATA : 0) |
		       (ncpus() > 1 ? MANYCPUS : 0);

	proc.before = proccounts();
	if (why == NULL)
		why = processrun("init", arg, most(), &r);
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

	if (!anyloss(&l))
		return OK;
	snprint(detail, size,
	    "lost: %jd pages, %jd bytes of the pools, which keep %jd more, "
	    "%jd bytes of xalloc",
	    l.pages, l.bytes, l.arenas, l.xalloc);
	return FAILED;
}
