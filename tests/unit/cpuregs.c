/*
 * cpuregs.c - every state firmware may leave a CPU in, loaded by a CPU that
 * knows the manual's rules.
 *
 * The CPU here is some thirty rules of Intel SDM volume 3A, 2.5, 2.2.1, 4.1.1
 * and 10.12: it refuses what would be #GP. What QEMU 7.2's emulation can show
 * of these states: NXE, OSFXSR, LA57, SMEP, SMAP, UMIP, PGE, WP, MCE, CD and NW
 * on and off, CPUs with and without each. Not: PCIDE, CET and x2APIC, which it
 * does not emulate; those are seen here alone.
 *
 * needs: arch/amd64/cpuregs.c
 */
#include "unit.h"
#include "cpu.h"

/* Bits by their number in the manual, not by x86.h. */
#define BIT(n) (1ull << (n))

enum {
	PE = 0,
	MP = 1,
	EM = 2,
	TS = 3,
	ET = 4,
	NE = 5,
	WP = 16,
	AM = 18,
	NW = 29,
	CD = 30,
	PG = 31,
};
enum {
	VME = 0,
	TSD = 2,
	PAE = 5,
	MCE = 6,
	PGE = 7,
	PCE = 8,
	OSFXSR = 9,
	OSXMMEXCPT = 10,
	UMIP = 11,
	LA57 = 12,
	VMXE = 13,
	SMXE = 14,
	FSGSBASE = 16,
	PCIDE = 17,
	OSXSAVE = 18,
	SMEP = 20,
	SMAP = 21,
	PKE = 22,
	CET = 23,
	PKS = 24,
};
enum { SCE = 0, LME = 8, LMA = 10, NXE = 11, SVME = 12, FFXSR = 14 };
enum { BSP = 8, EXTD = 10, EN = 11 };

#define APICADDR 0xfee00000ull

/* What may be on when firmware is left, whatever the CPU. */
static const int cr4bits[] = {
    MCE, PGE, OSFXSR, UMIP, LA57, PCIDE, SMEP, SMAP, CET, OSXSAVE, VMXE, SMXE};
static const int cr0bits[] = {WP, CD, MP, TS, AM};
static const int eferbits[] = {SCE, NXE, SVME, FFXSR};
static const uint64_t apics[] = {
    APICADDR, APICADDR | BIT(EN) | BIT(BSP), APICADDR | BIT(EN) | BIT(EXTD)};

typedef struct Machine Machine;

/* A CPU: its features' reserved bits, its registers, and if it has faulted. */
struct Machine {
	const Cpu *cpu;
	uint64_t cr0;
	uint64_t cr4;
	uint64_t efer;
	uint64_t apicbase;
	int gp;
};

static void
rule(Machine *m, int ok)
{
	if (!ok)
		m->gp++;
}

static void
loadcr0(Machine *m, uint64_t v)
{
	rule(m, v >> 32 == 0);
	rule(m, (v & BIT(PG)) == 0 || (v & BIT(PE)));
	rule(m, (v & BIT(NW)) == 0 || (v & BIT(CD)));
	rule(m, (v & BIT(WP)) || (m->cr4 & BIT(CET)) == 0);
	rule(m, (v & BIT(PG)) || (m->cr4 & BIT(PCIDE)) == 0);
	rule(m, (v & BIT(PG)) || (m->efer & BIT(LMA)) == 0);
	m->cr0 = v;
}

/* Features that a bit of CR4 needs; those not in struct Cpu are never set. */
static void
loadcr4(Machine *m, uint64_t v)
{
	const Cpu *c = m->cpu;

	rule(m, v >> 25 == 0);
	rule(m, v & BIT(PAE));
	rule(m, ((v ^ m->cr4) & BIT(LA57)) == 0);
	/* who set VMXE is in VMX operation for all we know */
	rule(m, ((v ^ m->cr4) & BIT(VMXE)) == 0);
	rule(m, c->mce || (v & BIT(MCE)) == 0);
	rule(m, (v & BIT(CET)) == 0 || (m->cr0 & BIT(WP)));
	rule(m, c->pge || (v & BIT(PGE)) == 0);
	rule(m, c->sse || (v & (BIT(OSFXSR) | BIT(OSXMMEXCPT))) == 0);
	rule(m, c->umip || (v & BIT(UMIP)) == 0);
	rule(m, c->smep || (v & BIT(SMEP)) == 0);
	rule(m, c->smap || (v & BIT(SMAP)) == 0);
	rule(m, (v & (BIT(PCIDE) | BIT(CET) | BIT(PKE) | BIT(PKS) |
			 BIT(OSXSAVE) | BIT(FSGSBASE))) == 0);
	m->cr4 = v;
}

