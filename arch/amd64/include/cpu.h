/*
 * cpu.h - what the processor can do, and the state mem9 puts it in.
 */
#ifndef CPU_H
#define CPU_H

#include "space.h"

typedef struct Cpu Cpu;
typedef struct Cpuregs Cpuregs;

/* From CPUID; the same on every CPU of the machine. */
struct Cpu {
	char vendor[13];
	char name[49];
	int physbits; /* width of a physical address */
	bool page1g;
	bool nx;
	bool pge;
	bool mtrr;
	bool pat;
	bool smep;
	bool smap;
	bool umip;
	bool sse;
	bool mce;
	bool mca; /* and the banks that say what went wrong */
	bool apic;
	bool hypervisor; /* it is played by one */
	bool clflush;
	bool clzero;
	bool rdrand;
	bool rdseed;
};

extern Cpu cpu;

/* Fill cpu from CPUID. No other state is touched. */
void cpuidentify(void);

/*
 * Can this CPU halt until a line is written to? Firmware may have switched that
 * off on some; a hypervisor's goes round, and takes the core from who works.
 */
bool cpumwait(void);

/* The id that this CPU's local APIC had when it was switched on. */
uint32_t cpuapicid(void);

/* What page tables may hold on this CPU. Needs cpuidentify(). */
Limits cpulimits(void);

/* How the local APIC is spoken to: not, not, at its address, by MSRs. */
enum apic { APICNONE, APICOFF, APICX, APICX2 };

/* The registers that firmware leaves in any state and mem9 sets. */
struct Cpuregs {
	uint64_t cr0;
	uint64_t cr4;    /* for loading CR3: no PGE, PCIDE or CET */
	uint64_t cr4run; /* once mem9 stands on its own tables */
	uint64_t efer;
	uint64_t apicbase; /* IA32_APIC_BASE; 0 if there is no local APIC */
	enum apic apic;    /* not needed in what cpuregs() is given */
};

/*
 * The registers mem9 runs with on a CPU that can do c and that firmware left
 * with was; they are loaded in the order of cpuregs.c. Pure. Kept are
 * only LA57, which cannot be changed in long mode, VMXE and SMXE, which VMX
 * operation forbids to clear, and the mode of the local APIC, as x2APIC cannot
 * be left but by switching it off; everything else is set, not edited.
 */
Cpuregs cpuregs(const Cpu *c, const Cpuregs *was);

/* 64 random bits of the CPU's own; false if it has none. */
bool cpurandom(uint64_t *v);

/* v, which may be anything, has a part in what truerand (hooks.h) returns. */
void chanceadd(uint64_t v);

/* Those registers as they are. Needs cpuidentify(). */
Cpuregs cpuregsnow(void);

/*
 * Make PTEWB, PTEWC and PTEUC (mem.h) mean what they say; and IA32_PAT as it
 * is, or as a CPU without it works.
 */
void patinit(void);
uint64_t patnow(void);

/* What was stored until now leaves the CPU, write-combined or not. */
void storefence(void);

/* Time stamp counter now, and its rate as firmware's clock showed it. */
uint64_t cycles(void);

/* The same, after all that comes before and before all that comes after. */
uint64_t cyclesnow(void);

#endif
