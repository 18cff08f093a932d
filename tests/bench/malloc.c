/*
 * malloc.c - the pools beside glibc, mimalloc and jemalloc, and beside one that
 * is hardened as they are: scudo.
 *
 * needs: tests/host/mallocpeers.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "heap.h"
#include "hooks.h"
#include "mallocpeers.h"
#include "rename.h"
#include "pool.h"
#include "xalloc.h"

enum { NLIVE = 100000, NSTEPS = 1000000, NPAIRS = 4000000, BATCH = 1000 };
enum { NPEER = MALLOCPEERS + 1 }; /* and none at all */

/* No allocator: each size has one block, which everybody gets. */
static uint8_t *bare;

static void *
baretake(size_t size)
{
	static size_t next;

	next = (next + 4112) % (NLIVE * 4112ull);
	(void)size;
	return bare + next;
}

static void *
bareresize(void *p, size_t size)
{
	(void)size;
	return p;
}

static void
baregive(void *p)
{
	(void)p;
}

static Peer peers[NPEER];
static size_t npeer;
static char line[64];

static void
pingpong(void *arg)
{
	Job *job = arg;

	for (uint64_t i = 0; i < NPAIRS; i++) {
		uint64_t *p = job->peer->take(64);
		p[0] = i;
		p[7] = i;
		if (*(volatile uint64_t *)p != p[7])
			abort();
		job->peer->give(p);
	}
}

static void
batch(void *arg)
{
	static uint64_t *p[BATCH];
	Job *job = arg;

	for (size_t n = 0; n < NPAIRS / BATCH; n++) {
		for (size_t i = 0; i < BATCH; i++) {
			p[i] = job->peer->take(64);
			p[i][0] = i;
			p[i][7] = n;
		}
		for (size_t i = 0; i < BATCH; i++) {
			if (p[i][0] != i || p[i][7] != n)
				abort();
			job->peer->give(p[i]);
		}
	}
}

static void
row(const char *what, const char *peer, Figure f)
{
	char name[64];

	snprintf(name, sizeof name, "%s %s", what, peer);
	benchrow(name, f, "ns");
}

static size_t
peerindex(const char *name)
{
	for (size_t i = 0; i < npeer; i++)
		if (strcmp(peers[i].name, name) == 0)
			return i;
	return npeer;
}

/* Ours beside mimalloc's, and scudo's. */
static void
verdict(const char *name, const Figure *f, double goal)
{
	size_t mi = peerindex("mimalloc");
	size_t hard = peerindex("scudo");

	if (mi < npeer)
		benchgoal(name, f[0], "ns", "mimalloc", f[mi], goal);
	snprintf(line, sizeof line, "%s-hardened", name);
	if (hard < npeer)
		benchgoal(line, f[0], "ns", "scudo", f[hard], 1.0);
}

static void
traces(const char *name, bool resize)
{
	Figure f[NPEER];
	Job jobs[NPEER];
	void *args[NPEER];

	for (size_t i = 0; i < npeer; i++) {
		jobs[i] = (Job){
		    &peers[i], tracenew(NLIVE, NSTEPS, 16, 4096, resize, 1)};
		args[i] = &jobs[i];
		tracefill(jobs[i].trace, jobs[i].peer);
	}
	peersrun(tracejob, args, npeer, traceops(jobs[0].trace), f);
	for (size_t i = 0; i < npeer; i++) {
		tracefree(jobs[i].trace, jobs[i].peer);
		row(name, peers[i].name, f[i]);
	}
	verdict(name, f, 1.0);
}

static void
pairs(const char *name, void (*work)(void *), double goal)
{
	Figure f[NPEER];
	Job jobs[NPEER];
	void *args[NPEER];

	for (size_t i = 0; i < npeer; i++) {
		jobs[i] = (Job){.peer = &peers[i]};
		args[i] = &jobs[i];
	}
	peersrun(work, args, npeer, NPAIRS, f);
	for (size_t i = 0; i < npeer; i++)
		row(name, peers[i].name, f[i]);
	verdict(name, f, goal);
}

/* What xalloc has less than before, at its most, over the live bytes at it. */
static size_t freebefore;
static double worst;
static size_t peaklive;
static size_t peakused;

static void
watch(Trace *t)
{
	size_t used = freebefore - xfreebytes();

	peaklive = MAX(peaklive, tracelive(t));
	peakused = MAX(peakused, used);
	worst = MAX(worst, (double)used / (double)tracelive(t));
}

static void
footprint(bool resize)
{
	Trace *t = tracenew(NLIVE, 2 * NSTEPS, 16, 4096, resize, 2);

	poolcompact(mainmem);
	freebefore = xfreebytes();
	peaklive = peakused = 0;
	worst = 0;
	tracewatch(t, watch);
	tracefill(t, &peers[0]);
	tracerun(t, &peers[0]);
	poolcheck(mainmem);
	tracefree(t, &peers[0]);
	Figure live = {(double)peaklive, 0, 0};
	Figure used = {(double)peakused, 0, 0};
	benchgoal(resize ? "malloc-footprint-realloc" : "malloc-footprint",
	    used, "bytes", "live", live, 1.15);
	printf("# worst at any time %.3f\n", worst);
	poolcompact(mainmem);
	if (xfreebytes() != freebefore || poolsize(mainmem) != 0)
		panic("%zu bytes lost", freebefore - xfreebytes());
}

