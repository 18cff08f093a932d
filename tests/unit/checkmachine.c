/*
 * checkmachine.c - the checks of how RAM is cached, and of whether it is there.
 *
 * needs: kern/check/checkmtrr.c kern/check/checkram.c kern/format.c
 */
#include "unit.h"
#include "audit.h"
#include "badram.h"
#include "caching.h"
#include "memmap.h"
#include "../../kern/check/checks.h"
#include "../../kern/tell/summary.h"

static char detail[256];
static uint64_t table[1 << 12];
static paddr_t slowpa, slowend; /* is not write-back */
static size_t mixed;
static size_t again; /* calls of summaryagain */

enum caching
cachingat(paddr_t pa, paddr_t *end)
{
	bool slow = pa >= slowpa && pa < slowend;

	*end = slow ? slowend : pa < slowpa ? slowpa : NOADDR;
	return slow ? CACHEWT : CACHEWB;
}

Audit
audit(void)
{
	return (Audit){.mixed = mixed};
}

void
summaryagain(void)
{
	again++;
}

/* 20 MiB of RAM from 16 MiB on, ACPI tables above, and what is neither. */
static int
setup(void **state)
{
	(void)state;
	hostquiet();
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(16 * MiB, 20 * MiB, MemRAM);
	memmapadd(36 * MiB, MiB, MemACPI);
	memmapadd(50 * MiB, MiB, MemReserved);
	slowpa = slowend = NOADDR;
	mixed = again = 0;
	memset(detail, 0, sizeof detail);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static enum verdict
run(Check *check)
{
	return check(detail, sizeof detail);
}

/* As it is found at a boot: those become reserved. */
static enum verdict
cached(paddr_t pa, size_t size)
{
	slowpa = pa;
	slowend = pa + size;
	memmapcaching(cachingat, NULL);
	return run(checkmtrr);
}

static void
all_of_it_write_back_is_good(void **state)
{
	(void)state;
	assert_int_equal(cached(50 * MiB, MiB), OK);
	assert_string_equal(detail, "0 of 21504 KiB of RAM are not write-back");
}

static void
a_twentieth_may_be_lost_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(cached(16 * MiB, 21 * MiB / 20 / BY2PG * BY2PG), OK);
	assert_string_equal(
	    detail, "1072 of 21504 KiB of RAM are not write-back");
	setup(state);
	assert_int_equal(
	    cached(16 * MiB, 21 * MiB / 20 / BY2PG * BY2PG + BY2PG), FAILED);
	assert_string_equal(
	    detail, "1076 of 21504 KiB of RAM are not write-back");
}

/* What the map should have lost, and a page of two kinds. */
static void
ram_that_stayed_or_is_mixed_is_a_failure(void **state)
{
	(void)state;
	cached(50 * MiB, MiB);
	mixed = 3;
	assert_int_equal(run(checkmtrr), FAILED);
	assert_string_equal(detail, "3 pages are cached in two ways");
	slowpa = 20 * MiB;
	slowend = 20 * MiB + BY2PG;
	assert_int_equal(run(checkmtrr), FAILED);
	assert_string_equal(detail, "RAM at 0x1000000 is not write-back");
	mixed = 0;
	slowpa = 36 * MiB;
	slowend = 37 * MiB;
	assert_int_equal(run(checkmtrr), FAILED);
	assert_string_equal(detail, "RAM at 0x2400000 is not write-back");
}

static void
a_machine_in_doubt_is_skipped(void **state)
{
	(void)state;
	memmapcaching(cachingat, "they are off");
	assert_int_equal(run(checkmtrr), SKIPPED);
	assert_string_equal(detail, "not believed: they are off");
}

static void
ram_that_was_tried_and_held_is_good(void **state)
{
	(void)state;
	assert_int_equal(run(checkram), SKIPPED);
	assert_string_equal(detail, "0 of 0 MiB tried");
	ramtriedall(20 * MiB / BY2PG);
	assert_int_equal(run(checkram), OK);
	assert_string_equal(detail, "20 of 20 MiB tried");
	assert_int_equal(again, 2);
}

static void
bad_ram_is_said_where_and_how_much(void **state)
{
	(void)state;
	ramtriedall(20 * MiB / BY2PG);
	badram(17 * MiB, 2, BADINMAP);
	badram(19 * MiB, 3, BADINALLOCATOR);
	assert_int_equal(run(checkram), FAILED);
	assert_string_equal(detail, "20 of 20 MiB tried, 20 KiB bad or "
				    "missing: 0x1100000-0x1102000 "
				    "0x1300000-0x1303000");
}

/* Untried, but known of. */
static void
who_found_it_does_not_matter(void **state)
{
	(void)state;
	badram(17 * MiB, 1, BADINALLOCATOR);
	assert_int_equal(run(checkram), FAILED);
}

/* What does not fit is counted, and the whole is within its size. */
static void
many_ranges_are_counted(void **state)
{
	enum { MANY = 30 };

	(void)state;
	ramtriedall(20 * MiB / BY2PG);
	for (size_t i = 0; i < MANY; i++)
		badram((1ull << 51) + 2 * i * BY2PG, 1, BADINMAP);
	for (size_t size = 80; size <= sizeof detail; size++) {
		size_t shown = 0;
		size_t more = 0;

		memset(detail, 0x7e, sizeof detail);
		assert_int_equal(checkram(detail, size), FAILED);
		assert_in_range(strlen(detail), 1, size - 1);
		for (const char *s = detail; (s = strstr(s, " 0x")) != NULL;
		     s++)
			shown++;
		const char *rest = strstr(detail, " and ");
		assert_non_null(rest);
		assert_int_equal(sscanf(rest, " and %zu more", &more), 1);
		assert_non_null(strstr(rest, " more"));
		assert_int_equal(shown + more, MANY);
		if (size < sizeof detail)
			assert_int_equal(detail[size], 0x7e);
	}
}

/* However little room there is. */
static void
a_short_text_is_cut(void **state)
{
	(void)state;
	ramtriedall(20 * MiB / BY2PG);
	badram(17 * MiB, 2, BADINMAP);
	for (size_t size = 1; size < 80; size++) {
		memset(detail, 0x7e, sizeof detail);
		assert_int_equal(checkram(detail, size), FAILED);
		assert_in_range(strlen(detail), 0, size - 1);
		assert_int_equal(detail[size], 0x7e);
		assert_memory_equal(detail, "20 of 20 MiB tried",
		    MIN(size - 1, strlen("20 of 20 MiB tried")));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_of_it_write_back_is_good),
	    TEST(a_twentieth_may_be_lost_and_no_more),
	    TEST(ram_that_stayed_or_is_mixed_is_a_failure),
	    TEST(a_machine_in_doubt_is_skipped),
	    TEST(ram_that_was_tried_and_held_is_good),
	    TEST(bad_ram_is_said_where_and_how_much),
	    TEST(who_found_it_does_not_matter),
	    TEST(many_ranges_are_counted),
	    TEST(a_short_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
