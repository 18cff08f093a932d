/*
 * ram.c - clearing, copying and trying RAM as the machine does it, over a few
 * pages that are made up here, some of which are there twice.
 *
 * needs: arch/amd64/ram.c arch/amd64/zero.c
 */
#include "cpu.h"
#include "mmu.h"
#include "unit.h"

enum { NPAGES = 8, WORDS = BY2PG / sizeof(uint64_t) };

#define BASE (64 * MiB)

static uint64_t ram[NPAGES][WORDS] __attribute__((aligned(BY2PG)));
static size_t repeats; /* after so many pages the first one is there again */
static size_t windows; /* mapped now */

Cpu cpu = {.clflush = true};

void *
kmappa(paddr_t pa)
{
	size_t page = (pa - BASE) / BY2PG;

	assert_true(pa >= BASE && pa % BY2PG == 0 && page < NPAGES);
	windows++;
	return ram[page % repeats];
}

void
kunmap(void *p)
{
	(void)p;
	assert_true(windows > 0);
	windows--;
}

static int
setup(void **state)
{
	(void)state;
	repeats = NPAGES;
	windows = 0;
	for (size_t i = 0; i < NPAGES; i++)
		for (size_t j = 0; j < WORDS; j++)
			ram[i][j] = i << 32 | j;
	return 0;
}

static void
pages_are(size_t first, size_t n, size_t from)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < WORDS; j++)
			assert_int_equal(ram[first + i][j],
			    from == NPAGES ? 0 : (from + i) << 32 | j);
}

static void
pages_are_copied_from_there_to_here(void **state)
{
	(void)state;
	copypages(BASE + BY2PG, BASE + 5 * BY2PG, 2);
	pages_are(0, 1, 0);
	pages_are(1, 2, 5);
	pages_are(3, 5, 3);
	assert_int_equal(windows, 0);
}

static void
pages_are_cleared_and_no_other(void **state)
{
	(void)state;
	for (enum heat heat = COLD; heat <= HOT; heat++) {
		setup(state);
		zeropages(BASE + 2 * BY2PG, 3, heat);
		pages_are(0, 2, 0);
		pages_are(2, 3, NPAGES);
		pages_are(5, 3, 5);
		assert_int_equal(windows, 0);
	}
}

static void
ram_that_holds_is_not_bad(void **state)
{
	(void)state;
	uint8_t bad[NPAGES] = {0};

	probewrite(BASE, NPAGES);
	assert_int_equal(probecheck(BASE, NPAGES, bad), 0);
	assert_int_equal(probecheck(BASE, NPAGES, NULL), 0);
	for (size_t i = 0; i < NPAGES; i++)
		assert_int_equal(bad[i], 0);
	assert_int_equal(windows, 0);
}

/* What is there twice holds only what was written last. */
static void
an_alias_is_bad(void **state)
{
	(void)state;
	uint8_t bad[NPAGES] = {0};

	repeats = 6;
	probewrite(BASE, NPAGES);
	assert_int_equal(probecheck(BASE, NPAGES, bad), 2);
	for (size_t i = 0; i < NPAGES; i++)
		assert_int_equal(bad[i], i < 2);
}

/* Any of its words; and what was noted of others stays. */
static void
one_bit_makes_a_page_bad(void **state)
{
	(void)state;
	static const size_t words[] = {0, 2, WORDS / 2, WORDS - 2};

	for (size_t i = 0; i < nelem(words); i++) {
		uint8_t bad[NPAGES] = {7};

		setup(state);
		probewrite(BASE, NPAGES);
		ram[3][words[i]] ^= 1ull << i * 16;
		assert_int_equal(probecheck(BASE, NPAGES, bad), 1);
		assert_int_equal(bad[0], 7);
		assert_int_equal(bad[3], 1);
		assert_int_equal(bad[4], 0);
	}
}

/* Each bit is once 0 and once 1, somewhere in a few pages. */
static void
every_bit_is_tried(void **state)
{
	(void)state;
	uint64_t ones = 0;
	uint64_t zeros = 0;

	probewrite(BASE, NPAGES);
	for (size_t j = 0; j < WORDS; j++) {
		ones |= ram[0][j];
		zeros |= ~ram[0][j];
	}
	assert_int_equal(ones, UINT64_MAX);
	assert_int_equal(zeros, UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(pages_are_copied_from_there_to_here, setup),
	    cmocka_unit_test_setup(pages_are_cleared_and_no_other, setup),
	    cmocka_unit_test_setup(ram_that_holds_is_not_bad, setup),
	    cmocka_unit_test_setup(an_alias_is_bad, setup),
	    cmocka_unit_test_setup(one_bit_makes_a_page_bad, setup),
	    cmocka_unit_test_setup(every_bit_is_tried, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
