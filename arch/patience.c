/*
 * patience.c - see patience.h; rest() is mates.c's.
 *
 * Between two looks at the clock lies little more than a pause. Where it was
 * much more, this CPU did not run (a host's scheduler, firmware's system
 * management), and so perhaps the one that is waited for did not either.
 */
#include "patience.h"
#include "bootinfo.h"
#include "cpu.h"
#include "halt.h"

/* A clock that firmware showed to be slower than any is not believed. */
uint64_t
ticksperms(void)
{
	return MAX(bootinfo->tschz, 1000000000) / 1000;
}

uint64_t
waited(Patience *p)
{
	uint64_t now = cycles();

	if (p->last == 0)
		p->first = now;
	else
		p->spent += MIN(now - p->last, ticksperms());
	p->last = now;
	relax();
	return p->spent / (ticksperms() / 1000);
}

uint64_t
clockus(void)
{
	return cycles() / (ticksperms() / 1000);
}

void
pausefor(uint64_t us)
{
	uint64_t start = cycles();

	while (cycles() - start < ticksperms() / 1000 * us)
		relax();
}

uint64_t
sofar(const Patience *p)
{
	return (p->last - p->first) / (ticksperms() / 1000);
}
