/*
 * mates.h - the CPUs to each other: who runs, and what they ask. No
 * instruction; the protocols, and why they hold, are in mates.c, work.c,
 * stop.c.
 */
#ifndef MATES_H
#define MATES_H

#include "backtrace.h"
#include "cpulist.h"

typedef struct Mate Mate;

enum mateat {
	MATEABSENT, /* it has not come yet */
	MATEIDLE,   /* halted, or about to: it touches nothing of mm/'s */
	MATEBUSY,   /* at work */
	MATEGONE,   /* it does nothing for us any more; for good */
};

/* Changed by several CPUs, so by atomic operations only. All zero at first. */
struct Mate {
	_Alignas(128) uint32_t at; /* enum mateat */
	uint32_t id;     /* by which it is called: set before it comes */
	uint64_t passed; /* the last barrier that it has passed */

	/* Its time stamps are so far ahead of CPU 0's: set before it works. */
	int64_t ahead;

	/* What it is to do: CPU 0 counts asked up, it counts done up. */
	void (*fn)(void *arg);
	void *arg;
	uint32_t asked;
	uint32_t done;

	/* Where it was when it was stopped: set before stopped is. */
	uint32_t stopped; /* enum stopped */
	uint32_t nmi;     /* enum nmi: to stop it */
	uint32_t was;     /* enum mateat, before that */
	Context where;
};

enum stopped { NOTSTOPPED, BYNMI, TOOLATE, DEAF, REPORTED };
enum nmi { NONMI, NMISENT, NMICAME };

/* A CPU more, of the next number, before it is called. CPU 0 is there. */
void mateadd(Mate *p);
Mate *mateof(size_t n);
size_t nmates(void);

/* From ABSENT to IDLE; by the CPU itself. False if it is gone. */
bool matecome(void);

/* It is not waited for any more, whatever it does; if it comes, it halts. */
void mateleft(size_t n);
bool mategone(size_t n);

/* But CPU 0 goes on, from the start of its stack; it drops what others do. */
void mateback(void);

/* Does another CPU run? */
bool matesbusy(void);

/* What all others asked of this CPU until now; anywhere, any time. */
void barrieranswer(void);

/* IDLE to BUSY and back; by the CPU itself. False if it is gone. */
bool matebusy(Mate *me);
bool mateidle(Mate *me);

/*
 * Something to do for a CPU that is idle; is it done? By CPU 0. And the CPU's
 * own side: false if there is nothing to do, and it may halt until it is woken.
 */
void workgive(size_t n, void (*fn)(void *), void *arg);
bool workdone(size_t n);
bool workawait(size_t n, uint64_t us);
bool work(void);

/* Hooks: a CPU that halts goes on; one that does not is interrupted. */
void matewake(const Mate *p);
void matenmi(const Mate *p);

/* Hook: what this CPU keeps of page tables is read again. */
void droptranslations(void);

/* Hook: fn(arg), and this CPU may be woken meanwhile. */
void runopen(void (*fn)(void *), void *arg);

#endif
