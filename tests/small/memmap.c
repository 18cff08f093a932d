/*
 * memmap.c - the memory map on machines small enough to try everything.
 *
 * memmap        all sequences of three operations over 6 pages
 * memmap full   and every operation from every state that three operations
 *               over 8 pages can lead to
 *
 * Each operation is done on the memmap and on the painting of tests/model and
 * both are compared. The work is shared by two processes.
 *
 * needs: tests/model/pages.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks.h"
#include "host.h"
#include "pages.h"
#include "stage.h"

enum { MAXOPS = 1024, DEPTH = 3, WORKERS = 2, TABLE = 16384 };

static Op op[MAXOPS];
static size_t nop;
static uint64_t table[TABLE / 8];

/* What the workers found, in memory they share. */
typedef struct Tally Tally;
struct Tally {
	uint64_t done; /* operations compared */
	bool failed;
};

static Tally *tally;

static void
addop(enum modelop what, size_t first, size_t n, size_t align, int type)
{
	if (nop == MAXOPS)
		panic("more than %d operations", MAXOPS);
	op[nop++] = (Op){what, first, n, align, (enum memtype)type};
}

static void
alloperations(size_t npages)
{
	nop = 0;
	for (size_t first = 0; first < npages; first++) {
		addop(OPLIMIT, first, 0, 0, 0);
		for (size_t n = 1; first + n <= npages; n++) {
			addop(OPRELEASE, first, n, 0, 0);
			for (int type = 0; type < NMEMTYPE; type++) {
				addop(OPADD, first, n, 0, type);
				addop(OPALLOC, first, n, 1, type);
				addop(OPFREE, first, n, 0, type);
			}
		}
	}
	for (size_t n = 1; n <= npages; n++)
		for (size_t align = 1; align <= 4; align *= 2)
			for (int type = 0; type < NMEMTYPE; type++)
				addop(OPALLOCANY, 0, n, align, type);
}

static void
start(Model *m, size_t npages)
{
	memmapinit(table, sizeof table);
	*m = (Model){.npages = npages};
}

static void
fail(const uint16_t *path, size_t n)
{
	printf("small: %s\n", modelwhy);
	for (size_t i = 0; i < n; i++) {
		const Op *o = &op[path[i]];

		printf("  op %d first %zu n %zu align %zu type %s\n", o->op,
		    o->first, o->n, o->align, memtypename(o->type));
	}
	fflush(stdout);
	tally->failed = true;
	_exit(1);
}

/* Do the operations of path[0..n) from an empty map. */
static void
replay(Model *m, size_t npages, const uint16_t *path, size_t n)
{
	bool changed;

	start(m, npages);
	for (size_t i = 0; i < n; i++)
		if (!modeldo(m, &op[path[i]], &changed))
			fail(path, i + 1);
}

/* All sequences of DEPTH adds that are only looked at in the end. */
static uint64_t
noted(size_t worker, size_t npages, uint16_t *path, size_t depth)
{
	uint64_t done = 0;
	Model m;

	for (size_t i = depth == 0 ? worker : 0; depth < DEPTH && i < nop;
	     i += depth == 0 ? WORKERS : 1) {
		path[depth] = (uint16_t)i;
		if (op[i].op == OPADD)
			done += noted(worker, npages, path, depth + 1);
	}
	if (depth < DEPTH)
		return done;
	start(&m, npages);
	for (size_t i = 0; i < DEPTH; i++) {
		const Op *o = &op[path[i]];

		modelapply(&m, o);
		memmapadd(o->first * BY2PG, o->n * BY2PG, o->type);
	}
	if (!modelsame(&m))
		fail(path, DEPTH);
	return 1;
}

/* Every operation at path[depth], compared, and what follows on it. */
static uint64_t
deeper(Model *m, uint16_t *path, size_t depth)
{
	uint64_t done = 0;
	Model here = *m;
	bool dirty = false;

	for (size_t i = 0; i < nop; i++) {
		bool changed;

		path[depth] = (uint16_t)i;
		if (dirty)
			replay(m, here.npages, path, depth);
		if (!modeldo(m, &op[i], &changed))
			fail(path, depth + 1);
		done++;
		dirty = changed;
		if (depth + 1 < DEPTH) {
			done += deeper(m, path, depth + 1);
			dirty = true;
		}
	}
	return done;
}

