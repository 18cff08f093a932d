/*
 * runtime.c - what firmware's services get to see, and the ways to reset and
 * to switch off, one after another as none of them works.
 *
 * needs: efi/after/runtime.c efi/after/servicemap.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "efidesc.h"
#include "kept.h"
#include "runtime.h"
#include "../../efi/after/fwcall.h"
#include "../../efi/after/platform.h"

#include <efi.h>

enum { MAXRANGES = 32, MOSTROWS = 16, STRIDE = 48 };

typedef struct Range Range;

struct Range {
	enum fwspace which;
	paddr_t pa;
	size_t size;
	pte_t flags;
};

static struct {
	Bootinfo b;
	uint8_t map[MOSTROWS * STRIDE];
	uint32_t head[4]; /* of the attributes table, which follows */
	uint8_t fine[MOSTROWS * STRIDE];
} block;

Bootinfo *bootinfo = &block.b;
Cpu cpu = {.physbits = 40};

static Range ranges[MAXRANGES];
static size_t nranges;
static paddr_t notables; /* a range there cannot be mapped, */
static bool notable;     /* nor any */

/* What was tried, a letter each, and what firmware does. */
static char tried[20];
static size_t ntried;
static struct {
	int result;
	uint64_t status;
} service;

static void
try(char c)
{
	tried[ntried++] = c;
	tried[ntried] = '\0';
}

int
fwmap(enum fwspace which, paddr_t pa, size_t size, pte_t flags)
{
	assert_in_range(nranges, 0, MAXRANGES - 1);
	ranges[nranges++] = (Range){which, pa, size, flags};
	return notable || pa == notables ? -1 : 0;
}

int
fwcall(paddr_t fn, const uint64_t args[4], uint64_t *result)
{
	if (fn == 0x1111) {
		EFI_TIME *t = (EFI_TIME *)args[0];

		memset(t, 0, sizeof *t);
		assert_int_equal(args[1], 0);
	} else {
		assert_int_equal(fn, 0x2222);
		assert_int_equal(args[1], EFI_SUCCESS);
		assert_int_equal(args[2], 0);
		try(args[0] == EfiResetCold       ? 'c'
		    : args[0] == EfiResetShutdown ? 's'
		    : args[0] == EfiResetWarm     ? 'w'
						  : '?');
	}
	*result = service.status;
	return service.result;
}

static bool kept; /* the log, in RAM */

bool
keptopened(void)
{
	return kept;
}

void
platformreset(const Poweroff *off)
{
	assert_ptr_equal(off, &block.b.poweroff);
	try('R');
}

void
platformpoweroff(const Poweroff *off)
{
	assert_ptr_equal(off, &block.b.poweroff);
	try('P');
}