static void
loadefer(Machine *m, uint64_t v)
{
	uint64_t known = BIT(SCE) | BIT(LME) | BIT(LMA) | BIT(NXE);

	rule(m, (v & ~known) == 0);
	rule(m, m->cpu->nx || (v & BIT(NXE)) == 0);
	rule(m, ((v ^ m->efer) & (BIT(LME) | BIT(LMA))) == 0);
	m->efer = v;
}

/* Modes: off, xAPIC, x2APIC; from x2APIC only off, which we never want. */
static void
loadapicbase(Machine *m, uint64_t v)
{
	rule(m, m->cpu->apic);
	rule(m, (v & (BIT(EXTD) | BIT(EN))) != BIT(EXTD));
	rule(m, (v & ~(BIT(BSP) | BIT(EXTD) | BIT(EN)) & 0xfff) == 0);
	rule(m, v >> m->cpu->physbits == 0);
	rule(m, ((v ^ m->apicbase) & (BIT(EXTD) | BIT(EN))) == 0);
	m->apicbase = v;
}

/* The new tables have NX and global entries, and no PCID in CR3's low bits. */
static void
loadcr3(Machine *m)
{
	assert_true((m->efer & BIT(NXE)) || !m->cpu->nx);
	assert_false(m->cr4 & (BIT(PCIDE) | BIT(PGE) | BIT(CET)));
	assert_int_equal((m->cr4 & BIT(MCE)) != 0, m->cpu->mce);
	/* what runs now is still firmware's idea of a page */
	assert_false(m->cr4 & (BIT(SMEP) | BIT(SMAP)));
}

static void
endstate(const Machine *m)
{
	const Cpu *c = m->cpu;
	uint64_t cr4 = m->cr4;

	assert_int_equal(
	    m->cr0, BIT(PG) | BIT(WP) | BIT(NE) | BIT(ET) | BIT(MP) | BIT(PE));
	assert_int_equal((cr4 & BIT(MCE)) != 0, c->mce);
	assert_int_equal((cr4 & BIT(PGE)) != 0, c->pge);
	assert_int_equal((cr4 & BIT(SMEP)) != 0, c->smep);
	assert_int_equal((cr4 & BIT(SMAP)) != 0, c->smap);
	assert_int_equal((cr4 & BIT(UMIP)) != 0, c->umip);
	assert_int_equal((cr4 & BIT(OSFXSR)) != 0, c->sse);
	assert_int_equal((cr4 & BIT(OSXMMEXCPT)) != 0, c->sse);
	assert_int_equal((m->efer & BIT(NXE)) != 0, c->nx);
	assert_true(m->efer & BIT(SCE));
}

/* Do what takeover does, in its order. */
static void
takeover(const Cpu *c, const Cpuregs *was)
{
	Machine m = {c, was->cr0, was->cr4, was->efer, was->apicbase, 0};
	Cpuregs r = cpuregs(c, was);

	loadefer(&m, r.efer);
	loadcr4(&m, r.cr4);
	loadcr3(&m);
	loadcr0(&m, r.cr0);
	Cpuregs now = {m.cr0, m.cr4, 0, m.efer, m.apicbase, 0};
	loadcr4(&m, cpuregs(c, &now).cr4run);
	assert_int_equal(m.cr4, r.cr4run);
	uint64_t kept = BIT(LA57) | BIT(VMXE) | BIT(SMXE);
	assert_int_equal(m.cr4 & kept, was->cr4 & kept);
	if (c->apic)
		loadapicbase(&m, r.apicbase);
	else
		assert_int_equal(r.apicbase, 0);
	assert_int_equal(m.gp, 0);
	endstate(&m);
}

