/*
 * peers.h - allocators to be timed side by side, ours and Debian's.
 *
 * The others are loaded privately, so that each is itself and none becomes
 * this program's malloc.
 */
#ifndef PEERS_H
#define PEERS_H

#include "types.h"
#include "bench.h"

typedef struct Peer Peer;

struct Peer {
	const char *name;
	void *(*take)(size_t size);
	void *(*resize)(void *p, size_t size);
	void (*give)(void *p);
};

/*
 * Time work(args[i]) for each of n, in turn, BENCHRUNS times: what the machine
 * does meanwhile hits all of them. ops operations each; f[i] is what it took.
 */
enum { MAXPEER = 8 };
void peersrun(
    void (*work)(void *), void *args[], size_t n, size_t ops, Figure f[]);

extern Peer glibc;
extern Peer harness; /* no allocator: touching memory is all that costs */

/* One of "mimalloc", "jemalloc" and "scudo"; false, said on stderr: absent. */
bool peerload(Peer *peer, const char *name);

/*
 * A trace of random operations on nlive blocks of low to high bytes. It fills
 * all places first; each step then frees a random one and fills it again, or
 * (resize: one in three) changes its size. Every block is stamped at both
 * ends and verified before it is given back or moved: a block damaged or
 * handed out twice stops the program.
 */
typedef struct Trace Trace;
Trace *tracenew(size_t nlive, size_t nsteps, size_t low, size_t high,
    bool resize, uint64_t seed);

/* Do the steps; twice as many operations, or one a step that resizes. */
void tracerun(Trace *t, const Peer *peer);
size_t traceops(const Trace *t);

void tracefill(Trace *t, const Peer *peer);
void tracefree(Trace *t, const Peer *peer);

/* The same for peersrun and benchrun, which call work(job). */
typedef struct Job Job;
struct Job {
	const Peer *peer;
	Trace *trace;
};
void tracejob(void *job);

/* Bytes asked for and not given back. */
size_t tracelive(const Trace *t);

/* Called every 256 steps of tracerun, if not NULL. */
void tracewatch(Trace *t, void (*f)(Trace *t));

#endif
