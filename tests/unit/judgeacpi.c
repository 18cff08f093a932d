/*
 * judgeacpi.c - what `mem9 audit' finds of ACPI's and SMBIOS's tables, on
 * forged machines.
 *
 * needs: tests/host/judged.c
 */
#include "unit.h"
#include "judged.h"

static Forged m;

static void
rootgone(Forged *f)
{
	f->e.acpi.root = NOADDR;
}

static void
rootunasked(Forged *f)
{
	f->e.acpi.unasked = true;
	f->e.acpi.root = NOADDR;
}

static void
rootdamaged(Forged *f)
{
	f->e.acpi.sums = false;
}

static void
rootempty(Forged *f)
{
	f->e.acpi.rsdt = f->e.acpi.xsdt = false;
}

static void
tabledamaged(Forged *f)
{
	forgedacpi(f, "MCFG")->sums = false;
}

static void
tablelost(Forged *f)
{
	f->e.acpi.lost = 2;
}

static void
tablefree(Forged *f)
{
	forgedacpi(f, "DSDT")->memory = 7;
	forgedacpi(f, "MCFG")->memory = 4;
	forgedacpi(f, "APIC")->memory = 10;
}

static void
tablenowhere(Forged *f)
{
	forgedacpi(f, "SRAT")->memory = NOTINMAP;
}

static void
tablelow(Forged *f)
{
	forgedacpi(f, "SRAT")->memory = NOTINMAP;
	forgedacpi(f, "SRAT")->pa = 0xe0000;
}

static void
listed(Forged *f)
{
	forgedacpi(f, "MCFG")->byrsdt = false;
}

static void
listedwide(Forged *f)
{
	listed(f);
	f->e.acpi.rsdt = false;
}

static void
twodsdts(Forged *f)
{
	f->e.acpi.xdsdt = 0x602000;
}

static void
twofacs(Forged *f)
{
	f->e.acpi.facs = 0x610040;
}

static void
facsgone(Forged *f)
{
	memcpy(forgedacpi(f, "FACS")->signature, "FACX", 4);
	f->e.acpi.table[f->e.acpi.n - 1].sums = true;
}

static void
facsfree(Forged *f)
{
	forgedacpi(f, "FACS")->memory = 9;
}

static void
facsreserved(Forged *f)
{
	forgedacpi(f, "FACS")->memory = 0;
}

static void
facsunaligned(Forged *f)
{
	forgedacpi(f, "FACS")->pa += 32;
}

static void
facsshort(Forged *f)
{
	forgedacpi(f, "FACS")->size = 63;
}

static void
nomadt(Forged *f)
{
	f->e.acpi.cpus.told = false;
}

static void
madtcut(Forged *f)
{
	f->e.acpi.cpus.cut = true;
}

static void
madtempty(Forged *f)
{
	f->e.acpi.cpus.n = 0;
}

static void
madtmore(Forged *f)
{
	f->e.acpi.cpus.n = 3;
}

static void
ecamfree(Forged *f)
{
	forgetype(f, FORGEDECAM, 7);
	f->e.acpi.nodes.nranges = 2;
}

static void
ecamlonger(Forged *f)
{
	f->e.acpi.ecam[0].last = 1;
}

static void
ecamlower(Forged *f)
{
	f->e.acpi.ecam[0].pa -= 2 * MiB;
	f->e.acpi.ecam[0].first = 1;
	f->e.acpi.ecam[0].last = 2;
}

static void
sratwrong(Forged *f)
{
	f->e.acpi.said = (Nodesaid){.what = "a range of SRAT wraps", .a = 7};
}

static void
sratshort(Forged *f)
{
	f->e.acpi.nodes.range[1].pa = 2 * MiB + BY2PG;
	f->e.acpi.nodes.range[1].end = 3 * MiB + 512 * KiB;
}

static void
cpunowhere(Forged *f)
{
	f->e.acpi.said.nowhere = 1;
}

static void
nosmbios(Forged *f)
{
	f->e.smbios = (Smbiosseen){.memory = NOTINMAP};
}

static void
smbiosdamaged(Forged *f)
{
	f->e.smbios = (Smbiosseen){.found = {.there = true,
				       .why = "its entry point is damaged",
				       .wrong = 0x621000}};
}

