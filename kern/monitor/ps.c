/*
 * ps.c - see ps.h. There are processes while some are stopped,
 * or were broken off; if there are none, the last run is told of.
 */
#include "ps.h"
#include "print.h"
#include "programs.h"

enum { NUMBER = 24 };

/* A number, or a dash where there is none. */
static const char *
orno(char *text, uint64_t n, uint64_t none)
{
	if (n == none)
		return "-";
	snprint(text, NUMBER, "%ju", (uintmax_t)n);
	return text;
}

/* The same for programs. */
static intmax_t
orminus(uint64_t n, uint64_t none)
{
	return n == none ? -1 : (intmax_t)n;
}

/* Processes are what table says; or there are none, which is said. */
static void
ifany(void (*table)(void))
{
	Processinfo i;
	Processrun r;

	if (processnext(0, &i))
		table();
	else if (processlast(&r))
		print("no process is left of the last run, which had %zu; the "
		      "kernel ended %zu of them\n",
		    r.nprocs, r.nended);
	else
		print("no process has run yet\n");
}

static void
psrows(void)
{
	char parent[NUMBER], cpu[NUMBER], slices[NUMBER];
	Processinfo i = {.pid = 0};

	print("  pid parent program          state    cpu  pages tables "
	      "slices left\n");
	while (processnext(i.pid, &i))
		print("%5d %6s %-16s %-8s %3s %6zu %6zu %11s\n", i.pid,
		    orno(parent, (uint64_t)i.parent, 0), i.name, i.state,
		    orno(cpu, i.cpu, NOCPU), i.npages, i.ntables,
		    orno(slices, i.slices, NOLIMIT));
}

void
tableps(void)
{
	ifany(psrows);
}

static void
segrow(const Processinfo *i, const Seginfo *s)
{
	print("%5d %-16s %-8s %#14jx-%#-14jx ", i->pid, i->name, s->name,
	    (uintmax_t)s->base, (uintmax_t)s->top);
	if (s->locked)
		print("locked\n");
	else
		print("%6zu%s\n", s->npages, s->refs > 1 ? ", shared" : "");
}

static void
segsrows(void)
{
	Processinfo i = {.pid = 0};

	print("  pid program          segment  %14s-%-14s  pages\n", "from",
	    "before");
	while (processnext(i.pid, &i))
		for (size_t n = 0; n < i.nseg; n++)
			segrow(&i, &i.seg[n]);
}

void
tablesegs(void)
{
	ifany(segsrows);
}

/* Also if there are none, or none have been yet. */
static void
runline(void)
{
	Processrun r;

	processlast(&r);
	print("mem9: procs left=%zu ran=%zu ended=%zu cpus=%zu moves=%zu\n",
	    r.nleft, r.nprocs, r.nended, r.ncpus, r.moves);
}

void
pslines(void)
{
	Processinfo i = {.pid = 0};

	runline();
	while (processnext(i.pid, &i))
		print("mem9: proc pid=%d parent=%d name=%s state=%s cpu=%jd "
		      "pages=%zu tables=%zu slices=%jd\n",
		    i.pid, i.parent, i.name, i.state, orminus(i.cpu, NOCPU),
		    i.npages, i.ntables, orminus(i.slices, NOLIMIT));
}

void
segslines(void)
{
	Processinfo i = {.pid = 0};

	runline();
	while (processnext(i.pid, &i))
		for (size_t n = 0; n < i.nseg; n++) {
			const Seginfo *s = &i.seg[n];

			print("mem9: seg pid=%d type=%s base=%#jx size=%#jx "
			      "pages=%zu refs=%u locked=%d\n",
			    i.pid, s->name, (uintmax_t)s->base,
			    (uintmax_t)(s->top - s->base), s->npages,
			    (unsigned)s->refs, s->locked);
		}
}
