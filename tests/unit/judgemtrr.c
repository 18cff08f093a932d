/*
 * judgemtrr.c - what `mem9 audit' finds of MTRRs, on forged machines.
 *
 * needs: tests/host/judged.c
 */
#include "unit.h"
#include "judged.h"

static Forged m;

static void
mtrrsoff(Forged *f)
{
	f->e.cpus.own.mtrrs.deftype &= ~(1ull << 11);
}

static void
ramslow(Forged *f)
{
	Mtrrs *m = &f->e.cpus.own.mtrrs;

	m->var[2].base = 2 * MiB;
	m->var[2].mask = m->var[1].mask;
}

static void
ramslowlow(Forged *f)
{
	f->e.cpus.own.mtrrs.fixed[0] = 0x0606060606060006;
}

static void
mmiocached(Forged *f)
{
	f->e.cpus.own.mtrrs.var[0].base |= 6;
}

static void
mmiocombining(Forged *f)
{
	f->e.cpus.own.mtrrs.var[0].base |= 1;
}

static void
apiccached(Forged *f)
{
	f->e.cpus.own.mtrrs.var[1].mask = 0;
}

/* Write-combining and write-protected; one of them uncached is defined. */
static void
mtrrsoverlap(Forged *f)
{
	Mtrrs *m = &f->e.cpus.own.mtrrs;

	m->var[2] = m->var[0];
	m->var[0].base |= 1;
	m->var[2].base |= 5;
}

static void
mtrrsoverlapwell(Forged *f)
{
	Mtrrs *m = &f->e.cpus.own.mtrrs;

	m->var[2] = m->var[0];
	m->var[2].base |= 5;
}

static void
fixeddiffer(Forged *f)
{
	f->e.cpus.differ[CPUFIXED] = 1;
}

static void
variablediffer(Forged *f)
{
	f->e.cpus.differ[CPUVARIABLE] = 1;
}

static void
deftypediffer(Forged *f)
{
	f->e.cpus.differ[CPUDEFTYPE] = 1;
}

static void
patdiffer(Forged *f)
{
	f->e.cpus.differ[CPUPAT] = 1;
}

static void
drambit(Forged *f)
{
	f->e.cpus.own.mtrrs.syscfg |= 1ull << 19;
}

static const Fault mtrrfaults[] = {
    {mtrrsoff, "mtrr-on ", "MTRRdefType is 0x406"},
    {ramslow, "mtrr-ram ",
	"RAM that is not write-back: 0x200000-0x201000, 4 KB"},
    {ramslowlow, "mtrr-ram ", "0x10000-0x20000, 64 KB"},
    {mmiocached, "mtrr-devices ",
	"MMIO that is cached: 0x4000000-0x4010000, 64 KB"},
    {mmiocombining, "", NULL},
    {apiccached, "mtrr-devices ",
	"the local APIC, cached: 0xfee00000-0xfee01000, 4 KB"},
    {mtrrsoverlap, "mtrr-overlap ",
	"in ranges of kinds that do not go together: 0x4000000-0x4010000"},
    {mtrrsoverlapwell, "", NULL},
    {fixeddiffer, "mtrr-fixed-alike ", "1 of 1 other CPUs differ"},
    {variablediffer, "mtrr-variable-alike ", "1 of 1 other CPUs differ"},
    {deftypediffer, "mtrr-default-alike ", "1 of 1 other CPUs differ"},
    {patdiffer, "pat-alike ", "1 of 1 other CPUs differ"},
    {drambit, "mtrr-dram-off ", "SYSCFG is 0xc0000"},
};

static void
faults_of_mtrrs(void **state)
{
	(void)state;
	faultsarefound(&m, AUDITMTRR, mtrrfaults, nelem(mtrrfaults));
}

static void
what_is_not_known_of_mtrrs(void **state)
{
	(void)state;
	forge(&m);
	mtrrsoff(&m);
	assert_string_equal(names(&m, AUDITSKIPPED), "mtrr-ram mtrr-devices "
						     "mtrr-overlap ");
	forge(&m);
	m.e.cpus.nomtrr = "none";
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "mtrr-on mtrr-ram mtrr-devices mtrr-overlap mtrr-fixed-alike "
	    "mtrr-variable-alike mtrr-default-alike mtrr-dram-off ");
	forge(&m);
	m.e.cpus.why = "there is one";
	m.e.cpus.own.mtrrs.syscfg = 0;
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "mtrr-fixed-alike mtrr-variable-alike mtrr-default-alike "
	    "mtrr-dram-off pat-alike ");
	assert_string_equal(judged(&m, "pat-alike").detail, "there is one");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_of_mtrrs),
	    cmocka_unit_test(what_is_not_known_of_mtrrs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
