/*
 * visit.c - a call's stay in a pool, and what has to be done outside of it.
 *
 *	poolenter ... poolleave   visitfetch   poolenter ... poolleave visitend
 *	lock held                 none         lock held                 none
 *
 * Whoever answers a barrier may be waiting for the pool's lock. So with that
 * held nothing is asked for that could need one: pages for an arena are fetched
 * before, by a first visit's telling how many it lacks; and what is unmapped
 * waits (arenaback.c) until the lock is let go and all CPUs have dropped their
 * translations.
 *
 * Nobody waits here for anybody: who wants memory that another CPU, or who was
 * interrupted on this one, is about to give back, does the same, and whoever is
 * first frees it. An epoch tells what was unmapped before which barrier.
 */
#include "poolparts.h"

void
poolenter(Pool *pool, Visit *v)
{
	v->me = cpuenter();
	v->lacks = false;
	poollock(pool);
	pool->visit = v;
}

/* All CPUs drop their translations, and what was waiting for that is free. */
static void
settle(Pool *pool)
{
	Visit v = {0};

	for (bool due = true; due;) {
		poolenter(pool, &v);
		size_t epoch = ++pool->epoch; /* shoot: epoch */
		poolletgo(pool);
		cpubarrier(); /* shoot: barrier */
		poolenter(pool, &v);
		arenasettle(pool, epoch); /* shoot: settle */
		due = pool->due;
		pool->due = false;
		poolletgo(pool);
	}
}

void
poolleave(Pool *pool)
{
	bool due = pool->due;

	pool->due = false;
	poolletgo(pool);
	if (due)
		settle(pool);
}
