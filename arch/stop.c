/*
 * stop.c - stopping on a panic: one reports, all others are shown. See stop.h.
 *
 *	first to come			the others
 *	-------------			----------
 *	stopothers: stopper 0 -> it
 *	NMI to each that runs		stopnow: where, stopped, GONE
 *	waits until those are GONE,	(one that panics itself: the same, by
 *	for a bounded time		stopothers)
 *	reports; stopshow: each one's	halt for good; CPU 0 waits
 *	where, or that it does not say
 *	CPU 0: stayup
 *	another: stopended:
 *	stopper it -> 0; halts		CPU 0 goes on: stayup
 *
 * stopper leaves 0 once, by an exchange, so one reports; whoever comes later,
 * by its own panic or by NMI, says where it is, then stopped, then GONE: so who
 * sees that it is GONE sees that it stopped, and where. It is said once: an NMI
 * that comes in the midst of it says all of it itself, and one that comes later
 * is nothing; on CPU 0 neither when the report has ended: it knows that it was
 * sent one.
 *
 * An NMI gets through whatever a CPU is at, and is not lost; but one that is in
 * an NMI's handler, or in firmware's, or does not run, may not hear it in time:
 * it is shown as that (DEAF), and is GONE too. It stops when it does hear it,
 * and is not shown again: so only a CPU itself writes where it is. CPUs that
 * have not come yet are sent none: on their way it would be a reset
 * (parking.S). They find nothing to do.
 *
 * Modelled in tests/protocol/stop.pml: its steps are named.
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

static enum nmi
nmiof(const Mate *p)
{
	return (enum nmi)__atomic_load_n(&p->nmi, __ATOMIC_ACQUIRE);
}

bool
stopasked(void) /* stop: asked */
{
	size_t me = cpunumber();
	uint32_t r = reporter();

	return r != 0 && (r != me + 1 || nmiof(mateof(me)) == NMISENT);
}

static enum stopped
stoppedof(const Mate *p)
{
	return (enum stopped)__atomic_load_n(&p->stopped, __ATOMIC_ACQUIRE);
}

/* How it stopped, unless that is known. From here on nobody waits for it. */
static void
gone(size_t n, enum stopped how)
{
	uint32_t not = NOTSTOPPED;

	__atomic_compare_exchange_n(&mateof(n)->stopped, &not, (uint32_t)how,
	    false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); /* stop: said */
	mateleft(n);                                    /* stop: gone */
}

static void
leave(Context where, enum stopped how)
{
	size_t me = cpunumber();
	Mate *p = mateof(me);

	if (where.pc == 0)
		unwind(&where);
	p->was = __atomic_load_n(&p->at, __ATOMIC_RELAXED);
	p->where = where; /* stop: where */
	gone(me, how);
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
	mateback(); /* stop: back */
}

bool
stopnow(Context where)
{
	Mate *me = mateof(cpunumber());
	enum stopped is = stoppedof(me); /* stop: now */

	__atomic_exchange_n(&me->nmi, NMICAME, __ATOMIC_ACQ_REL);
	if (is != NOTSTOPPED && is != DEAF)
		return false;
	leave(where, BYNMI);
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

	for (size_t i = 0; i < n; i++) {
		Mate *p = mateof(i);

		if (i != me && runs(p)) {
			__atomic_exchange_n(&p->nmi, NMISENT, __ATOMIC_SEQ_CST);
			matenmi(p); /* stop: send */
		}
	}
	for (size_t i = 0; i < n; i++)
		while (nmiof(mateof(i)) != NONMI &&
		       runs(mateof(i))) { /* stop: await */
			if (us < STOPUS)
				us = waited(&patience);
			else
				gone(i, DEAF); /* stop: deaf */
		}
}

/* CPU 0 reports something itself, before the NMI of a report that has ended. */
static void
ownreport(Mate *me)
{
	if (stoppedof(me) != DEAF)
		return;
	__atomic_store_n(&me->stopped, REPORTED, __ATOMIC_RELEASE);
	mateback();
}

bool
stopothers(Context where)
{
	size_t me = cpunumber();
	uint32_t nobody = 0;

	if (stopmine()) { /* stop: own */
		ownreport(mateof(me));
		return true; /* what it reports may be about its report */
	}
	if (__atomic_compare_exchange_n(&stopper, &nobody, (uint32_t)me + 1,
		false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) { /* stop: first */
		reported = where;
		stopall(me);
		return true;
	}
	leave(where, TOOLATE);
	stay();
	return false;
}

static void
show(size_t n, const Mate *p)
{
	static const char *const hows[] = {
	    [BYNMI] = "was at work", [TOOLATE] = "stopped by itself"};
	enum stopped how = stoppedof(p);

	if (how == NOTSTOPPED || how == DEAF) {
		print("CPU %zu %s\n", n,
		    how == DEAF ? "does not answer an NMI" : "had gone before");
		return;
	}
	const Context c = p->where;
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
			show(i, mateof(i)); /* stop: show */
}

void
stopended(void)
{
	leave(reported, REPORTED);
	__atomic_store_n(&stopper, 1, __ATOMIC_RELEASE); /* stop: ended */
}
