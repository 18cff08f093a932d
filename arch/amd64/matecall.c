/*
 * matecall.c - what ../mates.h wants of this machine: IPIs, the TLB,
 * interrupts.
 *
 * Global translations are dropped too, as CR4.PGE goes off and on: SDM volume
 * 3A, 4.10.4.1.
 */
#include "../mates.h"
#include "apic.h"
#include "x86.h"

void
matewake(const Mate *p)
{
	apicsend(p->id, IPIFIXED | WAKEVECTOR);
}

void
matenmi(const Mate *p)
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
