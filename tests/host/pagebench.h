/*
 * pagebench.h - allocators of pages side by side: the same loops for each, on
 * one thread or two, what they hand out being checked.
 *
 * floor pushes and pops page numbers in an array, without a lock; floor+ also
 * stores to that page's own 32-byte Page, as any page allocator with reference
 * counts must; harness does nothing, mem9 is ours, huge its pages of 2 MiB.
 *
 * Times are of the thread's own CPU time, as others may use this host; of two
 * threads the longer counts, over what both did.
 */
#ifndef PAGEBENCH_H
#define PAGEBENCH_H

#include "bench.h"
#include "page.h"

#define BENCHRAM (4 * GiB)
#define BENCHPAGES (BENCHRAM / BY2PG)

enum { PAIRS = 1 << 20, NMIX = 1 << 20, MAXTHREAD = 2, NROUND = 9 };

typedef struct Pagepeer Pagepeer;
typedef struct Pagejob Pagejob;
typedef struct Pagework Pagework;

/* An allocator: a page is any pointer that names it. */
struct Pagepeer {
	const char *name;
	void *(*alloc)(void);
	void (*free)(void *);
};

/*
 * What one thread does: its share of the pages, in pages[0 .. n). On cache
 * lines of its own, as the seed is written all the time.
 */
struct Pagejob {
	_Alignas(128) const Pagepeer *peer;
	void **pages;
	size_t n;
	uint64_t seed;
	int cpu;
	void (*run)(Pagejob *);
	double time;
};

/* A kind of work: what comes before and after it, untimed. */
struct Pagework {
	const char *name;
	void (*before[3])(Pagejob *);
	void (*run)(Pagejob *);
	void (*after[3])(Pagejob *);
	size_t ops; /* or 0: as many as pages */
	bool half;  /* on half as many pages */
	double goal;
};

extern const Pagepeer pageharness, pagefloor, pagefloorplus, pagemem9, pagehuge;

/* What pages are held in: of n threads each has its part. */
extern void *benchslots[BENCHPAGES];

/* BENCHPAGES of them, for floor and floor+. */
void benchfloor(Page *pages);

/* PAIRS pages, each given back at once; all; all given back. */
void pairs(Pagejob *j);
void allocall(Pagejob *j);
void freeall(Pagejob *j);

/* NMIX times, any page that is held is given back and had anew. */
void mix(Pagejob *j);

/* In any order; in that of addresses, exit(1) unless each is there once. */
void shuffle(Pagejob *j);
void sortpages(Pagejob *j);

/* Once through the work, on so many threads: nanoseconds an operation. */
double once(
    const Pagepeer *peer, const Pagework *w, size_t npages, int nthread);

/* Of NROUND times, which it sorts. */
Figure figure(double *t);

#endif
