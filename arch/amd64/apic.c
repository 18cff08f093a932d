/*
 * apic.c - the local APIC, in whichever of its two modes firmware left it.
 *
 * xAPIC: registers in memory; x2APIC: the same as MSRs. It cannot go back from
 * the second without being switched off, so mem9 leaves the mode alone. Intel
 * SDM volume 3A, 11.4.3, 11.6.1 (interrupt command register), 11.12.
 */
#include "apic.h"
#include "cpu.h"
#include "mmu.h"
#include "x86.h"

enum {
	ID = 0x20,
	ICRLOW = 0x300,
	ICRHIGH = 0x310,
	ICRNMI = 4 << 8, /* delivery mode; destination is an APIC id */
	ICRASSERT = 1 << 14,
	IDSHIFT = 24,
	MSRX2ID = 0x802,
	MSRX2ICR = 0x830,
};

static Cpuregs
now(void)
{
	Cpuregs was = cpuregsnow();

	return cpuregs(&cpu, &was);
}

/* The registers in memory, while it is open in that mode. */
static volatile uint32_t *regs;

bool
apicopen(void)
{
	Cpuregs r = now();

	if (r.apic == APICX && regs == NULL)
		regs = vmap(PTEADDR(r.apicbase), BY2PG, PTEUC);
	return r.apic == APICX2 || regs != NULL;
}

void
apicclose(void)
{
	if (regs != NULL)
		vunmap((void *)regs, BY2PG);
	regs = NULL;
}

void
apicnmi(void)
{
	if (regs == NULL) {
		uint64_t id = rdmsr(MSRX2ID);

		wrmsr(MSRX2ICR, id << 32 | ICRNMI | ICRASSERT);
		return;
	}
	regs[ICRHIGH / 4] = regs[ID / 4] >> IDSHIFT << IDSHIFT;
	regs[ICRLOW / 4] = ICRNMI | ICRASSERT;
}
