/*
 * umb.c - memreserve, upaalloc and umballoc and their relatives.
 */
#include "maptable.h"

static Badword bad;

/*
 *	0      640K  1M       2M          16M              4G
 *	[ umb  )[ x )[ umb   )[   RAM    )[      upa       )
 */
static int
setup(void **state)
{
	(void)state;
	mapbegin(SMACH);
	memmapadd(0, 16 * MiB, MemUMB);
	memmapadd(16 * MiB, 4 * GiB - 16 * MiB, MemUPA);
	memmapadd(2 * MiB, 14 * MiB, MemRAM);
	memmapadd(640 * KiB, 384 * KiB, MemReserved);
	return 0;
}

static void
reserving_takes_whole_pages(void **state)
{
	(void)state;
	memreserve(3 * MiB + 0x800, 0x1000);
	assert_int_equal(memmapnext(MiB, MemReserved), 3 * MiB);
	assert_int_equal(memmapsize(3 * MiB, 0), 2 * BY2PG);
	memreserve(4 * MiB, 1);
	assert_int_equal(memmapsize(4 * MiB, 0), BY2PG);
}

static void
windows_come_from_their_own_type(void **state)
{
	(void)state;
	assert_int_equal(upaalloc(NOADDR, MiB, MiB), 16 * MiB);
	assert_int_equal(upaalloc(16 * MiB, MiB, 0), NOADDR);
	upafree(16 * MiB, MiB);
	assert_int_equal(upaalloc(16 * MiB, MiB, 0), 16 * MiB);
	assert_int_equal(umballoc(NOADDR, 0x800, 0x800), 0);
	assert_int_equal(umballoc(640 * KiB, 0x800, 0), NOADDR);
	assert_int_equal(umballoc(0xc0000, 0x800, 0), NOADDR);
	umbfree(0, 0x800);
	assert_int_equal(umballoc(0, 0x800, 0), 0);
	assert_panics(umbfree(16 * MiB, MiB), "MemUMB");
}

static void
a_window_lies_inside_the_given_range(void **state)
{
	(void)state;
	assert_int_equal(upaallocwin(0, 4 * GiB, 4 * MiB, 4 * MiB), 16 * MiB);
	assert_int_equal(
	    upaallocwin(GiB + 1, MiB, 0x1000, 0x1000), GiB + 0x1000);
	assert_int_equal(upaallocwin(GiB, MiB, MiB, 0), NOADDR);
	assert_int_equal(upaallocwin(2 * GiB, MiB, MiB, 1), 2 * GiB);
	assert_int_equal(upaallocwin(2 * GiB, MiB, 1, 1), NOADDR);
	assert_int_equal(upaallocwin(2 * GiB, 2 * MiB, MiB, 0), 2 * GiB + MiB);
	assert_int_equal(upaallocwin(0, 16 * MiB, 1, 1), NOADDR);
	assert_int_equal(upaallocwin(4 * GiB, GiB, 1, 1), NOADDR);
	assert_int_equal(upaallocwin(3 * GiB, MiB, 1, 2 * MiB), 3 * GiB);
	assert_int_equal(upaallocwin(3 * GiB + 1, MiB, 1, 2 * MiB), NOADDR);
	assert_int_equal(
	    upaallocwin(3 * GiB + MiB, NOADDR, MiB, 0), 3 * GiB + MiB);
}

/* Nothing may be allocated there any more, whatever lies between. */
static void
excluded_blocks_are_taken(void **state)
{
	(void)state;
	assert_int_equal(
	    umbexclude("0x8000-0x100000,1048577-1052671", &bad), 0);
	assert_int_equal(umballoc(0x8000, 1, 0), NOADDR);
	assert_int_equal(umballoc(0x9ffff, 1, 0), NOADDR);
	assert_int_equal(umballoc(0x7fff, 1, 0), 0x7fff);
	assert_int_equal(umballoc(0x100fff, 1, 0), NOADDR);
	assert_int_equal(umballoc(0x101000, 1, 0), 0x101000);
	assert_int_equal(umbexclude("0-0xffffff", &bad), 0);
	assert_int_equal(umballoc(NOADDR, 1, 0), NOADDR);
	assert_int_equal(umbexclude("", &bad), 0);
	assert_int_equal(umbexclude("0x10000000-0x80000000000", &bad), 0);
	memmapcheck();
	memmapinit(maptable, sizeof maptable);
	memmapadd(MiB, MiB, MemUMB);
	assert_int_equal(umbexclude("0-0xfff", &bad), 0);
	assert_int_equal(umballoc(NOADDR, MiB, 0), MiB);
	umbfree(MiB, MiB);
	assert_int_equal(umbexclude("0-0x1007ff", &bad), 0);
	assert_int_equal(umballoc(NOADDR, 1, 0), MiB + 2 * KiB);
}

static void
without_room_there_is_no_window(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	memmapadd(0, 16 * MiB, MemUPA);
	memmapadd(20 * MiB, MiB, MemUPA);
	memmapadd(24 * MiB, MiB, MemUMB);
	memmapadd(26 * MiB, MiB, MemUMB);
	assert_int_equal(upaallocwin(0, GiB, 4096, 0), NOADDR);
	assert_int_equal(upaallocwin(0, GiB, MiB, 0), 20 * MiB);
	assert_int_equal(
	    umbexclude("0x1800000-0x1800fff,0x1a00000-0x1afffff", &bad), 0);
	assert_mentioned("mem9: odd kind=lost base=0x1800000 pages=1\n");
	assert_int_equal(umballoc(NOADDR, 1, 0), NOADDR);
	assert_int_equal(memmapnext(NOADDR, MemReserved), 24 * MiB);
}

static void
a_wrong_exclusion_is_named_and_nothing_done(void **state)
{
	static const struct {
		const char *list, *word;
	} wrong[] = {
	    {"0xa0000", "0xa0000"},
	    {"a0000-b0000", "a0000"},
	    {"0xa0000-0xbfffg", "0xbfffg"},
	    {"0xa0000-0x9ffff", "0x9ffff"},
	    {"0x-1", "0x"},
	    {"-1", ""},
	    {"1-", ""},
	    {"0X1-2,,", ""},
	    {"0x1-0x2,4;5", "4;5"},
	    {"0-0xffffffffffffffff", "0xffffffffffffffff"},
	    {"0-18446744073709551616", "18446744073709551616"},
	    {"0-0x10000000000000000", "0x10000000000000000"},
	    {"0-:", ":"},
	    {"0x1-0x2:", "0x2:"},
	    {"0xG-1", "0xG"},
	};

	(void)state;
	for (size_t i = 0; i < nelem(wrong); i++) {
		assert_int_equal(umbexclude(wrong[i].list, &bad), -1);
		assert_int_equal(bad.len, strlen(wrong[i].word));
		assert_memory_equal(bad.word, wrong[i].word, bad.len);
		assert_non_null(bad.want);
	}
	assert_int_equal(umballoc(1, 1, 0), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reserving_takes_whole_pages),
	    TEST(windows_come_from_their_own_type),
	    TEST(a_window_lies_inside_the_given_range),
	    TEST(excluded_blocks_are_taken),
	    TEST(without_room_there_is_no_window),
	    TEST(a_wrong_exclusion_is_named_and_nothing_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
