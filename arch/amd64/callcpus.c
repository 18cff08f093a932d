/*
 * callcpus.c - the protocol by which parked CPUs are started; no instruction.
 *
 *	caller (CPU 0)				CPU
 *	--------------				---
 *	for each:
 *	  INIT, 10 ms				waits for a startup IPI
 *	  fate = CALLED
 *	  ticket = its number
 *	  startup IPI; again after 200 us
 *	  and every 100 ms			starts in the page
 *						takes the ticket: 0 stays there
 *						none: parks for good
 *						its number's stack, tables, ...
 *						CALLED -> HERE, or why not
 *	  until it is not CALLED any more, or
 *	  out of patience: takes the ticket
 *	  back, CALLED -> LATE			finds LATE: halts for good
 *
 * What holds:
 *
 *	A number is taken by one CPU at most, as an exchange takes it: no two
 *	are ever on one stack, even if a CPU whose time was up comes during the
 *	call of the next, or two know themselves by one id.
 *
 *	Fate leaves CALLED once, by whichever exchange comes first. So a CPU
 *	runs for us exactly if the caller counts it.
 *
 *	A CPU without a ticket parks in the page, at any time, as the page stays
 *	as it is; no caller is needed for it.
 *
 *	One that is HERE and starts in the page again has lost all it was at: it
 *	leaves its id there, and calledtwice finds it.
 *
 * SDM volume 3A, 9.4.4.1: INIT, 10 ms, startup IPI, 200 us, startup IPI. A
 * startup IPI is lost on a CPU that is not waiting for one, and now and then on
 * one that is. Those that do not come take half of the patience that is left
 * each, but for a least, so that they cannot use it up for those behind them:
 * who has not been called yet is still parked, and safe.
 */
#include "callcpus.h"
#include "apic.h"
#include "hooks.h"
#include "patience.h"

enum {
	INITUS = 10000,
	STARTUS = 200,
	LEASTUS = 100000,
	ALLUS = 20000000, /* half of it for the first */
};

enum fate
callfate(const Callee *c)
{
	return (enum fate)__atomic_load_n(&c->fate, __ATOMIC_ACQUIRE);
}

/* False if it is not what it was any more. */
static bool
turn(Callee *c, enum fate from, enum fate to)
{
	uint32_t was = from;

	return __atomic_compare_exchange_n(&c->fate, &was, (uint32_t)to, false,
	    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

bool
callanswer(Callee *c, uint32_t id, bool alike)
{
	if (id == c->id && alike)
		return turn(c, FCALLED, FHERE); /* call: answer */
	__atomic_store_n(&c->came, id, __ATOMIC_RELAXED);
	turn(c, FCALLED, id == c->id ? FUNLIKE : FSTRANGE);
	return false;
}

/* Returns how long it took, about. */
static uint64_t
await(const Callee *c, uint32_t start, uint64_t patience)
{
	uint64_t us = 0;

	apicsend(c->id, start); /* call: send */
	for (; us < patience && callfate(c) == FCALLED; us += STARTUS) {
		pausefor(STARTUS);
		if (us % AGAINUS == 0 && callfate(c) == FCALLED)
			apicsend(c->id, start);
	}
	return us;
}

/* Returns how much of the patience is left. */
static uint64_t
callone(Callee *c, uint32_t number, uint32_t *ticket, uint32_t start,
    uint64_t patience)
{
	apicsend(c->id, IPIINIT); /* call: init */
	pausefor(INITUS);
	/* call: called */
	__atomic_store_n(&c->fate, FCALLED, __ATOMIC_RELAXED);
	__atomic_store_n(ticket, number, __ATOMIC_RELEASE); /* call: ticket */
	uint64_t us = await(c, start, MAX(patience / 2, (uint64_t)LEASTUS));
	__atomic_exchange_n(ticket, 0, __ATOMIC_ACQ_REL); /* call: back */
	turn(c, FCALLED, FLATE);                          /* call: late */
	if (callfate(c) == FHERE)
		return patience;
	return patience - MIN(us, patience);
}

size_t
callcpus(Callee *const *callees, size_t n, uint32_t *ticket, uint32_t page)
{
	uint64_t patience = ALLUS;
	size_t here = 0;

	for (size_t i = 0; i < n; i++) {
		patience = callone(callees[i], (uint32_t)i + 1, ticket,
		    IPISTART | page, patience);
		here += callfate(callees[i]) == FHERE;
	}
	return here;
}

size_t
calledtwice(Callee *const *callees, size_t n, const uint32_t *ids, size_t nids)
{
	size_t twice = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < nids; k++)
			if (ids[k] == callees[i]->startid)
				/* call: twice */
				twice += turn(callees[i], FHERE, FTWICE);
	return twice;
}
