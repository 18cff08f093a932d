/*
 * Every sequence of a few operations on two small machines.
 *
 *	few	11 pages, of which 5 are the tables'; two CPUs
 *	chunks	3 chunks and a bit; small and 2 MiB pages; one CPU
 *
 * With no argument all sequences of 3 operations are run; with `full', all
 * states that can be reached are found (by breadth, each once; a state is what
 * every frame is, who holds it how often, and what waits where in which order)
 * and every operation is tried in each. After each operation all accounts are
 * compared with who holds what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../mm/page/where.h"
#include "bytemap.h"
#include "pagemachine.h"
#include "percpu.h"

enum {
	NOP = 64,   /* operations there are, at most */
	DEPTH = 24, /* of a path to a state */
	NSTATE = 1 << 20,
	KEYSIZE = 96,
	NHELD = 16,
};

typedef struct Path Path;
typedef struct State State;

struct Path {
	uint8_t n;
	uint8_t op[DEPTH];
};

struct State {
	uint64_t key;
	Path path;
};

static bool chunks; /* which machine */
static Page *held[NHELD];
static size_t nheld;
static size_t npages;
static size_t nchecked;
static State *states;
static size_t nstates;
static uint32_t *table; /* of states by key, plus 1 */

#define must(x)                                                                \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "small: %s:%d: %s\n", __FILE__,        \
			    __LINE__, #x);                                     \
			abort();                                               \
		}                                                              \
	} while (0)

static void
start(void)
{
	pagemachine(0, 16 * MiB, 2);
	hosttrust(true);
	if (chunks)
		pagebank(0, 3 * 512 + 30, 0);
	else
		pagebank(5 * BY2PG, 11, 0);
	pagesup();
	nheld = 0;
	npages = pagesfree();
}

/* May pg, of so many bytes, be handed out? */
static void
take(Page *pg, size_t size)
{
	must(pagerefs(pg) == 1 && pagesize(pg) == size);
	for (size_t i = 0; i < nheld; i++)
		must(pagepa(pg) + size <= pagepa(held[i]) ||
		     pagepa(held[i]) + pagesize(held[i]) <= pagepa(pg));
	must(nheld < NHELD);
	held[nheld++] = pg;
}

static size_t
pinned(void)
{
	size_t n = 0;

	for (size_t i = 0; i < nheld; i++)
		n += pagesize(held[i]) / BY2PG;
	return n;
}

/* Is there a chunk of which nobody holds anything? */
static bool
anywhole(void)
{
	for (paddr_t pa = 0; pa < 3 * 2 * MiB; pa += 2 * MiB) {
		bool whole = chunks;

		for (size_t i = 0; i < nheld; i++)
			whole &= pagepa(held[i]) >> 21 != pa >> 21;
		if (whole)
			return true;
	}
	return false;
}

/* Drop held page i; the last reference forgets it. */
static void
drop(size_t i)
{
	Page *pg = held[i];
	bool last = pagerefs(pg) == 1;
	paddr_t pa = pagepa(pg);

	if (pagesize(pg) > BY2PG)
		puthugepage(pg);
	else if (last && i % 2 == 1)
		kfree_frame(pa);
	else
		putpage(pg);
	if (last)
		held[i] = held[--nheld];
}

/*
 * Operation op: false if there is none such now. 0, 1: a page for that CPU;
 * 2, 3: a 2 MiB page; then drop, and refer to, each held page.
 */
static bool
operate(unsigned op)
{
	Page *pg;

	if (op < 2) {
		hostcpu((int)op);
		if (nheld == NHELD)
			return false;
		paddr_t pa = kalloc_frame();
		must((pa != NOADDR) == (pinned() < npages));
		if (pa != NOADDR)
			take(papage(pa), BY2PG);
	} else if (op < 4) {
		hostcpu((int)op - 2);
		if (nheld == NHELD)
			return false;
		bool any = anywhole();
		pg = newhugepage(2 * MiB, NOCLEAR, 0);
		must((pg != NULL) == any);
		if (pg != NULL)
			take(pg, 2 * MiB);
	} else if (op < 4 + 2 * nheld) {
		hostcpu(op % 2);
		drop((op - 4) / 2);
	} else if (op < 4 + 3 * nheld) {
		pg = held[op - 4 - 2 * nheld];
		if (pagerefs(pg) > 1)
			return false;
		pageref(pg);
	} else
		return false;
	return true;
}

