/*
 * x86.h - the instructions C has no words for, one function each.
 *
 * Private to arch/amd64/. Instruction reference: Intel SDM volume 2.
 */
#ifndef X86_H
#define X86_H

#include "types.h"

/* Control register and EFER bits: SDM volume 3A, 2.5 and 2.2.1. */
#define CR0PE (1ull << 0)
#define CR0MP (1ull << 1)
#define CR0EM (1ull << 2)
#define CR0TS (1ull << 3)
#define CR0ET (1ull << 4)
#define CR0NE (1ull << 5)
#define CR0WP (1ull << 16)
#define CR0AM (1ull << 18)
#define CR0NW (1ull << 29)
#define CR0CD (1ull << 30)
#define CR0PG (1ull << 31)

#define CR4PAE (1ull << 5)
#define CR4MCE (1ull << 6)
#define CR4PGE (1ull << 7)
#define CR4OSFXSR (1ull << 9)
#define CR4OSXMMEXCPT (1ull << 10)
#define CR4UMIP (1ull << 11)
#define CR4LA57 (1ull << 12)
#define CR4VMXE (1ull << 13)
#define CR4SMXE (1ull << 14)
#define CR4PCIDE (1ull << 17)
#define CR4SMEP (1ull << 20)
#define CR4SMAP (1ull << 21)
#define CR4CET (1ull << 23)

#define EFERSCE (1ull << 0)
#define EFERLME (1ull << 8)
#define EFERLMA (1ull << 10)
#define EFERNXE (1ull << 11)

/* IA32_APIC_BASE: SDM volume 3A, 10.12.1. */
#define APICBSP (1ull << 8)
#define APICEXTD (1ull << 10)
#define APICEN (1ull << 11)

enum msr {
	MSRAPICBASE = 0x1b,
	MSRSYSENTERCS = 0x174,
	MSRPAT = 0x277,
	MSREFER = 0xc0000080,
	MSRSTAR = 0xc0000081,
	MSRLSTAR = 0xc0000082,
	MSRCSTAR = 0xc0000083,
	MSRSFMASK = 0xc0000084,
	MSRFSBASE = 0xc0000100,
	MSRGSBASE = 0xc0000101,
	MSRKERNELGSBASE = 0xc0000102,
};

static inline uint64_t
rdmsr(uint32_t msr)
{
	uint32_t lo = 0, hi = 0;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void
wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : "memory");
}

#define GETREG(reg)                                                            \
	static inline uint64_t get##reg(void)                                  \
	{                                                                      \
		uint64_t v = 0;                                                \
		__asm__ volatile("mov %%" #reg ", %0" : "=r"(v)::"memory");    \
		return v;                                                      \
	}
#define PUTREG(reg)                                                            \
	static inline void put##reg(uint64_t v)                                \
	{                                                                      \
		__asm__ volatile("mov %0, %%" #reg : : "r"(v) : "memory");     \
	}
GETREG(cr0)
GETREG(cr2)
GETREG(cr3)
GETREG(cr4)
PUTREG(cr0)
PUTREG(cr3)
PUTREG(cr4)
PUTREG(dr7)

#define DR7NONE 0x400ull /* no breakpoint */
#define FLAGIF 0x200ull  /* interrupts are on */

static inline uint64_t
getflags(void)
{
	uint64_t v = 0;

	__asm__ volatile("pushfq; pop %0" : "=r"(v) : : "memory");
	return v;
}

static inline uint16_t
getcs(void)
{
	uint16_t v = 0;

	__asm__ volatile("mov %%cs, %0" : "=r"(v));
	return v;
}

static inline void
invlpg(uintptr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline uint64_t
rdtsc(void)
{
	uint32_t lo = 0, hi = 0;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

typedef struct Cpuid Cpuid;
struct Cpuid {
	uint32_t a, b, c, d;
};

static inline Cpuid
cpuid(uint32_t leaf, uint32_t sub)
{
	Cpuid r = {0, 0, 0, 0};

	__asm__ volatile("cpuid"
			 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
			 : "a"(leaf), "c"(sub));
	return r;
}

static inline bool
rdrand(uint64_t *v)
{
	bool ok = false;

	__asm__ volatile("rdrand %0; setc %1" : "=&r"(*v), "=qm"(ok) : : "cc");
	return ok;
}

static inline bool
rdseed(uint64_t *v)
{
	bool ok = false;

	__asm__ volatile("rdseed %0; setc %1" : "=&r"(*v), "=qm"(ok) : : "cc");
	return ok;
}

static inline uint8_t
inb(uint16_t port)
{
	uint8_t v = 0;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void
outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint16_t
inw(uint16_t port)
{
	uint16_t v = 0;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void
outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint32_t
inl(uint16_t port)
{
	uint32_t v = 0;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void
outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline void
splhi(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void
spllo(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void
pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void
halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

/* With interrupts on for as long as it halts, and no moment before. */
static inline void
haltonce(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

/* The same, and until somebody writes to that line: SDM volume 3A, 9.10.4. */
static inline void
mwaitonce(const void *line)
{
	__asm__ volatile("monitor" : : "a"(line), "c"(0), "d"(0) : "memory");
	__asm__ volatile("sti; mwait; cli" : : "a"(0), "c"(0) : "memory");
}

static inline void
clflush(const void *p)
{
	__asm__ volatile("clflush (%0)" : : "r"(p) : "memory");
}

static inline void
wbinvd(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

static inline void
sfence(void)
{
	__asm__ volatile("sfence" : : : "memory");
}

static inline void
mfence(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

/* What comes before is done before what comes after begins. */
static inline void
lfence(void)
{
	__asm__ volatile("lfence" : : : "memory");
}

#endif
