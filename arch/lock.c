/*
 * lock.c - the metal's locks: a CPU waits for another one, not for itself.
 *
 *	free		whoever comes takes it
 *	held		the others look at it, and answer what is asked of them
 *	due		one of those has waited for long: the rest keep away
 *
 * holder is the number of the CPU that has the lock, put there by the exchange
 * that takes it: there is no moment at which it is held and nobody named.
 *
 * No queue, as virtual CPUs may be more than those below: handed to the next in
 * a row, a lock waits for that one to be run, and with it all behind it do. Who
 * takes a lock that is free is running, and so is who says that it is due. A
 * claim is overruled by those whose rank is higher: the whole DUEUS for which
 * they wait, by the clock. It keeps the rank that it was made with: so one
 * whose maker does not run is a delay, of about as long as that one had waited.
 *
 * Nobody starves who runs now and then, once in DUEUS say. While its claim
 * stands, others do not take the lock but those who wait for as long or longer.
 * One that has been served begins again, at rank 0, and with less than ours
 * from then on: so each goes before us once, or twice if it looked just before.
 *
 * A CPU that waits answers barriers (rest()), whatever it holds: that is a
 * memory barrier and dropped translations, which mm/ minds nowhere. Its wait is
 * bounded; a CPU that stopped for good lets nothing go and claims nothing, and
 * is not waited for, unless this one is about to be stopped too. It may have
 * let go just before it stopped: so who sees that it is gone looks again. pc is
 * only ever that of the holder, or 0 while that one is about to say it.
 *
 * Modelled in tests/protocol/lock.pml: its steps are named.
 */
#include "cpus.h"
#include "hooks.h"
#include "mates.h"
#include "patience.h"
#include "stop.h"

enum {
	DUEUS = 200,
	DUEBITS = 13, /* for the number + 1; above it the rank */
	MOSTRANK = (1 << 18) - 1,
};

_Static_assert(MOSTCPUS < 1 << DUEBITS, "a number + 1 fits");
_Static_assert(PATIENCEUS / DUEUS < MOSTRANK, "ranks differ as long");

static uint32_t
number(uint32_t due)
{
	return due & ((1 << DUEBITS) - 1);
}

/* Does another one claim it, that may still come? */
static bool
another(uint32_t due, uint32_t me)
{
	return due != 0 && number(due) != me && !mategone(number(due) - 1);
}

/* Is it ours now? Whoever is not due leaves a lock alone that another is. */
static bool
locktake(Lock *l, uint32_t me)
{
	uint32_t due =
	    __atomic_load_n(&l->due, __ATOMIC_RELAXED); /* lock: look */
	uint32_t nobody = 0;

	if (another(due, me) ||
	    __atomic_load_n(&l->holder, __ATOMIC_RELAXED) != 0 ||
	    !__atomic_compare_exchange_n(&l->holder, &nobody, me, false,
		__ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) /* lock: take */
		return false;
	if (due != 0) /* unless another has overruled that */
		__atomic_compare_exchange_n(&l->due, &due, 0, false,
		    __ATOMIC_RELAXED, __ATOMIC_RELAXED); /* lock: clear */
	return true;
}

static void
lockclaim(Lock *l, uint32_t me, uint64_t rank)
{
	uint32_t due = __atomic_load_n(&l->due, __ATOMIC_RELAXED);
	uint32_t mine = (uint32_t)rank << DUEBITS | me;

	if (mine >> DUEBITS > due >> DUEBITS)
		__atomic_compare_exchange_n(&l->due, &due, mine, false,
		    __ATOMIC_RELAXED, __ATOMIC_RELAXED); /* lock: claim */
}

/* There is no use in waiting on: we claim it no more. */
static void
givenup(Lock *l, uint32_t me, uint32_t holder)
{
	uint32_t due = __atomic_load_n(&l->due, __ATOMIC_RELAXED);
	uintptr_t pc = __atomic_load_n(&l->pc, __ATOMIC_RELAXED);

	while (number(due) == me &&
	       !__atomic_compare_exchange_n(&l->due, &due, 0, false,
		   __ATOMIC_RELAXED, __ATOMIC_RELAXED)) /* lock: unclaim */
		;
	if (holder == 0)
		panic("%p is free, and CPU %d due", (const void *)l,
		    (int)number(due) - 1);
	panic("%p is held by CPU %u, which took it at %#jx%s", (const void *)l,
	    (unsigned)holder - 1, (uintmax_t)pc,
	    mategone(holder - 1) ? " and has stopped" : "");
}

/* Did this one stop with the lock? What it did before is seen once it is. */
static bool
stoppedwith(const Lock *l, uint32_t holder)
{
	return holder != 0 && mategone(holder - 1) && /* lock: gone */
	       __atomic_load_n(&l->holder, __ATOMIC_RELAXED) ==
		   holder; /* lock: again */
}

static void
lockwait(Lock *l, uint32_t me)
{
	Patience p = {.last = 0};

	do {
		uint32_t h = __atomic_load_n(
		    &l->holder, __ATOMIC_RELAXED); /* lock: see */

		if (h == me)
			panic("%p is held already", (void *)l);
		uint64_t us = rest(&p);
		if (us >= PATIENCEUS || (stoppedwith(l, h) && !stopasked()))
			givenup(l, me, h);
		uint64_t dues = sofar(&p) / DUEUS;
		lockclaim(l, me, MIN(dues, (uint64_t)MOSTRANK));
	} while (!locktake(l, me));
}

void
lock(Lock *l)
{
	uint32_t me = (uint32_t)cpunumber() + 1;

	if (!locktake(l, me))
		lockwait(l, me);
	__atomic_store_n(
	    &l->pc, callerpc(), __ATOMIC_RELAXED); /* lock: where */
}

bool
canlock(Lock *l)
{
	if (!locktake(l, (uint32_t)cpunumber() + 1))
		return false;
	__atomic_store_n(&l->pc, callerpc(), __ATOMIC_RELAXED);
	return true;
}

/* Whoever asked for a barrier meanwhile need not wait for more. */
void
unlock(Lock *l)
{
	uint32_t h = __atomic_load_n(&l->holder, __ATOMIC_RELAXED);

	if (h != cpunumber() + 1)
		panic("%p is held by CPU %d", (void *)l, (int)h - 1);
	__atomic_store_n(&l->pc, 0, __ATOMIC_RELAXED);     /* lock: nowhere */
	__atomic_store_n(&l->holder, 0, __ATOMIC_RELEASE); /* lock: free */
	barrieranswer();
}
