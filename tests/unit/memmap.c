/*
 * memmap.c - the memory map's calls, one behaviour a test.
 */
#include "letters.h"

/*
 *	RAM       [------------------)
 *	Reserved       [----)
 */
static void
the_higher_type_wins(void **state)
{
	(void)state;
	add(3, 4, MemReserved);
	add(1, 10, MemRAM);
	expect("1-3r 3-4x 4-10r");
}

static void
every_type_has_its_rank(void **state)
{
	(void)state;
	for (int type = NMEMTYPE - 1; type >= 0; type--)
		add(0, 10 - (size_t)type, (enum memtype)type);
	expect("0-6x 6-7a 7-8r 8-9b 9-10u");
}

/*
 *	1   [9------15)
 *	2            [14---17)
 *	1       [11--------------19)
 */
static void
three_that_overlap_stay_in_order(void **state)
{
	(void)state;
	add(9, 15, MemUMB);
	add(14, 17, MemRAM);
	add(11, 19, MemUMB);
	expect("9-14b 14-17r 17-19b");
}

static void
equal_neighbours_become_one(void **state)
{
	(void)state;
	add(1, 2, MemRAM);
	add(3, 4, MemRAM);
	add(2, 3, MemRAM);
	expect("1-4r");
	add(4, 5, MemRAM);
	add(0, 1, MemRAM);
	expect("0-5r");
}

/* The same, when the map has been looked at before. */
static void
adding_later_is_the_same_as_before(void **state)
{
	(void)state;
	expect("");
	add(9, 15, MemUMB);
	expect("9-15b");
	add(14, 17, MemRAM);
	add(11, 19, MemUMB);
	expect("9-14b 14-17r 17-19b");
	add(0, 30, MemUPA);
	expect("0-9u 9-14b 14-17r 17-19b 19-30u");
	add(10, 25, MemACPI);
	expect("0-9u 9-10b 10-25a 25-30u");
}

static void
empty_and_wrapping_ranges_are_refused(void **state)
{
	(void)state;
	assert_int_equal(memmapadd(BY2PG, 0, MemRAM), -1);
	assert_int_equal(memmapadd(BY2PG, NOADDR - BY2PG + 2, MemRAM), -1);
	expect("");
}

static void
the_last_address_is_a_place(void **state)
{
	(void)state;
	assert_int_equal(
	    memmapadd(PAMAX - BY2PG, NOADDR - PAMAX + BY2PG + 1, MemRAM), 0);
	assert_int_equal(memmapadd(PAMAX, BY2PG, MemReserved), 0);
	assert_int_equal(
	    memmapalloc(NOADDR, BY2PG, BY2PG, MemRAM), PAMAX - BY2PG);
	assert_int_equal(memmapsize(PAMAX - 1, 0), 1);
	memmapcheck();
}

static void
an_allocation_is_marked_and_freed_in_parts(void **state)
{
	(void)state;
	add(1, 10, MemRAM);
	assert_int_equal(alloc(1, 4, MemRAM), 1);
	assert_int_equal(alloc(4, 1, MemRAM), NOADDR);
	expect("1-5R 5-10r");
	give(2, 1, MemRAM);
	expect("1-2R 2-3r 3-5R 5-10r");
	give(1, 1, MemRAM);
	give(3, 2, MemRAM);
	expect("1-10r");
}

static void
two_allocations_are_freed_as_one(void **state)
{
	(void)state;
	add(0, 10, MemUPA);
	alloc(2, 2, MemUPA);
	alloc(4, 2, MemUPA);
	expect("0-2u 2-6U 6-10u");
	give(3, 2, MemUPA);
	expect("0-2u 2-3U 3-5u 5-6U 6-10u");
}

static void
the_lowest_that_fits_is_taken(void **state)
{
	(void)state;
	add(1, 2, MemRAM);
	add(4, 6, MemRAM);
	add(8, 20, MemRAM);
	assert_int_equal(memmapalloc(NOADDR, 2 * BY2PG, 0, MemRAM), 4 * BY2PG);
	assert_int_equal(memmapalloc(NOADDR, BY2PG, 0, MemRAM), 1 * BY2PG);
	assert_int_equal(memmapalloc(NOADDR, 2 * BY2PG, 0, MemRAM), 8 * BY2PG);
	assert_int_equal(memmapalloc(NOADDR, 11 * BY2PG, 0, MemRAM), NOADDR);
	assert_int_equal(memmapalloc(NOADDR, BY2PG, 0, MemACPI), NOADDR);
	assert_int_equal(memmapalloc(NOADDR, 0, 0, MemRAM), NOADDR);
}

