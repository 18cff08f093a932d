/*
 * mach.c - a CPU that is not the first: see mach.h; who starts it and gives it
 * work is startcpus.c.
 *
 * It comes with paging on, in the space that it was started in, which has the
 * kernel's upper half; the IDT is everybody's, all else that a trap needs its
 * own. It halts, and works, with interrupts on: the only one that comes wakes
 * it, and asks for what mates.c says. It looks for work with them off. Where it
 * can, it halts by MWAIT, and so begins as soon as it is asked; but it is the
 * interrupt that nothing is missed by, and translations are dropped at.
 */
#include "mach.h"
#include "apic.h"
#include "halt.h"
#include "hooks.h"
#include "mmu.h"
#include "x86.h"

/* VMXE and SMXE, which firmware may have left on here, are for no other CPU. */
Cpuregs
machregs(void)
{
	Cpuregs now = cpuregsnow();
	Cpuregs was = {.cr4 = now.cr4 & CR4LA57, .apicbase = now.apicbase};

	return cpuregs(&cpu, &was);
}

void
machread(Machregs *r)
{
	memset(r, 0, sizeof *r);
	r->regs = cpuregsnow();
	r->pat = patnow();
	r->mtrrsread = mtrrsread(&r->mtrrs);
}

Machregs regs0;

bool
samemtrrs(const Machregs *a, const Machregs *b)
{
	return a->mtrrsread == b->mtrrsread &&
	       memcmp(&a->mtrrs, &b->mtrrs, sizeof a->mtrrs) == 0;
}

/*
 * Read; the MTRRs made as CPU 0's if they are not, and read again. Are they
 * now? Memory that one CPU caches and another does not is two memories.
 */
static bool
compare(Mach *m)
{
	Mtrrs *mine = &m->regs.mtrrs;

	machread(&m->regs);
	m->deftype = mine->deftype;
	m->othermtrrs = !samemtrrs(&m->regs, &regs0);
	if (m->othermtrrs && m->regs.mtrrsread && regs0.mtrrsread &&
	    mine->cap == regs0.mtrrs.cap) {
		mtrrswrite(&regs0.mtrrs, mine);
		machread(&m->regs);
	}
	return samemtrrs(&m->regs, &regs0);
}

static void
waitasked(const Mate *me, bool mwait)
{
	if (mwait)
		mwaitonce(&me->asked);
	else
		haltonce();
}

void
machstart(Mach *m)
{
	descload(&m->desc, m->n);
	putcr4(machregs().cr4run);
	patinit();
	spaceenter(&kspace);
	apicon();
	m->callee.startid = cpuapicid();
	bool mwait = cpumwait();
	if (!callanswer(&m->callee, apicid(), compare(m)) || !matecome())
		haltforever();
	for (;;)
		if (!work())
			waitasked(&m->mate, mwait);
}