static void
sequences(size_t worker, size_t npages)
{
	uint16_t path[DEPTH];
	uint64_t done = 0;
	Model m;

	for (size_t i = worker; i < nop; i += WORKERS) {
		bool changed;

		start(&m, npages);
		path[0] = (uint16_t)i;
		if (!modeldo(&m, &op[i], &changed))
			fail(path, 1);
		done += 1 + deeper(&m, path, 1);
	}
	done += noted(worker, npages, path, 0);
	__atomic_add_fetch(&tally->done, done, __ATOMIC_RELAXED);
}

/* A state of the model and one way there. */
typedef struct State State;
struct State {
	uint64_t pages; /* a byte a page */
	uint16_t path[DEPTH];
	uint8_t depth;
	bool used;
};

enum { NSTATE = 1 << 26 };

static State *state; /* a hash table, filled before the workers start */
static size_t nstate;

/* Remember where path leads; false if it was known. */
static bool
remember(const Model *m, const uint16_t *path, size_t depth)
{
	uint64_t pages;

	memcpy(&pages, m->page, sizeof pages);
	size_t i = pages * 0x9e3779b97f4a7c15 >> 38;

	for (; state[i].used; i = (i + 1) % NSTATE)
		if (state[i].pages == pages)
			return false;
	if (++nstate > NSTATE / 4 * 3)
		panic("more than %zu states", nstate);
	state[i] =
	    (State){.pages = pages, .depth = (uint8_t)depth, .used = true};
	memcpy(state[i].path, path, depth * sizeof *path);
	return true;
}

/* All states one operation further than those of this depth. */
static void
explore(size_t depth)
{
	for (size_t i = 0; i < NSTATE; i++) {
		State s = state[i];

		if (!s.used || s.depth != depth)
			continue;
		for (size_t j = 0; j < nop; j++) {
			Model m = {.npages = sizeof s.pages};

			memcpy(m.page, &s.pages, sizeof s.pages);
			s.path[depth] = (uint16_t)j;
			if (modelapply(&m, &op[j]))
				remember(&m, s.path, depth + 1);
		}
	}
}

static void
states(size_t worker, size_t npages)
{
	uint64_t done = 0;
	uint16_t path[DEPTH + 1];
	Model m;

	for (size_t i = worker; i < NSTATE; i += WORKERS) {
		if (!state[i].used)
			continue;
		bool dirty = true;

		memcpy(path, state[i].path, sizeof state[i].path);
		for (size_t j = 0; j < nop; j++) {
			if (dirty)
				replay(&m, npages, path, state[i].depth);
			path[state[i].depth] = (uint16_t)j;
			if (!modeldo(&m, &op[j], &dirty))
				fail(path, state[i].depth + 1u);
			done++;
		}
	}
	__atomic_add_fetch(&tally->done, done, __ATOMIC_RELAXED);
}

/* Let the workers do their shares; the number of operations compared. */
static uint64_t
share(void (*work)(size_t worker, size_t npages), size_t npages)
{
	*tally = (Tally){0};
	fflush(stdout);
	for (size_t w = 0; w < WORKERS; w++) {
		if (fork() == 0) {
			work(w, npages);
			_exit(0);
		}
	}
	for (size_t w = 0; w < WORKERS; w++) {
		int status;

		wait(&status);
		if (status != 0)
			tally->failed = true;
	}
	if (tally->failed)
		exit(1);
	return tally->done;
}

int
main(int argc, char **argv)
{
	const uint16_t nowhere[DEPTH] = {0};
	Model empty = {.npages = 8};
	const int prot = PROT_READ | PROT_WRITE;
	const int flags = MAP_SHARED | MAP_ANONYMOUS;

	hostmachine(0, MiB, MiB, 1);
	hostquiet();
	stage = SMEMINIT0;
	tally = mmap(NULL, sizeof *tally, prot, flags, -1, 0);
	alloperations(6);
	printf("small: name=memmap pages=6 operations=%zu depth=3 "
	       "compared=%ju result=ok\n",
	    nop, (uintmax_t)share(sequences, 6));
	if (argc < 2 || strcmp(argv[1], "full") != 0)
		return 0;
	state = mmap(NULL, NSTATE * sizeof *state, prot,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	alloperations(8);
	remember(&empty, nowhere, 0);
	for (size_t depth = 0; depth < DEPTH; depth++) {
		explore(depth);
		printf("small: states=%zu after %zu\n", nstate, depth + 1);
	}
	printf("small: name=memmap pages=8 operations=%zu states=%zu "
	       "compared=%ju result=ok\n",
	    nop, nstate, (uintmax_t)share(states, 8));
	return 0;
}
