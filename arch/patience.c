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
#include "cpus.h"
#include "halt.h"
#include "mates.h"

/* A clock that firmware showed to be slower than any is not believed. */
static uint64_t
perms(void)
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
		p->spent += MIN(now - p->last, perms());
	p->last = now;
	relax();
	return p->spent / (perms() / 1000);
}

/* By CPU 0's time stamps: what one CPU sets, another one waits for. */
uint64_t
clockus(void)
{
	uint64_t ahead = (uint64_t)mateof(cpunumber())->ahead;

	return (cycles() - ahead) / (perms() / 1000);
}

uint64_t
clockms(void)
{
	return clockus() / 1000;
}

void
pausefor(uint64_t us)
{
	uint64_t start = cycles();

	while (cycles() - start < perms() / 1000 * us)
		relax();
}

uint64_t
sofar(const Patience *p)
{
	return (p->last - p->first) / (perms() / 1000);
}
