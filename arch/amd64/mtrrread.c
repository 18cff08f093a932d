/*
 * mtrrread.c - the memory type range registers of this CPU.
 *
 * Not every CPU has all of them, nor every machine that others emulate: they
 * are read where a fault is caught.
 */
#include "cpu.h"
#include "hooks.h"
#include "mtrr.h"
#include "trap.h"
#include "x86.h"

enum {
	MSRMTRRCAP = 0xfe,
	MSRMTRRVAR = 0x200, /* base, mask, base, ... */
	MSRMTRRDEFTYPE = 0x2ff,
	MSRSYSCFG = 0xc0010010, /* AMD */
	MSRTOPMEM2 = 0xc001001d,
	DEFTYPEON = 1 << 11,
};

static const uint16_t fixed[MTRRFIXED] = {0x250, 0x258, 0x259, 0x268, 0x269,
    0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f};

static void
readmtrrs(void *arg)
{
	Mtrrs *m = arg;

	m->cap = rdmsr(MSRMTRRCAP);
	m->deftype = rdmsr(MSRMTRRDEFTYPE);
	for (size_t i = 0; i < mtrrvariable(m); i++) {
		m->var[i].base = rdmsr(MSRMTRRVAR + 2 * (uint32_t)i);
		m->var[i].mask = rdmsr(MSRMTRRVAR + 2 * (uint32_t)i + 1);
	}
	for (size_t i = 0; mtrrfixed(m) && i < MTRRFIXED; i++)
		m->fixed[i] = rdmsr(fixed[i]);
}

/* TOP_MEM2 first: without it the other says nothing. */
static void
readtom2(void *arg)
{
	Mtrrs *m = arg;

	m->tom2 = rdmsr(MSRTOPMEM2);
	m->syscfg = rdmsr(MSRSYSCFG);
}

static bool
isamd(void)
{
	return memcmp(cpu.vendor, "AuthenticAMD", 12) == 0 ||
	       memcmp(cpu.vendor, "HygonGenuine", 12) == 0;
}

bool
mtrrsread(Mtrrs *m)
{
	Caught what;

	m->physbits = cpu.physbits;
	if (!cpu.mtrr || faults(readmtrrs, m, &what))
		return false;
	if (isamd())
		faults(readtom2, m, &what);
	return true;
}

void
mtrrsnow(Mtrrs *m)
{
	m->physbits = cpu.physbits;
	readmtrrs(m);
	if (isamd() && !cpu.hypervisor)
		readtom2(m);
}

static void
writemtrrs(void *arg)
{
	const Mtrrs *m = arg;

	wrmsr(MSRMTRRDEFTYPE, m->deftype & ~DEFTYPEON);
	for (size_t i = 0; i < mtrrvariable(m); i++) {
		wrmsr(MSRMTRRVAR + 2 * (uint32_t)i, m->var[i].base);
		wrmsr(MSRMTRRVAR + 2 * (uint32_t)i + 1, m->var[i].mask);
	}
	for (size_t i = 0; mtrrfixed(m) && i < MTRRFIXED; i++)
		wrmsr(fixed[i], m->fixed[i]);
	wrmsr(MSRMTRRDEFTYPE, m->deftype);
}

static void
writedeftype(void *arg)
{
	const Mtrrs *m = arg;

	wrmsr(MSRMTRRDEFTYPE, m->deftype);
}

/* One that cannot be written ends it: those before it go back. */
static void
change(Mtrrs *m, Mtrrs *was)
{
	Caught what;

	if (!faults(writemtrrs, m, &what))
		return;
	faults(writemtrrs, was, &what);
	faults(writedeftype, was, &what);
}

/*
 * Without caches and with no translation kept meanwhile: SDM volume 3A,
 * 12.11.7.2 and 12.11.8.
 */
void
mtrrswrite(Mtrrs *m, Mtrrs *was)
{
	uint64_t cr0 = getcr0();
	uint64_t cr4 = getcr4();

	putcr0((cr0 | CR0CD) & ~CR0NW);
	wbinvd();
	putcr4(cr4 & ~CR4PGE);
	putcr3(getcr3());
	change(m, was);
	wbinvd();
	putcr3(getcr3());
	putcr0(cr0);
	putcr4(cr4);
}

const char *
cachingread(void)
{
	Mtrrs m = {.physbits = 0};

	if (!cpu.mtrr)
		return "this CPU has no MTRRs";
	if (!mtrrsread(&m))
		return "reading the MTRRs faults";
	cachinguse(&m);
	return mtrron(&m) ? NULL : "the MTRRs are off";
}
