/*
 * stop.c - stopping on a panic: one reports, all others are shown. See stop.h.
 *
 *	first to come			the others
 *	-------------			----------
 *	stopothers: stopper 0 -> it
 *	told, NMI to each that runs	stopnow: where, GONE, stopped
 *	waits until all those have	(one that panics itself: the same, by
 *	stopped, for a bounded time	stopothers)
 *	reports; stopshow: each one's	halt for good; CPU 0 waits
 *	where, or that it does not say
 *	CPU 0: stayup
 *	another: stopended:
 *	stopper it -> 0; halts		CPU 0 goes on: stayup
 *
 * stopper leaves 0 once, by an exchange, so one reports; whoever comes later,
 * by its own panic or by NMI, says where it is, then stopped: so who sees that
 * it stopped sees where. It is said once: an NMI that comes in the midst of it
 * says all of it itself, and one that comes later is nothing.
 *
 * An NMI gets through whatever a CPU is at, and is not lost; but one that is in
 * an NMI's handler, or in firmware's, may not hear it in time: it is shown as
 * that, DEAF, and is GONE too. If it hears it later, it stops then. stopped
 * leaves 0 once, by an exchange, of the two sides.
 *
 * CPUs that have not come yet are sent none: on their way it would be a reset
 * (parking.S). They find nothing to do.
 *
 * The steps that a model of this has: stopothers, stopnow, stopended.
 */
#include "stop.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "mates.h"
#include "patience.h"

enum { STOPUS = 5000000 };

static uint32_t stopper; /* its number + 1 */
static Context reported; /* where it is */
static bool shown;

static uint32_t
reporter(void)
{
	return __atomic_load_n(&stopper, __ATOMIC_ACQUIRE);
}

bool
stopmine(void)
{
	return reporter() == cpunumber() + 1;
}

bool
stopasked(void)
{
	uint32_t r = reporter();
	size_t me = cpunumber();

	return r != 0 && (r != me + 1 || mategone(me));
}

static enum stopped
stoppedof(const Mate *p)
{
	return (enum stopped)__atomic_load_n(&p->stopped, __ATOMIC_ACQUIRE);
}

/* From here on nobody waits for it; false if it had stopped before. */
static bool
leave(size_t n, enum stopped how)
{
	Mate *p = mateof(n);
	uint32_t not = NOTSTOPPED;

	mateleft(n);
	return __atomic_compare_exchange_n(&p->stopped, &not, (uint32_t)how,
	    false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* This CPU stops, and says where it was; false if it had been given up. */
static bool
leaveat(Context where, enum stopped how)
{
	size_t me = cpunumber();
	Mate *p = mateof(me);

	if (where.pc == 0)
		unwind(&where);
	if (!mategone(me))
		p->was = __atomic_load_n(&p->at, __ATOMIC_RELAXED);
	p->where = where;
	return leave(me, how);
}

/* For good; but CPU 0 goes on after the report. */
static void
stay(void)
{
	Patience p = {.last = 0};

	if (cpunumber() != 0)
		haltforever();
	while (!stopmine())
		waited(&p);
	mateback();
}

bool
stopnow(Context where)
{
	enum stopped is = stoppedof(mateof(cpunumber()));

	if (is != NOTSTOPPED && is != DEAF)
		return false;
	leaveat(where, BYNMI);
	stay();
	return true;
}

static bool
runs(const Mate *p)
{
	uint32_t is = __atomic_load_n(&p->at, __ATOMIC_ACQUIRE);

	return is == MATEIDLE || is == MATEBUSY;
}

static void
stopall(size_t me)
{
	size_t n = nmates();
	Patience patience = {.last = 0};
	uint64_t us = 0;

	for (size_t i = 0; i < n; i++)
		if (i != me && runs(mateof(i))) {
			mateof(i)->told = 1;
			matenmi(mateof(i));
		}
	for (size_t i = 0; i < n; i++)
		while (mateof(i)->told != 0 &&
		       stoppedof(mateof(i)) == NOTSTOPPED) {
			if (us < STOPUS)
				us = waited(&patience);
			else
				leave(i, DEAF);
		}
}

bool
stopothers(Context where)
{
	size_t me = cpunumber();
	uint32_t nobody = 0;

	if (stopmine())
		return true; /* what it reports may be about its report */
	if (__atomic_compare_exchange_n(&stopper, &nobody, (uint32_t)me + 1,
		false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		reported = where;
		stopall(me);
		return true;
	}
	leaveat(where, TOOLATE);
	stay();
	return false;
}

static void
show(size_t n, const Mate *p)
{
	static const char *const hows[] = {
	    [BYNMI] = "was at work", [TOOLATE] = "stopped by itself"};
	const Context c = p->where;
	enum stopped how = stoppedof(p);

	if (how == NOTSTOPPED || how == DEAF) {
		print("CPU %zu %s\n", n,
		    how == DEAF ? "does not answer an NMI" : "had gone before");
		return;
	}
	print("CPU %zu %s at %#jx", n,
	    p->was == MATEIDLE ? "waited for work" : hows[how],
	    (uintmax_t)c.pc);
	pcprint(c.pc);
	print("\n");
	if (p->was != MATEIDLE)
		backtrace(c);
}

void
stopshow(void)
{
	if (shown || !stopmine())
		return;
	shown = true;
	for (size_t i = 0; i < nmates(); i++)
		if (i != cpunumber() && mategone(i))
			show(i, mateof(i));
}

void
stopended(void)
{
	leaveat(reported, REPORTED);
	__atomic_store_n(&stopper, 1, __ATOMIC_RELEASE);
}
