/*
 * checkcpus.c - several CPUs at once on the same memory, and who owns what.
 *
 *	interrupts	CPU 0 asks for a barrier of others that look at nothing,
 *			and have just been through a fault
 *	translations	in turns: one maps a page at an address, all read it
 *			there, it is unmapped; the next maps another page there
 *	blocks, pages	each takes and gives back; many it leaves for whoever
 *			comes next, who frees them
 *
 * Each block and each page holds its own address, so that whoever gets it sees
 * if another one wrote there. At the end all is free again.
 */
#include "checks.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "page.h"
#include "patience.h"
#include "pool.h"
#include "print.h"
#include "provoke.h"
#include "trap.h"

typedef struct Blockhead Blockhead;

enum {
	MOSTTOGETHER = 4, /* CPUs: with more this takes long, emulated */
	ROUNDS = 300,
	TURNS = 12,
	NSHARED = 16,
	MOSTSIZE = 3000,
	MEETUS = 60000000,
};

/* The beginning of a block that somebody owns. */
struct Blockhead {
	Blockhead *self;
	size_t size;
};

static struct {
	void *place; /* a page of address space that all share */
	Blockhead *shared[NSHARED];
	Page *page[NSHARED];
	uint32_t n;       /* CPUs that take part */
	uint32_t numbers; /* given to them, from 0 on */
	uint32_t came;    /* to a meeting, ever */
	uint32_t deaf;    /* CPUs that look at nothing but passed */
	uint32_t passed;  /* a barrier was, by all */
	uint32_t wrong;   /* something went */
	const char *why;  /* NULL: nothing */
} all;

static uint32_t
seen(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* The first thing counts; others may follow from it. */
static void
wrong(const char *why)
{
	const char *none = NULL;

	__atomic_compare_exchange_n(
	    &all.why, &none, why, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	__atomic_store_n(&all.wrong, 1, __ATOMIC_RELEASE);
}

/*
 * All have come here; false if one does not, or something went wrong: then
 * those who had come do not, the next time, and nobody may rely on it.
 */
static bool
meet(void)
{
	uint32_t mine = __atomic_fetch_add(&all.came, 1, __ATOMIC_ACQ_REL);
	uint32_t n = __atomic_load_n(&all.n, __ATOMIC_RELAXED);
	uint32_t want = (mine / n + 1) * n;
	Patience p = {.last = 0};

	while (seen(&all.came) < want) {
		if (seen(&all.wrong) != 0)
			return false;
		if (rest(&p) >= MEETUS) {
			wrong("one CPU did not come");
			return false;
		}
	}
	return seen(&all.wrong) == 0;
}

/* Until n are deaf; by CPU 0. */
static void
askdeaf(uint32_t n)
{
	Patience p = {.last = 0};

	while (seen(&all.deaf) < n && seen(&all.wrong) == 0)
		if (rest(&p) >= MEETUS)
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
		askdeaf(all.n - 1);
		return;
	}
	if (!faults(badinstruction, NULL, &what))
		wrong("no fault came");
	__atomic_add_fetch(&all.deaf, 1, __ATOMIC_ACQ_REL);
	while (seen(&all.passed) == 0 && seen(&all.wrong) == 0)
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
		bool mine = turn % all.n == me;
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

static Blockhead *
makeblock(uint32_t r)
{
	size_t size = sizeof(Blockhead) + 1 + r % MOSTSIZE;
	Blockhead *b = malloc(size);

	if (b == NULL)
		return NULL;
	memset(b, (int)(size & 0xff), size);
	b->self = b;
	b->size = size;
	return b;
}

/* Whoever made it, it is as it was made. */
static void
endblock(Blockhead *b)
{
	if (b == NULL)
		return;
	const uint8_t *p = (const uint8_t *)(b + 1);
	size_t n = b->size - sizeof *b;

	if (b->self != b || b->size > sizeof *b + MOSTSIZE)
		wrong("a block was written by another");
	else
		for (size_t i = 0; i < n; i++)
			if (p[i] != (b->size & 0xff)) {
				wrong("a block was written by another");
				break;
			}
	free(b);
}

static Page *
makepage(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg != NULL) {
		uint64_t *w = kmap(pg);

		w[0] = w[BY2PG / sizeof *w - 1] = pagepa(pg);
		kunmap(w);
	}
	return pg;
}

static void
endpage(Page *pg)
{
	if (pg == NULL)
		return;
	uint64_t *w = kmap(pg);

	if (w[0] != pagepa(pg) || w[BY2PG / sizeof *w - 1] != pagepa(pg))
		wrong("a page was written by another");
	kunmap(w);
	putpage(pg);
}

static void
migrate(uint32_t me)
{
	uint32_t r = me + 1;

	for (int i = 0; i < ROUNDS; i++) {
		r = r * 1664525 + 1013904223;
		size_t k = r >> 20 & (NSHARED - 1);

		endblock(__atomic_exchange_n(
		    &all.shared[k], makeblock(r >> 8), __ATOMIC_ACQ_REL));
		endpage(__atomic_exchange_n(
		    &all.page[k], makepage(), __ATOMIC_ACQ_REL));
	}
}

static void
part(void *arg)
{
	uint32_t *me = arg;

	if (!meet())
		return;
	interrupts();
	translations(*me);
	if (meet())
		migrate(*me);
}

/* One CPU's part; what it faults or panics with is everybody's. */
static void
guarded(void *arg)
{
	uint32_t me = __atomic_fetch_add(&all.numbers, 1, __ATOMIC_RELAXED);
	Caught what;

	(void)arg;
	if (faults(part, &me, &what))
		wrong(what.vector == NOVECTOR ? "one panicked" : "a fault");
}

static uint32_t
takepart(void)
{
	uint32_t n = 0;

	for (size_t i = 0; i < ncpus() && n < MOSTTOGETHER; i++)
		n += cpuup(i);
	return n;
}

/* Returns what is different afterwards, or NULL. */
static const char *
run(void)
{
	Pagestats was, is;

	poolcompact(mainmem);
	pagestats(&was);
	oncpus(all.n, guarded, NULL);
	for (size_t i = 0; i < NSHARED; i++) {
		endblock(all.shared[i]);
		endpage(all.page[i]);
	}
	if (all.why != NULL)
		return all.why;
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
	memset(&all, 0, sizeof all);
	all.n = takepart();
	if (all.n == 1) {
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
		snprint(detail, size, "%u at once", (unsigned)all.n);
		return OK;
	}
	snprint(detail, size, "%s", why);
	return FAILED;
}
