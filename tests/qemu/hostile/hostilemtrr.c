/*
 * hostilemtrr.c - memory type range registers as a careless firmware has them.
 *
 *	mtrrnone=		the variable ranges of the firmware are gone
 *	mtrrbase=  mtrrmask=	a variable range more, as the registers have it
 *	mtrrbase2= mtrrmask2=	and another
 *	mtrrdef=		MTRRdefType, if not 0
 *
 * The ranges go into the first registers that are not in use. QEMU keeps what
 * is written and does nothing else; on a real machine this is slow, no more.
 */
#include "hostile.h"

enum { MTRRCAP = 0xfe, VARIABLE = 0x200, DEFTYPE = 0x2ff, VALID = 1 << 11 };

static uint64_t
readmsr(uint32_t msr)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static void
writemsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile(
	    "wrmsr"
	    :
	    : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void
addrange(uint64_t base, uint64_t mask)
{
	uint32_t n = readmsr(MTRRCAP) & 0xff;

	for (uint32_t msr = VARIABLE; msr < VARIABLE + 2 * n; msr += 2) {
		if (readmsr(msr + 1) & VALID)
			continue;
		writemsr(msr, base);
		writemsr(msr + 1, mask);
		return;
	}
	say("no MTRR is free");
}

/* All of them; the registers are free then. */
static void
clearranges(void)
{
	uint32_t n = readmsr(MTRRCAP) & 0xff;

	for (uint32_t msr = VARIABLE; msr < VARIABLE + 2 * n; msr += 2)
		writemsr(msr + 1, 0);
}

void
spoilmtrrs(void)
{
	if (scenario.mtrrnone)
		clearranges();
	if (scenario.mtrrmask != 0)
		addrange(scenario.mtrrbase, scenario.mtrrmask);
	if (scenario.mtrrmask2 != 0)
		addrange(scenario.mtrrbase2, scenario.mtrrmask2);
	if (scenario.mtrrdef != 0)
		writemsr(DEFTYPE, scenario.mtrrdef);
}