static void
alignment_rounds_up_and_must_still_fit(void **state)
{
	(void)state;
	add(1, 4, MemRAM);
	add(5, 13, MemRAM);
	assert_int_equal(
	    memmapalloc(NOADDR, 4 * BY2PG, 4 * BY2PG, MemRAM), 8 * BY2PG);
	assert_int_equal(
	    memmapalloc(NOADDR, 4 * BY2PG, 4 * BY2PG, MemRAM), NOADDR);
	assert_int_equal(
	    memmapalloc(BY2PG, BY2PG, 2 * BY2PG, MemRAM), 2 * BY2PG);
	assert_int_equal(
	    memmapalloc(3 * BY2PG, BY2PG, 4 * BY2PG, MemRAM), NOADDR);
	assert_int_equal(
	    memmapalloc(3 * BY2PG, BY2PG, 1ull << 63, MemRAM), NOADDR);
	expect("1-2r 2-3R 3-4r 5-8r 8-12R 12-13r");
	assert_panics(memmapalloc(NOADDR, 1, 3, MemRAM), "power of two");
}

static void
a_fixed_address_must_be_free_and_of_the_type(void **state)
{
	(void)state;
	add(1, 4, MemRAM);
	add(4, 8, MemACPI);
	assert_int_equal(alloc(0, 1, MemRAM), NOADDR);
	assert_int_equal(alloc(3, 2, MemRAM), NOADDR);
	assert_int_equal(alloc(4, 1, MemRAM), NOADDR);
	assert_int_equal(alloc(8, 1, MemACPI), NOADDR);
	assert_int_equal(alloc(3, 1, MemRAM), 3);
	assert_int_equal(alloc(4, 4, MemACPI), 4);
	expect("1-3r 3-4R 4-8A");
}

static void
a_wrong_free_stops(void **state)
{
	(void)state;
	add(1, 9, MemRAM);
	alloc(2, 2, MemRAM);
	assert_panics(give(1, 1, MemRAM), "not allocated MemRAM");
	assert_panics(give(3, 2, MemRAM), "not allocated");
	assert_panics(give(2, 1, MemACPI), "not allocated MemACPI");
	assert_panics(give(2, 0, MemRAM), "not allocated");
	assert_panics(give(20, 1, MemRAM), "0x14000");
	expect("1-2r 2-4R 4-9r");
}

static void
adding_over_an_allocation_is_said_and_leaves_it(void **state)
{
	(void)state;
	add(0, 10, MemRAM);
	alloc(2, 2, MemRAM);
	alloc(6, 2, MemRAM);
	hostquiet();
	add(1, 7, MemReserved);
	assert_said("mem9: odd kind=allocated base=0x2000 pages=2\n"
		    "mem9: odd kind=allocated base=0x6000 pages=1\n");
	expect("0-1r 1-2x 2-4R 4-6x 6-8R 8-10r");
}

static void
what_was_reserved_can_be_released(void **state)
{
	(void)state;
	add(0, 10, MemRAM);
	add(2, 6, MemReserved);
	assert_int_equal(memmaprelease(3 * BY2PG, 2 * BY2PG), 0);
	expect("0-2r 2-3x 3-5r 5-6x 6-10r");
	assert_int_equal(memmaprelease(2 * BY2PG, BY2PG), 0);
	assert_int_equal(memmaprelease(2 * BY2PG, BY2PG), -1);
	assert_int_equal(memmaprelease(5 * BY2PG, 2 * BY2PG), -1);
	assert_int_equal(memmaprelease(5 * BY2PG, 0), -1);
	assert_int_equal(memmaprelease(20 * BY2PG, BY2PG), -1);
	expect("0-5r 5-6x 6-10r");
}

static void
the_limit_reserves_free_ram_above_it(void **state)
{
	(void)state;
	add(0, 4, MemRAM);
	add(4, 6, MemACPI);
	add(6, 8, MemRAM);
	add(8, 9, MemUPA);
	add(9, 12, MemRAM);
	alloc(10, 1, MemRAM);
	memmaplimit(7 * BY2PG);
	expect("0-4r 4-6a 6-7r 7-8x 8-9u 9-10x 10-11R 11-12x");
	memmaplimit(0);
	expect("0-4x 4-6a 6-8x 8-9u 9-10x 10-11R 11-12x");
}

