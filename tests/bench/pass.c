/*
 * pass.c - a producer and a consumer: one thread allocates blocks, the other
 * gives them back, for the pools beside glibc, mimalloc and jemalloc.
 *
 *	CPU 0 --take--> [ring of HELD blocks] --give--> CPU 1
 *
 * They meet in the ring only every BATCH blocks, so that it is the allocators
 * that are timed: by the clock, from the first block to the last. Each block
 * carries its number, and is verified before it is given back.
 *
 * needs: tests/host/mallocpeers.c
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "heap.h"
#include "host.h"
#include "mallocpeers.h"
#include "rename.h"
#include "pool.h"

enum { NBLOCK = 1 << 19, HELD = 4096, BATCH = 64, PATIENCE = 1000 };

/* How many blocks were put in, and taken out: each counted by one thread. */
static struct {
	_Alignas(64) void *block[HELD];
	_Alignas(64) size_t in;
	_Alignas(64) size_t out;
} ring;

typedef struct Pass Pass;
struct Pass {
	const Peer *peer;
	size_t low;
	size_t high;
};

/* Until the count that the other thread writes is at least so much. */
static void
await(const size_t *count, size_t least)
{
	for (size_t i = 1; __atomic_load_n(count, __ATOMIC_ACQUIRE) < least;
	     i++)
		if (i % PATIENCE == 0)
			sched_yield();
}

static void
produce(const Pass *pass)
{
	uint64_t seed = 3;

	for (size_t i = 0; i < NBLOCK; i++) {
		if (i % BATCH == 0) {
			__atomic_store_n(&ring.in, i, __ATOMIC_RELEASE);
			await(
			    &ring.out, i + BATCH < HELD ? 0 : i + BATCH - HELD);
		}
		size_t span = pass->high - pass->low + 1;
		size_t size = pass->low + benchrandom(&seed) % span;
		size_t *p = pass->peer->take(size);
		if (p == NULL)
			abort();
		*p = i;
		ring.block[i % HELD] = p;
	}
	__atomic_store_n(&ring.in, NBLOCK, __ATOMIC_RELEASE);
}

static void *
consume(void *arg)
{
	const Pass *pass = arg;

	benchpin(1);
	hostcpu(1);
	for (size_t i = 0; i < NBLOCK; i++) {
		if (i % BATCH == 0) {
			__atomic_store_n(&ring.out, i, __ATOMIC_RELEASE);
			await(&ring.in, MIN(i + BATCH, (size_t)NBLOCK));
		}
		size_t *p = ring.block[i % HELD];
		if (*p != i) {
			fprintf(stderr, "bench: %s: block %zu is damaged\n",
			    pass->peer->name, i);
			abort();
		}
		pass->peer->give(p);
	}
	__atomic_store_n(&ring.out, NBLOCK, __ATOMIC_RELEASE);
	return NULL;
}

static void
work(void *arg)
{
	pthread_t other;

	ring.in = ring.out = 0;
	if (pthread_create(&other, NULL, consume, arg) != 0)
		abort();
	produce(arg);
	pthread_join(other, NULL);
}

/* Each block costs what both threads do for it, at once. */
static void
passing(
    const char *name, const Peer *peers, size_t npeer, size_t low, size_t high)
{
	Pass passes[MALLOCPEERS];
	void *args[MALLOCPEERS];
	Figure f[MALLOCPEERS];
	char line[64];

	for (size_t i = 0; i < npeer; i++) {
		passes[i] = (Pass){&peers[i], low, high};
		args[i] = &passes[i];
	}
	peersrun(work, args, npeer, NBLOCK, f);
	for (size_t i = 0; i < npeer; i++) {
		snprintf(line, sizeof line, "%s %s", name, peers[i].name);
		benchrow(line, f[i], "ns");
	}
	for (size_t i = 1; i < npeer; i++)
		if (strcmp(peers[i].name, "mimalloc") == 0)
			benchgoal(name, f[0], "ns", peers[i].name, f[i], 1.0);
	poolcheck(mainmem);
}

int
main(void)
{
	Peer peers[MALLOCPEERS];

	benchpin(0);
	heapmachine(1, 256 * MiB, 0);
	size_t npeer = mallocpeers(peers);
	passing("malloc-pass-64", peers, npeer, 64, 64);
	passing("malloc-pass-any", peers, npeer, 16, 1024);
	return 0;
}