void
serialdrain(void)
{
	try('d');
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	memset(&block, 0, sizeof block);
	block.b.map = (size_t)(block.map - (uint8_t *)&block);
	block.b.mapstride = STRIDE;
	block.b.attributes =
	    (size_t)((uint8_t *)block.head - (uint8_t *)&block);
	block.b.gettime = 0x1111;
	block.b.resetsystem = 0x2222;
	nranges = ntried = 0;
	notables = NOADDR;
	notable = false;
	memset(&service, 0, sizeof service);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static void
inmap(uint32_t type, paddr_t base, size_t npages, uint64_t attr)
{
	efidesc(block.map + block.b.mapsize, type, base, npages, attr);
	block.b.mapsize += STRIDE;
}

/* In the attributes table, whose descriptors are 48 bytes apart too. */
static void
infine(uint32_t type, paddr_t base, size_t npages, uint64_t attr)
{
	block.head[0] = 1;
	block.head[2] = STRIDE;
	efidesc(
	    block.fine + block.head[1]++ * STRIDE, type, base, npages, attr);
	block.b.attributessize = sizeof block.head + block.head[1] * STRIDE;
}

static void
assert_range(size_t i, Range want)
{
	assert_in_range(nranges, i + 1, MAXRANGES);
	assert_int_equal(ranges[i].which, want.which);
	assert_int_equal(ranges[i].pa, want.pa);
	assert_int_equal(ranges[i].size, want.size);
	assert_int_equal(ranges[i].flags, want.flags);
}

#define RT (EFI_MEMORY_RUNTIME | EFI_MEMORY_WB)

static void
without_an_attributes_table_there_is_one_space(void **state)
{
	(void)state;
	inmap(5, 0x10000, 2, RT);
	inmap(7, 0x20000, 2, EFI_MEMORY_WB);
	inmap(11, 0x30000, 1, EFI_MEMORY_RUNTIME | EFI_MEMORY_UC);
	runtimeinit();
	assert_range(
	    0, (Range){FWFINE, 0x10000, 0x2000, PTEVALID | PTEWRITE | PTEWB});
	assert_range(1, (Range){FWFINE, 0x30000, 0x1000,
			    PTEVALID | PTEWRITE | PTENOEXEC | PTEUC});
	assert_int_equal(nranges, 2);
	assert_said("");
}

/* Code is read-only and data not run; without it both are both. */
static void
with_one_there_are_two(void **state)
{
	pte_t all = PTEVALID | PTEWRITE | PTEWB;

	(void)state;
	inmap(5, 0x10000, 2, RT);
	inmap(6, 0x12000, 2, RT);
	infine(5, 0x10000, 1, RT | 0x20000);
	infine(5, 0x11000, 1, RT | 0x4000);
	infine(6, 0x12000, 2, RT | 0x4000 | 0x20000);
	runtimeinit();
	assert_range(0, (Range){FWFINE, 0x10000, 0x1000, PTEVALID | PTEWB});
	assert_range(1, (Range){FWFINE, 0x11000, 0x1000, all | PTENOEXEC});
	assert_range(
	    2, (Range){FWFINE, 0x12000, 0x2000, PTEVALID | PTEWB | PTENOEXEC});
	assert_range(3, (Range){FWPLAIN, 0x10000, 0x4000, all});
	assert_int_equal(nranges, 4);
}

static void
what_cannot_be_mapped_is_told(void **state)
{
	(void)state;
	inmap(5, 0x10000, 2, RT);
	inmap(6, 0x12345, 2, RT);
	infine(5, 0x10000, 2, RT);
	infine(6, 1ull << 40, 3, RT);
	notables = 0x10000;
	runtimeinit();
	assert_said("runtime: 2 pages at 0x12345 are not mapped\n"
		    "runtime: 3 pages at 0x10000000000 are not mapped\n"
		    "runtime: no tables for [0x10000, 0x12000)\n"
		    "runtime: no tables for [0x10000, 0x12000)\n");
}

/* Eight of a kind, and how many more there are. */
static void
of_many_that_cannot_be_mapped_a_few_are_told(void **state)
{
	for (size_t n = 8; n <= 10; n++) {
		setup(state);
		for (size_t i = 0; i < n; i++)
			inmap(6, 0x12345 + 0x10000 * i, 2, RT);
		runtimeinit();
		assert_int_equal(hosttimes("runtime: 2 pages at 0x"), 8);
		assert_int_equal(
		    hosttimes("runtime: 1 more range is not mapped\n"), n == 9);
		assert_int_equal(
		    hosttimes("runtime: 2 more ranges are not mapped\n"),
		    n == 10);
		assert_int_equal(hosttimes("more"), n > 8);
		setup(state);
		notable = true;
		for (size_t i = 0; i < n; i++)
			inmap(6, 0x10000 * (i + 1), 2, RT);
		runtimeinit();
		assert_int_equal(nranges, n);
		assert_int_equal(hosttimes("runtime: no tables for [0x"), 8);
		assert_int_equal(
		    hosttimes("runtime: no tables for 1 more range\n"), n == 9);
		assert_int_equal(
		    hosttimes("runtime: no tables for 2 more ranges\n"),
		    n == 10);
		assert_int_equal(hosttimes("more"), n > 8);
	}
}

static void
time_is_answered_or_not(void **state)
{
	uint64_t status = 0;

	(void)state;
	service.status = 14;
	assert_true(runtimeanswers(&status));
	assert_int_equal(status, 14);
	service.result = -1;
	assert_false(runtimeanswers(&status));
}

static void
reset_goes_through_all_its_ways(void **state)
{
	(void)state;
	reset();
	assert_string_equal(tried, "dcR");
	assert_said("firmware's ResetSystem came back\n"
		    "nothing resets this machine: use its button\n");
	setup(state);
	service.result = -1;
	reset();
	assert_string_equal(tried, "dcR");
	assert_said("nothing resets this machine: use its button\n");
}

/* Another reset may clear RAM: it comes when that one fails. */
static void
a_log_in_ram_is_spared(void **state)
{
	(void)state;
	kept = true;
	reset();
	kept = false;
	assert_string_equal(tried, "dwcR");
}

static void
power_off_goes_through_all_its_ways(void **state)
{
	(void)state;
	poweroff();
	assert_string_equal(tried, "dsPs");
	assert_int_equal(hosttimes("firmware's ResetSystem came back\n"), 2);
	assert_mentioned("nothing switches this machine off: use its button\n");
	setup(state);
	strcpy(block.b.firmware, "Das U-Boot 2023");
	poweroff();
	assert_string_equal(tried, "dPs");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_an_attributes_table_there_is_one_space),
	    TEST(with_one_there_are_two),
	    TEST(what_cannot_be_mapped_is_told),
	    TEST(of_many_that_cannot_be_mapped_a_few_are_told),
	    TEST(time_is_answered_or_not),
	    TEST(reset_goes_through_all_its_ways),
	    TEST(a_log_in_ram_is_spared),
	    TEST(power_off_goes_through_all_its_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