/* Everything adds up with what is held. */
static void
check(void)
{
	bytemapcheck();
	must(pagesfree() + pinned() == npages);
	for (size_t i = 0; i < nheld; i++)
		must(framestate(pagepa(held[i])) == FRAMEALLOCATED);
	must(framestate(17 * BY2PG + 16 * MiB) == FRAMERESERVED);
	nchecked++;
}

static uint64_t
mixin(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15;
	return h ^ h >> 29;
}

/* All that can make a difference to what comes next. */
static uint64_t
statekey(void)
{
	uint64_t h = npages;

	for (size_t i = 0; i < palloc.nopen * CHUNKPAGES; i++) {
		const Page *pg = &palloc.pages[i];

		h = mixin(h, *pagebyte(pg) + 4u * pagerefs(pg));
	}
	for (size_t i = 0; i < palloc.nopen; i++) {
		const Chunk *c = &palloc.chunks[i];

		h = mixin(h, (uint64_t)c->next << 32 | c->prev);
		h = mixin(h, c->state * 2u + c->huge);
	}
	for (Pagecpu *m = palloc.cpus; m != NULL; m = m->next) {
		h = mixin(h, (uintptr_t)m - (uintptr_t)thiscpu());
		for (uint32_t i = 0; i < m->n; i++)
			h = mixin(h, (size_t)(m->small[i] - palloc.pages));
		for (uint32_t i = 0; i < m->nhuge; i++)
			h = mixin(h, (size_t)(m->huge[i] - palloc.pages));
	}
	for (size_t i = 0; i < nheld; i++)
		h = mixin(h, (size_t)(held[i] - palloc.pages));
	return h;
}

static void
replay(const Path *p)
{
	start();
	for (unsigned i = 0; i < p->n; i++)
		operate(p->op[i]);
}

/* Is it a state not met before? Then remember how to come there. */
static bool
meet(const Path *p)
{
	hostcpu(0);
	uint64_t key = statekey();
	size_t i = key % NSTATE;

	for (; table[i] != 0; i = (i + 1) % NSTATE)
		if (states[table[i] - 1].key == key)
			return false;
	if (nstates == NSTATE / 2) {
		fprintf(stderr, "small: more than %zu states\n", nstates);
		exit(1);
	}
	states[nstates] = (State){key, *p};
	table[i] = (uint32_t)++nstates;
	return true;
}

/* Every operation in every state, up to so many operations from the start. */
static void
explore(unsigned depth)
{
	Path none = {0};

	memset(table, 0, NSTATE * sizeof table[0]);
	nstates = 0;
	start();
	meet(&none);
	pagefini();
	for (size_t s = 0; s < nstates; s++)
		for (unsigned op = 0; op < NOP && states[s].path.n < depth;
		     op++) {
			Path p = states[s].path;

			replay(&p);
			bool done = operate(op);
			if (done) {
				check();
				p.op[p.n++] = (uint8_t)op;
				meet(&p);
			}
			pagefini();
			must(hostmapped() == 0);
			if (op >= 4 + 3 * nheld && !done)
				break;
		}
}

int
main(int argc, char **argv)
{
	bool full = argc > 1 && strcmp(argv[1], "full") == 0;

	states = calloc(NSTATE / 2, sizeof states[0]);
	table = calloc(NSTATE, sizeof table[0]);
	for (int i = 0; i < 2; i++) {
		chunks = i == 1;
		nchecked = 0;
		explore(!full ? 3 : chunks ? 6 : 7);
		printf("small: name=bytemap machine=%s states=%zu checked=%zu "
		       "result=ok\n",
		    chunks ? "chunks" : "few", nstates, nchecked);
	}
	return 0;
}
