/*
 * peercall.c - what ../peers.h wants of this machine: IPIs, the TLB,
 * interrupts.
 *
 * Global translations are dropped too, as CR4.PGE goes off and on: SDM volume
 * 3A, 4.10.4.1.
 */
#include "../peers.h"
#include "apic.h"
#include "x86.h"

void
peerwake(const Peer *p)
{
	apicsend(p->id, IPIFIXED | WAKEVECTOR);
}

void
peernmi(const Peer *p)
{
	apicsend(p->id, IPINMI);
}

void
droptranslations(void)
{
	uint64_t cr4 = getcr4();

	putcr4(cr4 & ~CR4PGE);
	putcr3(getcr3());
	putcr4(cr4);
}

void
runopen(void (*fn)(void *), void *arg)
{
	spllo();
	fn(arg);
	splhi();
}
