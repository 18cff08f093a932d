/*
 * apic.h - the local APIC, as far as sending a CPU something goes.
 */
#ifndef APIC_H
#define APIC_H

#include "cpu.h"

/*
 * What can be sent; a startup IPI has the number of its page too, and a fixed
 * one is an interrupt of that vector.
 */
enum ipi {
	IPIFIXED = 0 << 8,
	IPINMI = 4 << 8,
	IPIINIT = 5 << 8,
	IPISTART = 6 << 8,
};

/*
 * The interrupt command of either mode. 0, which is no command, if that mode
 * has no way to name id. Pure.
 */
uint64_t ipicommand(enum apic mode, uint32_t id, uint32_t what);

/* How it is spoken to on this CPU. */
enum apic apicmodenow(void);

/*
 * Make it reachable; false if there is none, it is off, or no room for it. Once
 * more does nothing. Undo with apicclose, when no NMI is under way any more: it
 * would land there. After apickeep that does nothing.
 */
bool apicopen(void);
void apicclose(void);
void apickeep(void);

/* Vectors of our own: a CPU is woken; time; an interrupt was taken back. */
enum { WAKEVECTOR = 0x40, TIMERVECTOR = 0x41, SPURIOUSVECTOR = 0xff };

/*
 * On this CPU: let fixed ones in, which INIT has switched off; what came has
 * been seen to. Between the two.
 */
void apicon(void);
void apicdone(void);

/*
 * On this CPU: ready its timer; how many counts a millisecond is, 0 if it does
 * not count. From now on an interrupt after so many; 0: none. Between the two.
 */
uint32_t apictimerinit(void);
void apictimer(uint32_t count);

/* Our own id. Between the two. */
uint32_t apicid(void);

/*
 * Send something to the CPU of that id, ourselves too. Between the two. False
 * if it cannot be named, or does not get away in time.
 */
bool apicsend(uint32_t id, uint32_t what);

#endif
