/*
 * peers.c - the other allocators, and the trace they all run: see peers.h.
 *
 * needs: tests/host/bench.c
 */
#include "peers.h"
#include "bench.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Peer glibc = {"glibc", malloc, realloc, free};

/* LLVM's hardened allocator: its path has its version in it. */
#define SCUDO                                                                  \
	"/usr/lib/llvm-*/lib/clang/*/lib/linux/"                               \
	"libclang_rt.scudo_standalone-x86_64.so"

/* A library, by its name, or by a pattern of its path; or NULL. */
static void *
load(const char *file)
{
	void *lib = NULL;
	glob_t found;

	if (glob(file, GLOB_NOCHECK, NULL, &found) == 0)
		lib = dlopen(found.gl_pathv[0], RTLD_NOW | RTLD_LOCAL);
	globfree(&found);
	return lib;
}

bool
peerload(Peer *peer, const char *name)
{
	static const struct {
		const char *name;
		const char *file;
		const char *calls[3];
	} known[] = {
	    {"mimalloc", "libmimalloc.so.2",
		{"mi_malloc", "mi_realloc", "mi_free"}},
	    {"jemalloc", "libjemalloc.so.2", {"malloc", "realloc", "free"}},
	    {"scudo", SCUDO, {"malloc", "realloc", "free"}},
	};

	for (size_t i = 0; i < nelem(known); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		void *lib = load(known[i].file);
		if (lib == NULL)
			break;
		void *calls[3];
		for (size_t j = 0; j < 3; j++)
			calls[j] = dlsym(lib, known[i].calls[j]);
		memcpy(&peer->take, &calls[0], sizeof calls[0]);
		memcpy(&peer->resize, &calls[1], sizeof calls[1]);
		memcpy(&peer->give, &calls[2], sizeof calls[2]);
		peer->name = known[i].name;
		return true;
	}
	fprintf(stderr, "bench: no %s on this machine\n", name);
	return false;
}

static int
bytime(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

void
peersrun(void (*work)(void *), void *args[], size_t n, size_t ops, Figure f[])
{
	double t[MAXPEER][BENCHRUNS];

	for (int run = 0; run < BENCHRUNS; run++)
		for (size_t i = 0; i < n; i++) {
			double start = benchnow();
			work(args[i]);
			t[i][run] = (benchnow() - start) / (double)ops;
		}
	for (size_t i = 0; i < n; i++) {
		qsort(t[i], BENCHRUNS, sizeof t[i][0], bytime);
		f[i] =
		    (Figure){t[i][BENCHRUNS / 2], t[i][0], t[i][BENCHRUNS - 1]};
	}
}

typedef struct Step Step;
struct Step {
	uint32_t place;
	uint32_t size; /* the top bit: change to it */
};

enum { RESIZE = 1u << 31 };

struct Trace {
	size_t nlive;
	size_t nsteps;
	size_t ops;
	size_t live;
	void (*watch)(Trace *t);
	uint32_t *first; /* sizes to fill with */
	Step *steps;
	struct {
		uint8_t *p;
		size_t size;
	} * place;
};

static uint32_t
between(uint64_t *seed, size_t low, size_t high)
{
	return (uint32_t)(low + benchrandom(seed) % (high - low + 1));
}

Trace *
tracenew(size_t nlive, size_t nsteps, size_t low, size_t high, bool resize,
    uint64_t seed)
{
	Trace *t = calloc(1, sizeof *t);

	t->nlive = nlive;
	t->nsteps = nsteps;
	t->first = calloc(nlive, sizeof *t->first);
	t->steps = calloc(nsteps, sizeof *t->steps);
	t->place = calloc(nlive, sizeof *t->place);
	for (size_t i = 0; i < nlive; i++)
		t->first[i] = between(&seed, low, high);
	for (size_t i = 0; i < nsteps; i++) {
		Step *s = &t->steps[i];
		*s = (Step){
		    between(&seed, 0, nlive - 1), between(&seed, low, high)};
		t->ops += 2;
		if (resize && benchrandom(&seed) % 3 == 0) {
			s->size |= RESIZE;
			t->ops--;
		}
	}
	return t;
}

/* The first and last bytes of a block say whose it is. */
static inline uint64_t
stampof(size_t place, size_t size)
{
	return place << 32 ^ size ^ 0x5eed5eed5eed5eed;
}

static inline void
stamp(Trace *t, size_t i)
{
	uint64_t word = stampof(i, t->place[i].size);
	uint8_t *p = t->place[i].p;
	size_t n = MIN(sizeof word, t->place[i].size);

	if (n == sizeof word) {
		memcpy(p, &word, sizeof word);
		memcpy(p + t->place[i].size - n, &word, sizeof word);
	} else
		memcpy(p, &word, n);
}

static _Noreturn void
damaged(const Peer *peer, size_t i)
{
	fprintf(stderr, "bench: %s: block %zu is damaged\n", peer->name, i);
	abort();
}

static inline void
verify(Trace *t, size_t i, const Peer *peer, bool both)
{
	uint64_t word = stampof(i, t->place[i].size);
	uint8_t *p = t->place[i].p;
	size_t n = MIN(sizeof word, t->place[i].size);

	if (memcmp(p, &word, n) != 0)
		damaged(peer, i);
	if (both && n == sizeof word &&
	    memcmp(p + t->place[i].size - n, &word, n) != 0)
		damaged(peer, i);
}

static inline void
fill(Trace *t, size_t i, size_t size, const Peer *peer)
{
	t->place[i].p = peer->take(size);
	t->place[i].size = size;
	if (t->place[i].p == NULL)
		damaged(peer, i);
	t->live += size;
	stamp(t, i);
}

static inline void
empty(Trace *t, size_t i, const Peer *peer)
{
	verify(t, i, peer, true);
	t->live -= t->place[i].size;
	peer->give(t->place[i].p);
}

/* What was in both sizes must still be there. */
static inline void
change(Trace *t, size_t i, size_t size, const Peer *peer)
{
	verify(t, i, peer, true);
	t->place[i].p = peer->resize(t->place[i].p, size);
	if (t->place[i].p == NULL)
		damaged(peer, i);
	if (size >= t->place[i].size)
		verify(t, i, peer, true);
	else if (size >= sizeof(uint64_t))
		verify(t, i, peer, false);
	t->live += size - t->place[i].size;
	t->place[i].size = size;
	stamp(t, i);
}

void
tracefill(Trace *t, const Peer *peer)
{
	for (size_t i = 0; i < t->nlive; i++)
		fill(t, i, t->first[i], peer);
}

void
tracefree(Trace *t, const Peer *peer)
{
	for (size_t i = 0; i < t->nlive; i++)
		empty(t, i, peer);
}

void
tracerun(Trace *t, const Peer *peer)
{
	for (size_t n = 0; n < t->nsteps; n++) {
		Step s = t->steps[n];
		if (s.size & RESIZE)
			change(t, s.place, s.size & ~RESIZE, peer);
		else {
			empty(t, s.place, peer);
			fill(t, s.place, s.size, peer);
		}
		if (t->watch != NULL && n % 256 == 0)
			t->watch(t);
	}
}

void
tracejob(void *arg)
{
	Job *job = arg;

	tracerun(job->trace, job->peer);
}

size_t
traceops(const Trace *t)
{
	return t->ops;
}

size_t
tracelive(const Trace *t)
{
	return t->live;
}

void
tracewatch(Trace *t, void (*f)(Trace *t))
{
	t->watch = f;
}
