/*
 * cpu.c - CPUID read once, and the registers that no other file has.
 *
 * CPUID leaves: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
 */
#include "cpu.h"
#include "guest.h"
#include "halt.h"
#include "hooks.h"
#include "mmu.h"
#include "x86.h"

Cpu cpu;

enum { PHYSBITSDEFAULT = 36, PHYSBITSMAX = 52 };

static bool
bit(uint32_t word, int n)
{
	return word >> n & 1;
}

static void
features(Cpu *c, uint32_t maxleaf)
{
	Cpuid f1 = cpuid(1, 0);

	c->mce = bit(f1.d, 7);
	c->apic = bit(f1.d, 9);
	c->mtrr = bit(f1.d, 12);
	c->pge = bit(f1.d, 13);
	c->mca = bit(f1.d, 14);
	c->pat = bit(f1.d, 16);
	c->clflush = bit(f1.d, 19);
	c->sse = bit(f1.d, 24) && bit(f1.d, 25);
	c->rdrand = bit(f1.c, 30);
	c->hypervisor = bit(f1.c, 31);
	if (maxleaf >= 7) {
		Cpuid f7 = cpuid(7, 0);

		c->smep = bit(f7.b, 7);
		c->rdseed = bit(f7.b, 18);
		c->smap = bit(f7.b, 20);
		c->umip = bit(f7.c, 2);
	}
}

static void
extended(Cpu *c)
{
	uint32_t maxleaf = cpuid(0x80000000, 0).a;

	c->physbits = PHYSBITSDEFAULT;
	if (maxleaf >= 0x80000001) {
		Cpuid x1 = cpuid(0x80000001, 0);

		c->nx = bit(x1.d, 20);
		c->page1g = bit(x1.d, 26);
	}
	for (uint32_t i = 0; i < 3 && maxleaf >= 0x80000004; i++) {
		Cpuid n = cpuid(0x80000002 + i, 0);

		memcpy(c->name + 16 * i, &n, sizeof n);
	}
	if (maxleaf >= 0x80000008) {
		uint32_t width = cpuid(0x80000008, 0).a;

		c->clzero = bit(cpuid(0x80000008, 0).b, 0);
		if ((width & 0xff) != 0)
			c->physbits = MIN((int)(width & 0xff), PHYSBITSMAX);
	}
}

void
cpuidentify(void)
{
	Cpuid id = cpuid(0, 0);

	memset(&cpu, 0, sizeof cpu);
	memcpy(cpu.vendor + 0, &id.b, 4);
	memcpy(cpu.vendor + 4, &id.d, 4);
	memcpy(cpu.vendor + 8, &id.c, 4);
	features(&cpu, id.a);
	extended(&cpu);
}

/* Leaf 0xb has all of it, where there is one: SDM volume 3A, 9.4.5. */
bool
cpumwait(void)
{
	return bit(cpuid(1, 0).c, 3) && !cpu.hypervisor;
}

uint32_t
cpuapicid(void)
{
	if (cpuid(0, 0).a >= 0xb && cpuid(0xb, 0).b != 0)
		return cpuid(0xb, 0).d;
	return cpuid(1, 0).b >> 24;
}

Limits
cpulimits(void)
{
	return (Limits){
	    .levels = getcr4() & CR4LA57 ? 5 : 4,
	    .maxlevel = cpu.page1g ? 2 : 1,
	    .forbidden = cpu.nx ? 0 : PTENOEXEC,
	    .physbits = cpu.physbits,
	};
}

Cpuregs
cpuregsnow(void)
{
	return (Cpuregs){
	    .cr0 = getcr0(),
	    .cr4 = getcr4(),
	    .efer = rdmsr(MSREFER),
	    .apicbase = cpu.apic ? rdmsr(MSRAPICBASE) : 0,
	};
}

/* WB, WC, UC-, UC, twice, as mem.h has it. SDM volume 3A, 11.12.4. */
#define PATVALUE 0x0007010600070106ull

/* WB, WT, UC-, UC: at power on, and where there is no PAT. */
#define PATRESET 0x0007040600070406ull

void
patinit(void)
{
	if (cpu.pat)
		wrmsr(MSRPAT, PATVALUE);
}

uint64_t
patnow(void)
{
	return cpu.pat ? rdmsr(MSRPAT) : PATRESET;
}

/*
 * It may have none for a moment: SDM volume 1, 7.3.17 says try ten times. All
 * ones is what some broken ones say each time, and with success.
 */
bool
cpurandom(uint64_t *v)
{
	for (int i = 0; i < 10 && (cpu.rdrand || cpu.rdseed); i++)
		if (((cpu.rdseed && rdseed(v)) || (cpu.rdrand && rdrand(v))) &&
		    *v != UINT64_MAX)
			return true;
	return false;
}

void
storefence(void)
{
	sfence();
}

uint64_t
cycles(void)
{
	return rdtsc();
}

uint64_t
cyclesnow(void)
{
	lfence();
	uint64_t t = rdtsc();

	lfence();
	return t;
}

void
flushva(uintptr_t va)
{
	invlpg(va);
}

void
relax(void)
{
	pause();
}

void
haltforever(void)
{
	splhi();
	for (;;)
		halt();
}

static Leaf4
readleaf(uint32_t leaf)
{
	Cpuid r = cpuid(leaf, 0);

	return (Leaf4){r.a, r.b, r.c, r.d};
}

static uint64_t
readmsr(uint32_t msr)
{
	return rdmsr(msr);
}

enum guest
guest(void)
{
	return guestkind(readleaf, readmsr);
}