/* One of two. */
static void
smbiosstrays(Forged *f)
{
	f->e.smbios.found.why = "its structures are in no memory of the map";
	f->e.smbios.found.wrong = 0x622000;
}

static void
smbiosfree(Forged *f)
{
	f->e.smbios.memory = 2;
}

static void
smbiosboot(Forged *f)
{
	f->e.smbios.memory = 4;
}

static void
toomuch(Forged *f)
{
	f->e.smbios.found.bytes = 4 * MiB;
}

static void
toolittle(Forged *f)
{
	f->e.smbios.found.bytes = 8 * MiB;
}

static const Fault acpifaults[] = {
    {rootgone, "acpi-root ", "there is none"},
    {rootunasked, "acpi-root ", "there is no memory map to look it up in"},
    {rootdamaged, "acpi-root ", "the bytes at 0xf0000 do not add up"},
    {rootempty, "acpi-root ", "at 0xf0000, and it leads to no table"},
    {tabledamaged, "acpi-sums ", "the bytes of MCFG at 0x601400 do not add up"},
    {tablelost, "acpi-sums ", "2 tables cannot be read"},
    {tablefree, "acpi-memory ",
	"2 of 8 tables, DSDT at 0x600c00 in ConventionalMemory"},
    {tablenowhere, "acpi-memory ", "SRAT at 0x601800 in no descriptor"},
    {tablelow, "", NULL},
    {listed, "acpi-pointers ", "MCFG at 0x601400 is in the XSDT alone"},
    {listedwide, "", NULL},
    {twodsdts, "acpi-pointers ", "DSDT is at 0x601000 or 0x602000"},
    {twofacs, "acpi-pointers ", "FACS is at 0x610040 or 0x610000"},
    {facsgone, "facs ", "there is none"},
    {facsfree, "facs ", "at 0x610000 in ACPIReclaimMemory"},
    {facsreserved, "", NULL},
    {facsunaligned, "facs ", "64 bytes at 0x610020"},
    {facsshort, "facs ", "63 bytes at 0x610000"},
    {nomadt, "madt ", "there is no MADT"},
    {madtcut, "madt ", "2 CPUs, and an entry that leads nowhere"},
    {madtempty, "madt ", "0 CPUs"},
    {madtmore, "madt ", "3 CPUs, and firmware runs 2"},
    {ecamfree, "map-write-back ecam-reserved ", NULL},
    {ecamlonger, "ecam-reserved ", "not reserved: 0x6100000-0x6200000, 1 MB"},
    {ecamlower, "ecam-reserved ", "not reserved: 0x5f00000-0x6000000, 1 MB"},
    {sratwrong, "srat ", "a range of SRAT wraps (0x7, 0x0)"},
    {sratshort, "srat-memory ",
	"RAM of no node: 516 KB in 2 places, the first 0x200000-0x201000"},
    {cpunowhere, "srat-cpus ", "1 of 2 CPUs are of no node"},
    {nosmbios, "smbios ", "there is none"},
    {smbiosdamaged, "smbios ", "at 0x621000: its entry point is damaged"},
    {smbiosstrays, "smbios ",
	"at 0x622000: its structures are in no memory of the map"},
    {smbiosfree, "smbios-memory ", "at 0x620000 in LoaderData"},
    {smbiosboot, "", NULL},
    {toomuch, "installed ", "4 MB installed, and the map has"},
    {toolittle, "installed ", "8 MB installed, 3.8 MB of it in no range"},
};

static void
faults_of_tables(void **state)
{
	(void)state;
	faultsarefound(&m, AUDITACPI, acpifaults, nelem(acpifaults));
}

static void
what_is_not_known_of_tables(void **state)
{
	(void)state;
	forge(&m);
	rootgone(&m);
	m.e.acpi.necam = 0;
	m.e.acpi.srat = false;
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "acpi-sums acpi-memory acpi-pointers facs madt ecam-reserved srat "
	    "srat-memory srat-cpus ");
	forge(&m);
	m.e.acpi.nodes.n = 1;
	nosmbios(&m);
	facsgone(&m);
	m.e.acpi.reduced = true;
	m.e.cpus.enabled = 0;
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "facs srat-memory srat-cpus smbios-memory installed ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_of_tables),
	    cmocka_unit_test(what_is_not_known_of_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
