/*
 * auditcpus.c - how `mem9 audit' asks other CPUs for their MTRRs and PAT, and
 * which registers in memory it finds.
 *
 * Firmware has as many CPUs as a test says, each with registers of its own.
 *
 * needs: efi/audit/readcpus.c tests/host/fakefw.c
 */
#include "unit.h"
#include "cpu.h"
#include "fakefw.h"
#include "../../efi/audit/read.h"
#include "../../efi/firmware.h"

enum { NCPU = 4 };

static Cpustate cpus[NCPU];
static size_t ncpu;
static size_t now; /* the CPU that runs */
static EFI_STATUS numbers;
static EFI_STATUS starts;
static Cpuregs regs;
static Cpusseen seen;
static Evidence e; /* large */

void
mtrrsnow(Mtrrs *m)
{
	assert_int_equal(m->cap, 0);
	*m = cpus[now].mtrrs;
}

uint64_t
patnow(void)
{
	return cpus[now].pat;
}

Cpuregs
cpuregsnow(void)
{
	return regs;
}

static EFI_STATUS
getnumber(Mpservices *mp, UINTN *n, UINTN *enabled)
{
	(void)mp;
	*n = NCPU + 3;
	*enabled = ncpu;
	return numbers;
}

/* One after another, all but this one. */
static EFI_STATUS
startall(Mpservices *mp, VOID (*fn)(VOID *arg), BOOLEAN oneatatime,
    EFI_EVENT event, UINTN us, VOID *arg, UINTN **failed)
{
	(void)mp;
	assert_true(oneatatime);
	assert_null(event);
	assert_null(failed);
	assert_in_range(us, 1, 2000000);
	if (!EFI_ERROR(starts))
		for (now = 1; now < ncpu; now++)
			fn(arg);
	now = 0;
	return starts;
}

static Mpservices mp = {.getnumber = getnumber, .startall = startall};

static int
setup(void **state)
{
	EFI_GUID guid = MPSERVICES;

	(void)state;
	fakestart();
	fakeprotocol(NULL, guid, &mp);
	memset(cpus, 0, sizeof cpus);
	for (size_t i = 0; i < NCPU; i++) {
		cpus[i].mtrrs.cap = 0x508;
		cpus[i].mtrrs.deftype = 0xc06;
		cpus[i].pat = 0x0007040600070406;
	}
	cpu.mtrr = true;
	ncpu = NCPU;
	now = 0;
	numbers = starts = EFI_SUCCESS;
	regs = (Cpuregs){.apicbase = 0xfee00900};
	memset(&e, 0, sizeof e);
	return 0;
}

static void
all_alike(void **state)
{
	(void)state;
	cpusread(&seen);
	assert_null(seen.why);
	assert_null(seen.nomtrr);
	assert_int_equal(seen.n, NCPU - 1);
	assert_int_equal(seen.enabled, NCPU);
	assert_int_equal(seen.own.mtrrs.cap, 0x508);
	assert_int_equal(seen.own.pat, 0x0007040600070406);
	for (size_t i = 0; i < NCPUPART; i++)
		assert_int_equal(seen.differ[i], 0);
}

static void
each_difference_is_counted(void **state)
{
	(void)state;
	cpus[1].mtrrs.fixed[10] = 1;
	cpus[2].mtrrs.var[MTRRVARIABLE - 1].mask = 1;
	cpus[3].mtrrs.var[0].base = 1;
	cpus[3].mtrrs.deftype = 0xc00;
	cpus[1].pat = cpus[2].pat = cpus[3].pat = 0;
	cpusread(&seen);
	assert_int_equal(seen.differ[CPUFIXED], 1);
	assert_int_equal(seen.differ[CPUVARIABLE], 2);
	assert_int_equal(seen.differ[CPUDEFTYPE], 1);
	assert_int_equal(seen.differ[CPUPAT], 3);
	setup(state);
	cpus[1].mtrrs.cap = 0x50a;
	cpusread(&seen);
	assert_int_equal(seen.differ[CPUVARIABLE], 1);
	assert_int_equal(seen.differ[CPUFIXED], 0);
}

static void
nobody_can_be_asked(void **state)
{
	(void)state;
	ncpu = 1;
	cpusread(&seen);
	assert_string_equal(seen.why, "there is one CPU");
	assert_int_equal(seen.enabled, 1);
	ncpu = 2;
	starts = EFI_TIMEOUT;
	cpusread(&seen);
	assert_string_equal(seen.why, "firmware could not ask the other CPUs");
	numbers = EFI_DEVICE_ERROR;
	cpusread(&seen);
	assert_non_null(strstr(seen.why, "how many"));
	assert_int_equal(seen.enabled, 0);
	fakestart();
	cpusread(&seen);
	assert_non_null(strstr(seen.why, "does not let"));
}

/* Its MTRRs are not read; the PAT all the same. */
static void
a_cpu_without_mtrrs(void **state)
{
	(void)state;
	cpu.mtrr = false;
	cpusread(&seen);
	assert_string_equal(seen.nomtrr, "this CPU has none");
	assert_int_equal(seen.own.mtrrs.cap, 0);
	assert_int_equal(seen.n, NCPU - 1);
	assert_int_equal(seen.own.pat, 0x0007040600070406);
}

static void
device(size_t i, paddr_t pa, paddr_t end)
{
	assert_in_range(i, 0, e.ndevice - 1);
	assert_int_equal(e.device[i].pa, pa);
	assert_int_equal(e.device[i].end, end);
}

static void
registers_in_memory(void **state)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = {
	    .FrameBufferBase = 0xc0000000, .FrameBufferSize = 0x1d5000};
	EFI_GRAPHICS_OUTPUT_PROTOCOL gop = {.Mode = &mode};

	(void)state;
	fakeprotocol(NULL, guid, &gop);
	e.acpi.necam = 1;
	e.acpi.ecam[0] = (Pcibuses){.pa = 0xb0000000, .first = 1, .last = 3};
	devicesread(&e);
	assert_int_equal(e.ndevice, 3);
	device(0, 0xfee00000, 0xfee01000);
	device(1, 0xc0000000, 0xc01d5000);
	device(2, 0xb0100000, 0xb0400000);
	e.ndevice = 0;
	e.acpi.necam = 0;
	regs.apicbase = 0xfee00100; /* off */
	mode.FrameBufferBase = 0;
	devicesread(&e);
	assert_int_equal(e.ndevice, 0);
	gop.Mode = NULL;
	devicesread(&e);
	assert_int_equal(e.ndevice, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_alike),
	    TEST(each_difference_is_counted),
	    TEST(nobody_can_be_asked),
	    TEST(a_cpu_without_mtrrs),
	    TEST(registers_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
