/*
 * mates.c - who runs, and the barrier that all who run pass: cpubarrier().
 *
 *	asks			a CPU at work		a CPU that halts
 *	----			-------------		----------------
 *	unmaps, ...
 *	barrierask: wanted + 1
 *	for each: idle? nothing
 *	  busy: wakes it	barrieranswer:
 *	barrieranswer, itself	  reads wanted
 *	for each: waits until	  drops translations	matebusy: BUSY,
 *	  it is idle, or has	  passed = that		  then barrieranswer
 *	  passed that
 *	uses the addresses
 *	again
 *
 * One round serves all that was unmapped before, and all CPUs at once. It is
 * answered where a CPU waits for anything (rest()), where it lets a lock go,
 * and by interrupt where those are on: on all CPUs but the first, at work. The
 * answer takes no lock and touches nothing of mm/'s.
 *
 * A CPU that is idle is not asked. It is safe: wanted + 1 and BUSY are both
 * exchanges, each followed by a look at the other's word, in one order that all
 * see. So either the asker sees BUSY, and waits; or the CPU, before it touches
 * anything, sees the asker's number, and all that was stored before it, and
 * drops what it knew. While it is idle it runs the loop that it halts in, on
 * its own stack: text, stack and Mach, which are never unmapped. What it may
 * look up in advance is read only; tables of the kernel's half that it may look
 * through stay tables for good (mmu.c).
 *
 * passed only grows, by exchange, as an interrupt may answer in the midst of an
 * answer.
 *
 * Modelled in tests/protocol/shoot.pml: its steps are named.
 */
#include "mates.h"
#include "cpus.h"
#include "hooks.h"
#include "patience.h"

static Mate mate0 = {.at = MATEBUSY};
static Mate *mates[MOSTCPUS] = {&mate0};
static size_t count = 1;
static uint64_t wanted; /* barriers, ever */

Mate *
mateof(size_t n)
{
	return mates[n];
}

size_t
nmates(void)
{
	return __atomic_load_n(&count, __ATOMIC_ACQUIRE);
}

void
mateadd(Mate *p)
{
	mates[count] = p;
	__atomic_store_n(&count, count + 1, __ATOMIC_RELEASE);
}

static enum mateat
at(const Mate *p)
{
	return (enum mateat)__atomic_load_n(&p->at, __ATOMIC_SEQ_CST);
}

/* False if it is not what it was any more. */
static bool
turn(Mate *p, enum mateat from, enum mateat to)
{
	uint32_t was = from;

	return __atomic_compare_exchange_n(&p->at, &was, (uint32_t)to, false,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

bool
matecome(void)
{
	return turn(mates[cpunumber()], MATEABSENT, MATEIDLE);
}

void
mateleft(size_t n)
{
	__atomic_exchange_n(&mates[n]->at, MATEGONE, __ATOMIC_SEQ_CST);
}

void
mateback(void)
{
	__atomic_exchange_n(
	    &mate0.at, MATEBUSY, __ATOMIC_SEQ_CST); /* shoot: back */
	barrieranswer();
}

bool
mategone(size_t n)
{
	return at(mates[n]) == MATEGONE;
}

bool
matesbusy(void)
{
	size_t me = cpunumber();

	for (size_t i = 0, n = nmates(); i < n; i++)
		if (i != me && at(mates[i]) == MATEBUSY)
			return true;
	return false;
}

static uint64_t
barrierask(void)
{
	return __atomic_add_fetch(
	    &wanted, 1, __ATOMIC_SEQ_CST); /* shoot: ask */
}

static bool
barrierowes(const Mate *p, uint64_t barrier)
{
	return at(p) == MATEBUSY &&
	       __atomic_load_n(&p->passed, __ATOMIC_ACQUIRE) < barrier;
}

/* Another may be asked for while the last one is answered. */
void
barrieranswer(void)
{
	Mate *me = mates[cpunumber()];
	uint64_t passed = __atomic_load_n(&me->passed, __ATOMIC_RELAXED);
	uint64_t is;

	while (passed < (is = __atomic_load_n(
			     &wanted, __ATOMIC_SEQ_CST))) { /* shoot: read */
		droptranslations();                         /* shoot: drop */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_compare_exchange_n(&me->passed, &passed, is, false,
			__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) /* shoot: pass */
			passed = is;
	}
}

bool
matebusy(Mate *me)
{
	if (!turn(me, MATEIDLE, MATEBUSY)) /* shoot: busy */
		return false;
	barrieranswer();
	return true;
}

bool
mateidle(Mate *me)
{
	return turn(me, MATEBUSY, MATEIDLE); /* shoot: idle */
}

uint64_t
rest(Patience *p)
{
	barrieranswer();
	return waited(p);
}

/* CPU 0 keeps interrupts off: it looks by itself. */
static void
remind(size_t n)
{
	if (n != 0)
		matewake(mates[n]);
}

static void
barrierawait(size_t n, uint64_t barrier)
{
	Patience p = {.last = 0};
	uint64_t us = 0;

	for (uint64_t again = AGAINUS; barrierowes(mates[n], barrier);) {
		if ((us = rest(&p)) >= PATIENCEUS)
			panic("CPU %zu has not passed barrier %ju, but %ju", n,
			    (uintmax_t)barrier,
			    (uintmax_t)__atomic_load_n(
				&mates[n]->passed, __ATOMIC_RELAXED));
		if (us >= again) {
			remind(n);
			again += AGAINUS;
		}
	}
}

/* What another CPU unmapped, this one must drop too. */
void
cpubarrier(void)
{
	size_t me = cpunumber();
	size_t n = nmates();

	if (n == 1)
		return;
	uint64_t barrier = barrierask();
	for (size_t i = 0; i < n; i++)
		if (i != me && barrierowes(mates[i], barrier))
			remind(i); /* shoot: wake */
	barrieranswer();
	for (size_t i = 0; i < n; i++)
		if (i != me)
			barrierawait(i, barrier); /* shoot: await */
}
