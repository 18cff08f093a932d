/*
 * stop.c - stopping on a panic: one reports, all others are shown. See stop.h.
 *
 *	first to come			the others
 *	-------------			----------
 *	stopothers: stopper 0 -> it
 *	NMI to each that runs		stopnow: where, GONE, stopped
 *	waits until all have stopped,	(one that panics itself: the same, by
 *	for a bounded time		stopothers)
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
 * an NMI's handler, or in firmware's, may not hear it: it is shown as that, and
 * is GONE too. CPUs that have not come yet are sent none: on their way it would
 * be a reset (parking.S).
 *
 * The steps that a model of this has: stopothers, stopnow, stopended.
 */
#include "stop.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "mates.h"
#include "patience.h"

enum { PATIENCEUS = 5000000 };

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

	return r != 0 && r != cpunumber() + 1;
}

static enum stopped
stoppedof(const Mate *p)
{
	return (enum stopped)__atomic_load_n(&p->stopped, __ATOMIC_ACQUIRE);
}

/* Where it is; from here on nobody waits for it. */
static void
leave(size_t n, Context where, enum stopped how)
{
	Mate *p = mateof(n);

	if (where.pc == 0)
		unwind(&where);
	p->was = __atomic_load_n(&p->at, __ATOMIC_RELAXED);
	p->where = where;
	mateleft(n);
	__atomic_store_n(&p->stopped, (uint32_t)how, __ATOMIC_RELEASE);
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
	if (stoppedof(mateof(cpunumber())) != NOTSTOPPED)
		return false;
	leave(cpunumber(), where, BYNMI);
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
	Patience patience = {.last = 0};
	uint64_t us = 0;

	for (size_t i = 0; i < nmates(); i++)
		if (i != me && runs(mateof(i)))
			matenmi(mateof(i));
	for (size_t i = 0; i < nmates(); i++)
		while (i != me && runs(mateof(i))) {
			if (us < PATIENCEUS)
				us = waited(&patience);
			else
				leave(i, (Context){.pc = 0}, DEAF);
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
	leave(me, where, TOOLATE);
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
	leave(cpunumber(), reported, REPORTED);
	__atomic_store_n(&stopper, 1, __ATOMIC_RELEASE);
}
