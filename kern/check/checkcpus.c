/*
 * checkcpus.c - several CPUs at once on the same memory.
 *
 *	interrupts	CPU 0 asks for a barrier of others that look at nothing,
 *			and have just been through a fault
 *	translations	in turns: one maps a page at an address, all read it
 *			there, it is unmapped; the next maps another page there
 *	migrate		blocks and pages go from one to the other (migrate.c)
 *
 * At the end all is free again.
 */
#include "checks.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "migrate.h"
#include "page.h"
#include "patience.h"
#include "pool.h"
#include "print.h"
#include "provoke.h"
#include "together.h"
#include "trap.h"

enum { TURNS = 12, DEAFUS = 60000000 };

static struct {
	void *place;     /* a page of address space that all share */
	uint32_t deaf;   /* CPUs that look at nothing but passed */
	uint32_t passed; /* a barrier was, by all */
} all;

static uint32_t
seen(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Until n are deaf; by CPU 0. */
static void
askdeaf(uint32_t n)
{
	Patience p = {.last = 0};

	while (seen(&all.deaf) < n && !wentwrong())
		if (rest(&p) >= DEAFUS)
			wrong("one CPU did not come");
	cpubarrier();
	__atomic_store_n(&all.passed, 1, __ATOMIC_RELEASE);
}

static void
badinstruction(void *arg)
{
	(void)arg;
	provoke("opcode");
}

/* All but CPU 0 work with interrupts on, also when a fault was caught. */
static void
interrupts(void)
{
	Caught what;

	if (cpunumber() == 0) {
		askdeaf(ntogether() - 1);
		return;
	}
	if (!faults(badinstruction, NULL, &what))
		wrong("no fault came");
	__atomic_add_fetch(&all.deaf, 1, __ATOMIC_ACQ_REL);
	while (seen(&all.passed) == 0 && !wentwrong())
		relax();
}

/* Whose turn it is maps the page, whose number of the turn all look for. */
static void
mapone(Page **pg, uint64_t turn)
{
	*pg = newpage(CLEAR, 0);
	if (*pg == NULL || maprange(all.place, pagepa(*pg), 1) < 0)
		wrong("no page");
	else
		*(uint64_t *)all.place = turn;
}

static void
translations(uint32_t me)
{
	for (uint64_t turn = 1; turn <= TURNS; turn++) {
		bool mine = turn % ntogether() == me;
		Page *pg = NULL;

		if (mine)
			mapone(&pg, turn);
		if (!meet())
			return;
		if (*(volatile uint64_t *)all.place != turn)
			wrong("a CPU uses a page that was unmapped");
		if (!meet())
			return;
		if (mine) {
			unmaprange(all.place, 1);
			cpubarrier();
			putpage(pg);
		}
		if (!meet())
			return;
	}
}

static void
part(void *arg, uint32_t me)
{
	(void)arg;
	if (!meet())
		return;
	interrupts();
	translations(me);
	const char *why = meet() ? migrate(me) : NULL;
	if (why != NULL)
		wrong(why);
}

/* Returns what is different afterwards, or NULL. */
static const char *
run(void)
{
	Pagestats was, is;

	poolcompact(mainmem);
	pagestats(&was);
	if (migratebegin() < 0)
		return "no page";
	const char *why = together(part, NULL);
	if (why != NULL)
		return why;
	why = migrateend();
	if (why != NULL)
		return why;
	poolcheck(mainmem);
	poolcompact(mainmem);
	pagestats(&is);
	return is.nfree + (was.npages - is.npages) < was.nfree
		   ? "pages are missing"
		   : NULL;
}

enum verdict
checkcpus(char *detail, size_t size)
{
	uint32_t n = ntogether();

	memset(&all, 0, sizeof all);
	if (n == 1) {
		snprint(detail, size, "there is one");
		return SKIPPED;
	}
	all.place = reserverange(BY2PG);
	if (all.place == NULL) {
		snprint(detail, size, "no address space");
		return SKIPPED;
	}
	const char *why = run();
	if (why == NULL) {
		unreserverange(all.place, BY2PG);
		snprint(detail, size, "%u at once", (unsigned)n);
		return OK;
	}
	snprint(detail, size, "%s", why);
	return FAILED;
}