static void
next_and_size_walk_a_type(void **state)
{
	(void)state;
	add(1, 3, MemRAM);
	add(3, 4, MemReserved);
	add(6, 9, MemRAM);
	alloc(6, 1, MemRAM);
	assert_int_equal(memmapnext(NOADDR, MemRAM), 1 * BY2PG);
	assert_int_equal(memmapnext(1 * BY2PG, MemRAM), 6 * BY2PG);
	assert_int_equal(memmapnext(6 * BY2PG, MemRAM), 7 * BY2PG);
	assert_int_equal(memmapnext(7 * BY2PG, MemRAM), NOADDR);
	assert_int_equal(memmapnext(NOADDR, MemACPI), NOADDR);
	assert_int_equal(memmapnext(0, MemReserved), 3 * BY2PG);
	assert_int_equal(memmapsize(1 * BY2PG, 0), 2 * BY2PG);
	assert_int_equal(memmapsize(2 * BY2PG + 1, 0), BY2PG - 1);
	assert_int_equal(memmapsize(1 * BY2PG, 2 * BY2PG), BY2PG);
	assert_int_equal(memmapsize(1 * BY2PG, 4 * BY2PG), 0);
	assert_int_equal(memmapsize(5 * BY2PG, 0), 0);
	assert_panics(memmapsize(0, 6), "power of two");
}

static void
the_first_free_address_is_found_in_an_empty_map(void **state)
{
	Memrange r;

	(void)state;
	assert_int_equal(memmapnext(NOADDR, MemRAM), NOADDR);
	assert_false(memmaprange(0, &r));
	assert_int_equal(memmapalloc(NOADDR, 1, 1, MemRAM), NOADDR);
}

/* Two claims overlap on pages 4 to 6; what is only added does not count. */
static void
overlapping_claims_are_said_once(void **state)
{
	(void)state;
	memmapclaim(1 * BY2PG, 5 * BY2PG, MemRAM);
	memmapclaim(4 * BY2PG, 3 * BY2PG, MemReserved);
	memmapclaimonly(9 * BY2PG, 2 * BY2PG);
	memmapclaim(10 * BY2PG, 2 * BY2PG, MemRAM);
	memmapadd(0, 20 * BY2PG, MemUPA);
	hostquiet();
	memmapsettle();
	assert_said("mem9: odd kind=overlap base=0x4000 pages=2\n"
		    "mem9: odd kind=overlap base=0xa000 pages=1\n");
	assert_int_equal(memmapclaimonly(0, BY2PG), 0);
	expect("0-1u 1-4r 4-7x 7-10u 10-12r 12-20u");
}

static void
the_table_must_be_aligned(void **state)
{
	(void)state;
	assert_panics(memmapinit((char *)maptable + 4, 1000), "not aligned");
}

static void
the_lines_are_the_stable_interface(void **state)
{
	(void)state;
	memmapadd(0, 16 * MiB, MemUMB);
	memmapadd(16 * MiB, 16 * MiB, MemUPA);
	memmapadd(0, MiB, MemReserved);
	memmapadd(2 * MiB, MiB, MemRAM);
	memmapadd(3 * MiB, 1, MemACPI);
	memmapalloc(2 * MiB, 0x1000, 0, MemRAM);
	hostquiet();
	memmapdump();
	memmapprinttotal();
	assert_said(
	    "mem9: memmap type=MemReserved base=0x0 size=0x100000\n"
	    "mem9: memmap type=MemUMB base=0x100000 size=0x100000\n"
	    "mem9: memmap type=MemRAM base=0x200000 size=0x1000 allocated=1\n"
	    "mem9: memmap type=MemRAM base=0x201000 size=0xff000\n"
	    "mem9: memmap type=MemACPI base=0x300000 size=0x1\n"
	    "mem9: memmap type=MemUMB base=0x300001 size=0xcfffff\n"
	    "mem9: memmap type=MemUPA base=0x1000000 size=0x1000000\n"
	    "mem9: total ram=1048576 acpi=1 reserved=1048576 upa=16777216 "
	    "umb=14680063 lost=0\n");
	assert_string_equal(memtypename(NMEMTYPE), "none");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_higher_type_wins),
	    TEST(every_type_has_its_rank),
	    TEST(three_that_overlap_stay_in_order),
	    TEST(equal_neighbours_become_one),
	    TEST(adding_later_is_the_same_as_before),
	    TEST(empty_and_wrapping_ranges_are_refused),
	    TEST(the_last_address_is_a_place),
	    TEST(an_allocation_is_marked_and_freed_in_parts),
	    TEST(two_allocations_are_freed_as_one),
	    TEST(the_lowest_that_fits_is_taken),
	    TEST(alignment_rounds_up_and_must_still_fit),
	    TEST(a_fixed_address_must_be_free_and_of_the_type),
	    TEST(a_wrong_free_stops),
	    TEST(adding_over_an_allocation_is_said_and_leaves_it),
	    TEST(what_was_reserved_can_be_released),
	    TEST(the_limit_reserves_free_ram_above_it),
	    TEST(next_and_size_walk_a_type),
	    TEST(the_first_free_address_is_found_in_an_empty_map),
	    TEST(overlapping_claims_are_said_once),
	    TEST(the_table_must_be_aligned),
	    TEST(the_lines_are_the_stable_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
