/*
 * tell.c - the facts, from those who know them, to whoever reads: see tell.h.
 */
#include "tell.h"
#include "badram.h"
#include "bootinfo.h"
#include "caching.h"
#include "conf.h"
#include "../handed.h"
#include "hooks.h"
#include "kept.h"
#include "memmap.h"
#include "page.h"
#include "pool.h"
#include "sift.h"
#include "space.h"
#include "story.h"
#include "xalloc.h"

/* Set at run time only, on each side of the takeover anew. */
static const Teller *people;
static Sift sift;

/* People want the lines for programs, too. */
static bool asked;

/* What went wrong beside the checks. */
static const char *wrong;

/* Where there are details, as the end said. */
static const char *details;

/* Marks of checks stand in the line under way. */
static bool marks;

void
tellto(const Teller *to)
{
	people = to;
	sift = (Sift){.n = 0};
	marks = false;
	asked = false;
	wrong = details = NULL;
}

void
tellasked(bool now)
{
	asked = now;
}

/* What comes now is not one more mark. */
static void
endmarks(void)
{
	if (marks)
		people->write("\n", 1);
	marks = false;
}

static void
show(const char *s, size_t n)
{
	endmarks();
	people->write(s, n);
}

void
tellsink(const char *s, size_t n)
{
	if (people != NULL && asked)
		show(s, n);
	else if (people != NULL)
		siftwrite(&sift, show, s, n);
}

static uint64_t
slow(void)
{
	const Cached *c = memmapcached();

	return c->doubt == NULL ? c->lost : 0;
}

/* The block; the first page tables in it may have become RAM. */
static uint64_t
own(void)
{
	const Part *tables = &bootinfo->tables;
	Memrange r;
	bool freed = memmaprange(tables->pa, &r) && r.type == MemRAM;

	return bootinfo->block.size - (freed ? tables->size : 0);
}

/* Bad RAM in the banks was found after they were made. */
static void
whereitis(Account *a)
{
	size_t inmap = badraminmap();
	Efimap map = handedmap();
	Given g = {
	    .installed = bootinfo->installed,
	    .used = conf.npage * BY2PG,
	    .badused = (badrampages() - inmap) * BY2PG,
	    .bad = inmap * BY2PG,
	    .room = memmaplost(),
	    .maxmem = bootinfo->options.maxmem,
	    .e820 = bootinfo->options.e820[0] != '\0',
	    .own = own(),
	    .rehearsal = !alone(),
	};

	if (alone())
		g.slow = slow();
	account(&map, &g, a);
}

static void
addstore(Facts *f, const char *name, uint64_t size, uint64_t used)
{
	f->store[f->nstore++] = (Store){name, size, used, false};
}

static void
addpool(Facts *f, const char *name, Pool *pool)
{
	addstore(f, name, poolsize(pool), poolused(pool));
	f->store[f->nstore - 1].within = true;
}

/* The kernel's share and the pages', and malloc's pools, which are in them. */
static void
stores(Facts *f)
{
	uint64_t kernel = (conf.npage - conf.upages) * BY2PG;
	uint64_t pages = conf.upages * BY2PG;
	Pagestats st;

	pagestats(&st);
	addstore(f, "kernel: xalloc", kernel, kernel - xfreebytes());
	addstore(f, "programs: pages", pages, pages - st.nfree * BY2PG);
	addpool(f, "malloc: main", mainmem);
	addpool(f, "malloc: movable", imagmem);
	addpool(f, "malloc: secrets", secrmem);
}

static void
gather(Facts *f)
{
	uint64_t us = 0;

	*f = (Facts){.firmware = bootinfo->firmware, .rehearsal = !alone()};
	whereitis(&f->account);
	stores(f);
	f->check = checkresults(&f->ncheck, &us);
	f->ram = *ramtried();
}

void
tellbegin(void)
{
	static const char text[] = "mem9 " VERSION " checks what it promises ";

	if (people == NULL)
		return;
	people->write(text, sizeof text - 1);
	marks = true;
}

void
tellcheck(const Checkresult *r)
{
	if (people == NULL)
		return;
	storymark(r->verdict, people);
	marks = true;
}

void
tellagain(const Teller *to)
{
	Facts f;

	gather(&f);
	storyall(&f, to);
}

void
tellchecks(const Teller *to)
{
	uint64_t us = 0;
	Facts f = {.rehearsal = !alone(), .ram = *ramtried()};

	endmarks();
	f.check = checkresults(&f.ncheck, &us);
	storychecks(&f, to);
}

void
tell(void)
{
	Facts f;

	if (people == NULL)
		return;
	endmarks();
	people->write("\n", 1);
	gather(&f);
	storyshown(&f, people);
}

/* Who finds the machine as it ends can reset it, and the log is there yet. */
static bool
saves(void)
{
	enum end end = bootinfo->options.end;

	return keptopened() && (end == ENDMONITOR || end == ENDHALT);
}

/* How it ended, and what can be done now. */
static Ending
ending(void)
{
	Ending e = {
	    .why = wrong,
	    .more = details,
	    .saves = saves(),
	    .key = details != NULL && bootinfo->options.end == ENDMONITOR,
	};
	size_t n = 0;
	const Checkresult *r = checkresults(&n, &e.us);

	for (size_t i = 0; i < n; i++)
		*(r[i].verdict == OK         ? &e.passed
		    : r[i].verdict == FAILED ? &e.failed
					     : &e.skipped) += 1;
	return e;
}

bool
tellresult(const Teller *to)
{
	Facts f;
	Ending e = ending();

	gather(&f);
	bool whole = storyshown(&f, to);
	storyend(&e, to);
	return whole;
}

void
tellwrong(const char *why)
{
	if (wrong == NULL)
		wrong = why;
}

void
tellend(const char *more)
{
	if (people == NULL)
		return;
	details = more;
	Ending e = ending();
	storyend(&e, people);
}

void
tellbroken(void)
{
	const Ending e = {.broken = true, .why = "it broke off: see above"};

	if (people != NULL)
		storyend(&e, people);
}
