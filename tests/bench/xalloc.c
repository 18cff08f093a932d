/*
 * xalloc.c - the first allocator beside glibc, and as its holes multiply.
 *
 * Names of what is wanted may be given.
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
#include "xalloc.h"

enum { NLIVE = 50000, NSTEPS = 1000000 };

static void *
ourtake(size_t size)
{
	return xallocz(size, false);
}

/* Past the blocks that wait for their own size: always through the holes. */
static void *
holetake(size_t size)
{
	return xspanallocfor(XPOOL, size, 32, 0);
}

static Peer viaholes = {"mem9", holetake, NULL, xfree};
static Peer mem9 = {"mem9", ourtake, NULL, xfree};

/* Ours, then glibc's. */
static void
trace(Figure f[2])
{
	Job jobs[] = {{.peer = &mem9}, {.peer = &glibc}};
	void *args[] = {&jobs[0], &jobs[1]};

	for (size_t i = 0; i < 2; i++) {
		jobs[i].trace = tracenew(NLIVE, NSTEPS, 16, 8192, false, 1);
		tracefill(jobs[i].trace, jobs[i].peer);
	}
	peersrun(tracejob, args, 2, traceops(jobs[0].trace), f);
	for (size_t i = 0; i < 2; i++)
		tracefree(jobs[i].trace, jobs[i].peer);
}

/* nholes holes of all sizes between blocks that stay. */
static void **
makeholes(size_t nholes)
{
	uint64_t seed = nholes;
	void **keep = calloc(2 * nholes, sizeof *keep);

	for (size_t i = 0; i < 2 * nholes; i++)
		keep[i] = xallocz(16 + benchrandom(&seed) % 2000, false);
	for (size_t i = 0; i < 2 * nholes; i += 2)
		xfree(keep[i]);
	return keep;
}

/* The same few blocks come and go among many or few holes. */
static Figure
amongholes(const Peer *peer, size_t nholes)
{
	heapmachine(1, 1 * GiB, 0);
	void **keep = makeholes(nholes);
	if (xholes() < nholes)
		panic("%zu holes wanted, %zu made", nholes, xholes());
	Job job = {peer, tracenew(100, NSTEPS, 16, 2000, false, 3)};

	tracefill(job.trace, peer);
	Figure f = benchrun(NULL, tracejob, &job, traceops(job.trace));
	tracefree(job.trace, peer);
	for (size_t i = 1; i < 2 * nholes; i += 2)
		xfree(keep[i]);
	xcheck();
	if (xholes() != 1)
		panic("%zu holes are left", xholes());
	free(keep);
	return f;
}

static void
holes(const char *name, const Peer *peer)
{
	Figure few = amongholes(peer, 100);
	Figure many = amongholes(peer, 100000);

	benchrow("among 100 holes", few, "ns");
	benchrow("among 100,000 holes", many, "ns");
	benchgoal(name, many, "ns", "100-holes", few, 2.0);
}

/*
 * Whole pages, aligned, among holes of which none has one, and a large one.
 */
static void
pages(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < NSTEPS; i++) {
		void *p = xspanallocfor(XPOOL, 4096, 4096, 0);
		if (p == NULL || (uintptr_t)p % 4096 != 0)
			panic("%p is no page", p);
		xfree(p);
	}
}

static Figure
pagesamong(size_t nholes)
{
	void **keep = calloc(2 * nholes, sizeof *keep);

	heapmachine(1, 1 * GiB, 0);
	for (size_t i = 0; i < 2 * nholes; i++)
		keep[i] = xallocz(i % 2 == 0 ? 5000 : 100, false);
	for (size_t i = 0; i < 2 * nholes; i += 2)
		xfree(keep[i]);
	Figure f = benchrun(NULL, pages, NULL, NSTEPS);
	for (size_t i = 1; i < 2 * nholes; i += 2)
		xfree(keep[i]);
	free(keep);
	return f;
}

static void
aligned(void)
{
	Figure few = pagesamong(1000);
	Figure many = pagesamong(64000);

	benchrow("xspanalloc-aligned-1000", few, "ns");
	benchgoal("xspanalloc-aligned-64000", many, "ns", "1000", few, 3.0);
}

/* The trace, and nothing lost by it. */
static void
beside(void)
{
	heapmachine(1, 1 * GiB, 0);
	size_t before = xfreebytes();
	Figure f[2];

	trace(f);
	if (xfreebytes() != before || xholes() != 1)
		panic("%zu bytes lost", before - xfreebytes());
	benchrow("xalloc-random mem9", f[0], "ns");
	benchrow("xalloc-random glibc", f[1], "ns");
	benchgoal("xalloc-random", f[0], "ns", "glibc", f[1], 0.7);
}

int
main(int argc, char **argv)
{
	benchpin(0);
	if (benchwanted(argc, argv, "random"))
		beside();
	if (benchwanted(argc, argv, "holes")) {
		holes("xalloc-holes", &mem9);
		holes("xspanalloc-holes", &viaholes);
	}
	if (benchwanted(argc, argv, "aligned"))
		aligned();
	return 0;
}