/* Bit i of n says if bits[i] is on. */
static uint64_t
spread(unsigned n, const int *bits, size_t nbits)
{
	uint64_t v = 0;

	for (size_t i = 0; i < nbits; i++)
		v |= (uint64_t)(n >> i & 1) << bits[i];
	return v;
}
#define SPREAD(n, bits) spread(n, bits, sizeof(bits) / sizeof((bits)[0]))
#define ALL(bits) (1u << sizeof(bits) / sizeof((bits)[0]))

/* A CPU with the features that n's bits say. */
static Cpu
cpuwith(unsigned n)
{
	return (Cpu){.physbits = 36,
	    .nx = n & 1,
	    .pge = n >> 1 & 1,
	    .smep = n >> 2 & 1,
	    .smap = n >> 3 & 1,
	    .umip = n >> 4 & 1,
	    .sse = n >> 5 & 1,
	    .apic = n >> 6 & 1,
	    .mce = n >> 7 & 1};
}
enum { NCPU = 1 << 8 };

/* Such a CPU cannot be left with this on, whoever did it. */
static uint64_t
possible(const Cpu *c, uint64_t cr4)
{
	if (!c->mce)
		cr4 &= ~BIT(MCE);
	if (!c->pge)
		cr4 &= ~BIT(PGE);
	if (!c->smep)
		cr4 &= ~BIT(SMEP);
	if (!c->smap)
		cr4 &= ~BIT(SMAP);
	if (!c->umip)
		cr4 &= ~BIT(UMIP);
	if (!c->sse)
		cr4 &= ~(BIT(OSFXSR) | BIT(OSXMMEXCPT));
	return cr4 | BIT(PAE);
}

static void
left(const Cpu *c, unsigned cr4, unsigned cr0, unsigned efer, uint64_t apic)
{
	Cpuregs was = {
	    .cr0 = BIT(PE) | BIT(PG) | BIT(ET) | SPREAD(cr0, cr0bits),
	    .cr4 = possible(c, SPREAD(cr4, cr4bits)),
	    .efer = BIT(LME) | BIT(LMA) | SPREAD(efer, eferbits),
	    .apicbase = apic,
	};

	if (was.cr4 & BIT(CET))
		was.cr0 |= BIT(WP);
	if (was.cr0 & BIT(CD))
		was.cr0 |= efer & 1 ? BIT(NW) : 0;
	if (!c->nx)
		was.efer &= ~BIT(NXE);
	takeover(c, &was);
}

static void
every_state_of_every_cpu_is_taken_over(void **state)
{
	(void)state;
	for (unsigned n = 0; n < NCPU; n++) {
		Cpu c = cpuwith(n);

		for (unsigned cr4 = 0; cr4 < ALL(cr4bits); cr4++)
			for (unsigned cr0 = 0; cr0 < ALL(cr0bits); cr0++)
				left(&c, cr4, cr0, cr0 % ALL(eferbits),
				    apics[cr4 % 3]);
		for (unsigned efer = 0; efer < ALL(eferbits); efer++)
			for (unsigned cr0 = 0; cr0 < ALL(cr0bits); cr0++)
				for (int i = 0; i < 3; i++)
					left(&c, cr0 * 64, cr0, efer, apics[i]);
	}
}

static void
the_apic_stays_in_its_mode(void **state)
{
	static const enum apic mode[] = {APICOFF, APICX, APICX2};
	Cpu c = cpuwith(~0u);
	Cpuregs was = {.cr4 = BIT(PAE)};

	(void)state;
	for (int i = 0; i < 3; i++) {
		was.apicbase = apics[i];
		assert_int_equal(cpuregs(&c, &was).apic, mode[i]);
		assert_int_equal(cpuregs(&c, &was).apicbase, apics[i]);
	}
	was.apicbase |= 0xff | BIT(9) | BIT(36) | BIT(63);
	assert_int_equal(cpuregs(&c, &was).apicbase, apics[2]);
	c.apic = false;
	assert_int_equal(cpuregs(&c, &was).apic, APICNONE);
	assert_int_equal(cpuregs(&c, &was).apicbase, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_state_of_every_cpu_is_taken_over),
	    cmocka_unit_test(the_apic_stays_in_its_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
