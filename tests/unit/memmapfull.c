/*
 * memmapfull.c - the memory map when its table fills up: it grows by its own
 * RAM, and where it cannot, it says so and errs towards MemReserved.
 */
#include "letters.h"

/* More ranges than the table has keys for: the rest comes one by one. */
static void
a_small_table_takes_what_it_can(void **state)
{
	(void)state;
	memmapinit(maptable, 1000);
	for (size_t i = 0; i < 12; i++)
		memmapadd((24 - 2 * i) * BY2PG, BY2PG,
		    i % 2 == 0 ? MemRAM : MemReserved);
	expect(
	    "4-5r 6-7x 8-9r 10-11x 12-13r 14-15x 16-17r 18-19x 20-21r 22-23x "
	    "24-25r");
	assert_int_equal(memmaplost(), BY2PG);
	assert_said("mem9: odd kind=lost base=0x2000 pages=1\n");
}

/*
 * Full: reserving the middle of RAM would need two more runs. All of that RAM
 * becomes reserved instead, and RAM is not believed any more.
 */
static void
a_full_table_errs_towards_reserved(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	expect("");
	add(0, 9, MemRAM);
	add(10, 19, MemRAM);
	assert_int_equal(alloc(12, 1, MemRAM), 12);
	expect("0-9r 10-12r 12-13R 13-19r");
	assert_int_equal(memmapadd(2 * BY2PG, 13 * BY2PG, MemReserved), -1);
	expect("0-9x 10-12x 12-13R 13-19x");
	assert_int_equal(alloc(NOADDR / BY2PG, 1, MemRAM), NOADDR);
	assert_int_equal(memmapadd(30 * BY2PG, BY2PG, MemRAM), -1);
	expect("0-9x 10-12x 12-13R 13-19x");
	assert_int_equal(memmaplost(), 13 * BY2PG);
}

static void
without_room_nothing_is_allocated_or_freed(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	expect("");
	add(0, 9, MemRAM);
	alloc(0, 9, MemRAM);
	add(10, 12, MemRAM);
	add(13, 15, MemReserved);
	add(16, 17, MemUMB);
	give(4, 1, MemRAM);
	assert_int_equal(memmaplost(), BY2PG);
	assert_int_equal(alloc(10, 1, MemRAM), NOADDR);
	assert_int_equal(memmaprelease(13 * BY2PG, BY2PG), -1);
	expect("0-9R 10-12r 13-15x 16-17b");
	assert_int_equal(alloc(10, 2, MemRAM), 10);
	assert_int_equal(memmaprelease(13 * BY2PG, 2 * BY2PG), 0);
	give(0, 9, MemRAM);
	expect("0-9r 10-12R 13-15r 16-17b");
}

/* After something reserved was lost, RAM that comes later is not believed. */
static void
after_a_loss_ram_becomes_reserved(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	expect("");
	add(0, 1, MemRAM);
	add(2, 3, MemRAM);
	add(4, 5, MemUPA);
	add(6, 7, MemUPA);
	assert_int_equal(memmapadd(9 * BY2PG, BY2PG, MemReserved), -1);
	assert_int_equal(memmapadd(4 * BY2PG, BY2PG, MemRAM), -1);
	expect("0-1r 2-3r 4-5x 6-7u");
	assert_int_equal(memmaplost(), 2 * BY2PG);
}

static void
the_table_grows_by_its_own_ram(void **state)
{
	enum { N = 2000 };
	Memtotal t;

	(void)state;
	memmapinit(maptable, 2000);
	memmapadd(0, RAM, MemRAM);
	memmapsettle();
	stage = SMMU;
	for (size_t i = 0; i < N; i++)
		assert_int_equal(
		    memmapalloc((4 * MiB) + 2 * i * BY2PG, BY2PG, 0, MemRAM),
		    4 * MiB + 2 * i * BY2PG);
	memmapcheck();
	memmaptotal(&t);
	assert_int_equal(t.lost, 0);
	assert_int_equal(t.size[MemRAM], RAM);
	for (size_t i = 0; i < N; i++)
		memmapfree(4 * MiB + 2 * i * BY2PG, BY2PG, MemRAM);
	memmapcheck();
	assert_int_equal(memmapsize(4 * MiB, 0), RAM - 4 * MiB);
}

/* The page it takes may not be one that is about to be painted over. */
static void
growing_does_not_take_what_is_being_added(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	expect("");
	add(8, 200, MemRAM);
	stage = SMMU;
	add(0, 20, MemReserved);
	add(30, 31, MemReserved);
	add(40, 41, MemReserved);
	add(20, 50, MemReserved);
	memmapcheck();
	assert_int_equal(memmaplost(), 0);
	assert_int_equal(memmapsize(0, 0), 8 * BY2PG);
	assert_mentioned("mem9: odd kind=allocated base=0x8000 pages=4\n");
}

static void
it_grows_by_one_page_when_there_are_not_four(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	expect("");
	add(8, 10, MemRAM);
	stage = SMMU;
	add(1, 2, MemReserved);
	expect("1-2x 8-9R 9-10r");
}

static void
ram_that_cannot_be_reached_is_no_table(void **state)
{
	(void)state;
	hostmachine(0, RAM, 8 * BY2PG, 1);
	memmapinit(maptable, 400);
	expect("");
	stage = SMMU;
	add(6, 20, MemRAM);
	add(0, 1, MemUMB);
	add(2, 3, MemUMB);
	assert_int_equal(memmapadd(4 * BY2PG, BY2PG, MemUMB), 0);
	expect("0-1b 2-3b 4-5b 6-7R 7-20r");
	hostmachine(0, RAM, 0, 1);
	memmapinit(maptable, 400);
	expect("");
	add(6, 20, MemRAM);
	add(0, 1, MemUMB);
	add(2, 3, MemUMB);
	add(4, 5, MemUMB);
	expect("0-1b 2-3b 4-5b 6-20r");
	assert_int_equal(memmapadd(22 * BY2PG, BY2PG, MemUMB), -1);
	assert_null(memmapstore(BY2PG));
}

static void
a_store_is_zeroed_and_comes_from_the_table_first(void **state)
{
	enum { SIZE = 16 * BY2PG };

	(void)state;
	memset(maptable, 0xff, SIZE);
	memmapinit(maptable, SIZE);
	add(0, 100, MemRAM);
	uint8_t *p = memmapstore(1000);

	assert_true((void *)p > (void *)maptable);
	assert_true((void *)(p + 1000) <= (void *)((char *)maptable + SIZE));
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	expect("0-100r");
	assert_null(memmapstore(SIZE));
	stage = SMMU;
	p = memmapstore(20 * BY2PG);
	assert_ptr_equal(p, kaddr(0));
	expect("0-20R 20-100r");
	assert_null(memmapstore(200 * BY2PG));
}

static void
no_room_and_no_store(void **state)
{
	(void)state;
	memmapinit(maptable, 400);
	expect("");
	add(0, 1, MemUMB);
	add(2, 3, MemUMB);
	add(4, 5, MemUMB);
	assert_null(memmapstore(400));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_small_table_takes_what_it_can),
	    TEST(a_full_table_errs_towards_reserved),
	    TEST(without_room_nothing_is_allocated_or_freed),
	    TEST(after_a_loss_ram_becomes_reserved),
	    TEST(the_table_grows_by_its_own_ram),
	    TEST(growing_does_not_take_what_is_being_added),
	    TEST(it_grows_by_one_page_when_there_are_not_four),
	    TEST(ram_that_cannot_be_reached_is_no_table),
	    TEST(a_store_is_zeroed_and_comes_from_the_table_first),
	    TEST(no_room_and_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
