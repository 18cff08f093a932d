/*
 * peers.h - the CPUs to each other: who runs, and what they ask. No
 * instruction; the protocols, and why they hold, are in peers.c, work.c,
 * stop.c.
 */
#ifndef PEERS_H
#define PEERS_H

#include "backtrace.h"
#include "cpulist.h"

typedef struct Peer Peer;

enum peerat {
	PEERABSENT, /* it has not come yet */
	PEERIDLE,   /* halted, or about to: it touches nothing of mm/'s */
	PEERBUSY,   /* at work */
	PEERGONE,   /* it does nothing for us any more; for good */
};

/* Changed by several CPUs, so by atomic operations only. All zero at first. */
struct Peer {
	_Alignas(128) uint32_t at; /* enum peerat */
	uint32_t id;     /* by which it is called: set before it comes */
	uint64_t passed; /* the last barrier that it has passed */

	/* What it is to do: CPU 0 counts asked up, it counts done up. */
	void (*fn)(void *arg);
	void *arg;
	uint32_t asked;
	uint32_t done;

	/* Where it was when it was stopped: set before stopped is. */
	uint32_t stopped; /* enum stopped */
	uint32_t was;     /* enum peerat, before that */
	Context where;

	/* Its wait for memory: its own. */
	uint64_t hopeless; /* microseconds, without an end */
	uint64_t hoped;    /* when, in cycles */
};

enum stopped { NOTSTOPPED, BYNMI, TOOLATE, DEAF, REPORTED };

/* A CPU more, of the next number, before it is called. CPU 0 is there. */
void peeradd(Peer *p);
Peer *peerof(size_t n);
size_t npeers(void);

/* From ABSENT to IDLE; by the CPU itself. False if it is gone. */
bool peercome(void);

/* It is not waited for any more, whatever it does; if it comes, it halts. */
void peerleft(size_t n);
bool peergone(size_t n);

/* But CPU 0 goes on, from the start of its stack. */
void peerback(void);

/* Does another CPU run? */
bool peersbusy(void);

/* What all others asked of this CPU until now; anywhere, any time. */
void barrieranswer(void);

/* IDLE to BUSY and back; by the CPU itself. False if it is gone. */
bool peerbusy(Peer *me);
bool peeridle(Peer *me);

/*
 * Something to do for a CPU that is idle; is it done? By CPU 0. And the CPU's
 * own side: false if there is nothing to do, and it may halt until it is woken.
 */
void workgive(size_t n, void (*fn)(void *), void *arg);
bool workdone(size_t n);
bool workawait(size_t n, uint64_t us);
bool work(void);

/* Hooks: a CPU that halts goes on; one that does not is interrupted. */
void peerwake(const Peer *p);
void peernmi(const Peer *p);

/* Hook: what this CPU keeps of page tables is read again. */
void droptranslations(void);

/* Hook: fn(arg), and this CPU may be woken meanwhile. */
void runopen(void (*fn)(void *), void *arg);

#endif
