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
	uint64_t cr4 = getcr4();
	Space live = spacelive();

	if (spacesameupper(s, &live)) {
		putcr3(spacetop(s));
		return;
	}
	putcr4(cr4 & ~CR4PGE);
	putcr3(spacetop(s));
	putcr4(cr4);
}

Space
spacelive(void)
{
	Space live = {.limits = cpulimits()};

	spaceadopt(&live, PTEADDR(getcr3()));
	return live;
}