/* One block to 64 MiB by 64 KiB, each new page written to. */
enum { GROWBY = 64 << 10, GROWTO = 64 << 20 };
static size_t moves;

static void
grow(void *arg)
{
	Job *job = arg;
	uint8_t *p = NULL;

	moves = 0;
	for (size_t size = 0; size < GROWTO; size += GROWBY) {
		uint8_t *q = job->peer->resize(p, size + GROWBY);
		moves += q != p;
		p = q;
		for (size_t at = size; at < size + GROWBY; at += BY2PG)
			p[at] = (uint8_t)(at / GROWBY);
	}
	for (size_t at = 0; at < GROWTO; at += GROWBY)
		if (p[at] != (uint8_t)(at / GROWBY))
			panic("byte %zu is lost", at);
	job->peer->give(p);
}

static void
growth(const char *name)
{
	Job jobs[] = {{.peer = &peers[0]}, {.peer = &glibc}};
	void *args[] = {&jobs[1], &jobs[0]};
	Figure f[2];
	Figure most = {60, 0, 0};

	peersrun(grow, args, 2, 1, f);
	Figure moved = {(double)moves, 0, 0};
	row(name, "glibc", f[0]);
	benchgoal(name, f[1], "ns", "glibc", f[0], 2.0);
	snprintf(line, sizeof line, "%s-moves", name);
	benchgoal(line, moved, "moves", "60", most, 1.0);
	poolcompact(mainmem);
	if (poolsize(mainmem) != 0)
		panic("%zu bytes are kept", poolsize(mainmem));
}

/*
 * 260,000 mixed blocks, and all freed but KEPT; then those too. What is held
 * of the most there ever was.
 */
enum { NMIXED = 260000, KEPT = 20 };

static void
back(const char *name)
{
	static void *p[NMIXED];
	uint64_t seed = 5;

	for (size_t i = 0; i < NMIXED; i++) {
		size_t most = benchrandom(&seed) % 16 == 0 ? 30000 : 2200;
		p[i] = peers[0].take(16 + benchrandom(&seed) % most);
		if (p[i] == NULL)
			panic("no memory for block %zu", i);
	}
	Figure peak = {(double)poolsize(mainmem), 0, 0};
	for (size_t i = 0; i < NMIXED; i++)
		if (i % (NMIXED / KEPT) != 0)
			free(p[i]);
	poolcompact(mainmem);
	poolcheck(mainmem);
	Figure few = {(double)poolsize(mainmem), 0, 0};
	Figure each = {KEPT * 2.0 * MiB, 0, 0};
	for (size_t i = 0; i < NMIXED; i += NMIXED / KEPT)
		free(p[i]);
	poolcompact(mainmem);
	Figure none = {(double)poolsize(mainmem), 0, 0};
	snprintf(line, sizeof line, "%s-few", name);
	benchgoal(line, few, "bytes", "2-MiB-each", each, 1.0);
	benchgoal(name, none, "bytes", "peak", peak, 0.05);
}

/* The pools over pages, once the kernel's share is spent. */
static void
spent(void)
{
	heapmachine(1, 1 * MiB, 1 * GiB / BY2PG);
	heappages();
}

/* 64,000 slabs, every other slot of each free. */
enum { NSLAB = 64000, SLOTS = 31, SLOTSIZE = 496 };

static void
check(void)
{
	static void *p[NSLAB * SLOTS];

	heapmachine(1, 2 * GiB, 0);
	for (size_t i = 0; i < nelem(p); i++)
		if ((p[i] = peers[0].take(SLOTSIZE)) == NULL)
			panic("no memory for block %zu", i);
	for (size_t i = 0; i < nelem(p); i += 2)
		free(p[i]);
	double start = benchnow();
	poolcheck(mainmem);
	Figure took = {(benchnow() - start) / 1e9, 0, 0};
	Figure second = {1, 0, 0};
	benchgoal("poolcheck-64000-slabs", took, "s", "1s", second, 1.0);
}

int
main(int argc, char **argv)
{
	benchpin(0);
	heapmachine(1, 1 * GiB, 0);
	npeer = mallocpeers(peers);
	bare = calloc(NLIVE, 4112);
	memset(bare, 1, NLIVE * 4112ull);
	peers[npeer++] = (Peer){"harness", baretake, bareresize, baregive};
	if (benchwanted(argc, argv, "pingpong"))
		pairs("malloc-pingpong", pingpong, 1.0);
	if (benchwanted(argc, argv, "batch"))
		pairs("malloc-batch", batch, 2.0);
	npeer--;
	if (benchwanted(argc, argv, "random"))
		traces("malloc-random", false);
	if (benchwanted(argc, argv, "realloc"))
		traces("malloc-realloc", true);
	if (benchwanted(argc, argv, "footprint")) {
		footprint(false);
		footprint(true);
	}
	if (benchwanted(argc, argv, "growth")) {
		growth("realloc-growth");
		back("freed");
		spent();
		growth("realloc-growth-pages");
		back("freed-pages");
	}
	if (benchwanted(argc, argv, "check"))
		check();
	return 0;
}
