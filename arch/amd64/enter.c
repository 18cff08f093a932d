/*
 * enter.c - the registers that say which address space a CPU is in.
 *
 * A space whose kernel half is the one we stand on is entered by CR3 alone.
 * For another one PGE is off meanwhile, which drops the global translations of
 * the half we leave: SDM volume 3A, 4.10.4.1.
 */
#include "cpu.h"
#include "space.h"
#include "mmu.h"
#include "x86.h"

void
spaceenter(const Space *s)
{
	const size_t last = PTENTRIES - 1;
	uint64_t cr4 = getcr4();
	Space live;

	spacelive(&live);
	if (PTEADDR(s->top[last]) == PTEADDR(live.top[last])) {
		putcr3(spacetop(s));
		return;
	}
	putcr4(cr4 & ~CR4PGE);
	putcr3(spacetop(s));
	putcr4(cr4);
}

void
spacelive(Space *s)
{
	s->limits = cpulimits();
	spaceadopt(s, PTEADDR(getcr3()));
}
