/*
 * apic.c - the local APIC, in whichever of its two modes firmware left it.
 *
 * xAPIC: registers in memory; x2APIC: the same as MSRs. It cannot go back from
 * the second without being switched off, so mem9 leaves the mode alone. Intel
 * SDM volume 3A, 11.4.3, 11.6.1 (interrupt command register), 11.12.
 */
#include "apic.h"
#include "hooks.h"
#include "mmu.h"
#include "patience.h"
#include "stage.h"
#include "x86.h"

enum {
	ID = 0x20,
	EOI = 0xb0,
	SPURIOUS = 0xf0,
	SPURIOUSON = 1 << 8,
	ICRLOW = 0x300,
	ICRHIGH = 0x310,
	LVTTIMER = 0x320,
	LVTLINT0 = 0x350,
	LVTMASKED = 1 << 16,
	TIMERCOUNT = 0x380,
	TIMERNOW = 0x390,
	TIMERDIVIDE = 0x3e0,
	BY16 = 3,
	TPR = 0x80,
	ICRBUSY = 1 << 12, /* not sent yet; x2APIC has no such bit */
	IDSHIFT = 24,
	MSRX2ID = 0x802,
	MSRX2TPR = 0x808,
	MSRX2EOI = 0x80b,
	MSRX2SPURIOUS = 0x80f,
	MSRX2ICR = 0x830,
	MSRX2TIMER = 0x832,
	MSRX2LINT0 = 0x835,
	MSRX2COUNT = 0x838,
	MSRX2NOW = 0x839,
	MSRX2DIVIDE = 0x83e,
	PATIENCE = 1000000,
	RATES = 3,
};

/* Before vmap can be asked, it is mapped here: see fb.c, which has its own. */
#define EARLY (VMAP + VMAPSIZE / 4)

static Cpuregs
now(void)
{
	Cpuregs was = cpuregsnow();

	return cpuregs(&cpu, &was);
}

enum apic
apicmodenow(void)
{
	return now().apic;
}

/*
 * The registers in memory, while it is open in that mode: each CPU finds its
 * own there. It stays open once other CPUs need it.
 */
static volatile uint32_t *regs;
static bool kept;

static void *
mapped(paddr_t pa)
{
	pte_t flags = PTEVALID | PTEWRITE | PTENOEXEC | PTEUC;

	if (stage >= SMMU)
		return vmap(pa, BY2PG, PTEUC);
	if (pmap(&kspace, EARLY, pa | mmuallowed(&kspace, flags), BY2PG) < 0)
		return NULL;
	return (void *)EARLY;
}

static void
unmap(void *p)
{
	if ((uintptr_t)p != EARLY)
		vunmap(p, BY2PG);
	else if (punmap(&kspace, EARLY, BY2PG) < 0)
		panic("the local APIC stays mapped");
}

bool
apicopen(void)
{
	Cpuregs r = now();

	if (r.apic == APICX && regs == NULL)
		regs = mapped(PTEADDR(r.apicbase));
	return r.apic == APICX2 || regs != NULL;
}

void
apicclose(void)
{
	if (kept)
		return;
	if (regs != NULL)
		unmap((void *)regs);
	regs = NULL;
}

void
apickeep(void)
{
	kept = true;
}

static void
put(uint32_t reg, uint32_t msr, uint32_t v)
{
	if (regs != NULL)
		regs[reg / 4] = v;
	else
		wrmsr(msr, v);
}

void
apicon(void)
{
	put(SPURIOUS, MSRX2SPURIOUS, SPURIOUSON | SPURIOUSVECTOR);
}

void
apicdone(void)
{
	put(EOI, MSRX2EOI, 0);
}

/* How far the timer counts down in a millisecond of the clock. */
static uint32_t
timerrate(void)
{
	uint64_t start = clockus();

	put(TIMERCOUNT, MSRX2COUNT, UINT32_MAX);
	pausefor(1000);
	uint32_t left =
	    regs != NULL ? regs[TIMERNOW / 4] : (uint32_t)rdmsr(MSRX2NOW);
	uint64_t us = clockus() - start;

	put(TIMERCOUNT, MSRX2COUNT, 0);
	return (uint32_t)((uint64_t)(UINT32_MAX - left) * 1000 / MAX(us, 1ull));
}

/*
 * No PIC interrupts, and none is too unimportant. A virtual CPU may not run
 * between a look at the clock and one at the timer: that makes a rate too low,
 * and the highest of some is taken.
 */
uint32_t
apictimerinit(void)
{
	uint32_t rate = 0;

	apicon();
	put(TPR, MSRX2TPR, 0);
	put(LVTLINT0, MSRX2LINT0, LVTMASKED);
	put(LVTTIMER, MSRX2TIMER, LVTMASKED | TIMERVECTOR);
	put(TIMERDIVIDE, MSRX2DIVIDE, BY16);
	for (int i = 0; i < RATES; i++) {
		uint32_t r = timerrate();

		rate = MAX(rate, r);
	}
	put(LVTTIMER, MSRX2TIMER, TIMERVECTOR);
	return rate;
}

void
apictimer(uint32_t count)
{
	put(TIMERCOUNT, MSRX2COUNT, count);
}

uint32_t
apicid(void)
{
	if (regs == NULL)
		return (uint32_t)rdmsr(MSRX2ID);
	return regs[ID / 4] >> IDSHIFT;
}

/* The higher half first: storing the lower one sends it. */
static bool
sendx(uint64_t command)
{
	regs[ICRHIGH / 4] = (uint32_t)(command >> 32);
	regs[ICRLOW / 4] = (uint32_t)command;
	for (int i = 0; i < PATIENCE; i++)
		if ((regs[ICRLOW / 4] & ICRBUSY) == 0)
			return true;
	return false;
}

bool
apicsend(uint32_t id, uint32_t what)
{
	enum apic mode = regs != NULL ? APICX : APICX2;
	uint64_t command = ipicommand(mode, id, what);

	if (command == 0)
		return false;
	if (mode == APICX)
		return sendx(command);
	/* It would not wait for our stores: SDM volume 3A, 10.12.3. */
	mfence();
	lfence();
	wrmsr(MSRX2ICR, command);
	return true;
}
