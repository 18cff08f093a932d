/*
 * malloc.c - the pools beside glibc, mimalloc and jemalloc.
 *
 * needs: tests/host/peers.c tests/host/heap.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "heap.h"
#include "hooks.h"
#include "peers.h"
#include "rename.h"
#include "pool.h"
#include "xalloc.h"

enum {
	NLIVE = 100000,
	NSTEPS = 1000000,
	NPAIRS = 4000000,
	BATCH = 1000,
	NPEER = 5
};

static void *
ourtake(size_t size)
{
	return mallocz(size, false);
}

static void *
ourresize(void *p, size_t size)
{
	return realloc(p, size);
}

static void
ourgive(void *p)
{
	free(p);
}

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

static Peer peers[NPEER] = {
    {"mem9", ourtake, ourresize, ourgive},
};
static size_t npeer = 1;

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

/* ours beside mimalloc's. */
static void
verdict(const char *name, const Figure *f, double goal)
{
	size_t mi = peerindex("mimalloc");

	if (mi < npeer)
		benchgoal(name, f[0], "ns", "mimalloc", f[mi], goal);
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

/* Is it to be run? All are if none is named. */
static bool
wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int
main(int argc, char **argv)
{
	benchpin(0);
	heapmachine(1, 1 * GiB, 0);
	npeer += peerload(&peers[npeer], "mimalloc");
	npeer += peerload(&peers[npeer], "jemalloc");
	peers[npeer++] = glibc;
	bare = calloc(NLIVE, 4112);
	memset(bare, 1, NLIVE * 4112ull);
	peers[npeer++] = (Peer){"harness", baretake, bareresize, baregive};
	if (wanted(argc, argv, "pingpong"))
		pairs("malloc-pingpong", pingpong, 1.0);
	if (wanted(argc, argv, "batch"))
		pairs("malloc-batch", batch, 2.0);
	npeer--;
	if (wanted(argc, argv, "random"))
		traces("malloc-random", false);
	if (wanted(argc, argv, "realloc"))
		traces("malloc-realloc", true);
	if (wanted(argc, argv, "footprint")) {
		footprint(false);
		footprint(true);
	}
	return 0;
}
