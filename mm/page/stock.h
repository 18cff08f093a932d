/*
 * stock.h - a CPU's stock: who may touch it, and how much is in it.
 *
 * The owner says busy, looks whether it is open, and says so when it is done;
 * the rest of the protocol is in gather.c.
 */
#ifndef STOCK_H
#define STOCK_H

#include "page.h"

/* Say busy, and return how many pages the stock may hold; 0 if closed. */
static inline uint32_t
pagecpuenter(Pagecpu *cpu)
{
	__atomic_store_n(&cpu->busy, 1, __ATOMIC_RELAXED); /* drain: busy */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&cpu->limit, __ATOMIC_ACQUIRE); /* drain: look */
}

/* With less room for small ones, a 2 MiB page would be all of it, or more. */
static inline bool
hashugeroom(uint32_t room)
{
	return room == PAGECPUMAX;
}

static inline void
pagecpuleave(Pagecpu *cpu)
{
	__atomic_store_n(&cpu->busy, 0, __ATOMIC_RELEASE); /* drain: leave */
}

static inline uint32_t
pagecpunaway(const Pagecpu *cpu)
{
	return __atomic_load_n(&cpu->naway, __ATOMIC_RELAXED);
}

static inline void
pagecpusetnaway(Pagecpu *cpu, uint32_t n)
{
	__atomic_store_n(&cpu->naway, n, __ATOMIC_RELAXED);
}

/* Anyone may read these, to count; who has the stock writes them. */
static inline uint32_t
pagecpun(const Pagecpu *cpu)
{
	return __atomic_load_n(&cpu->n, __ATOMIC_RELAXED);
}

static inline void
pagecpusetn(Pagecpu *cpu, uint32_t n)
{
	__atomic_store_n(&cpu->n, n, __ATOMIC_RELAXED);
}

static inline uint32_t
pagecpunhuge(const Pagecpu *cpu)
{
	return __atomic_load_n(&cpu->nhuge, __ATOMIC_RELAXED);
}

static inline void
pagecpusetnhuge(Pagecpu *cpu, uint32_t n)
{
	__atomic_store_n(&cpu->nhuge, n, __ATOMIC_RELAXED);
}

#endif
