/*
 * ramtry.c - trying RAM before it is used: which pages, and what is found.
 *
 * The probe hooks are this file's own here: each page is a word of store, or
 * nothing, or another page's.
 */
#include "unit.h"
#include "badram.h"
#include "memmap.h"

enum {
	NPAGES = 64 << 20 >> PGSHIFT,
	PIECE = 2 << 20,
	PIECES = 256 << 9, /* of 256 GiB */
	NRANGE = 64,       /* that badram.c has room for */
};

static size_t behind[NPAGES];
static uint64_t store[NPAGES];
static uint64_t stuck[NPAGES];
static uint8_t touched[PIECES]; /* pages of each 2 MiB that were written */
static size_t nwritten;
static uint64_t table[1 << 13];

static void
writepage(paddr_t pa)
{
	nwritten++;
	touched[pa / PIECE]++;
	if (pa / BY2PG < NPAGES && behind[pa / BY2PG] < NPAGES)
		store[behind[pa / BY2PG]] = ~pa;
}

static bool
checkpage(paddr_t pa)
{
	if (pa / BY2PG >= NPAGES)
		return true;
	size_t page = behind[pa / BY2PG];

	return page < NPAGES && (store[page] | stuck[page]) == ~pa;
}

/* A machine with so much RAM; in the map is what lies from pa on. */
static void
machinefrom(paddr_t pa, size_t size)
{
	for (size_t i = 0; i < NPAGES; i++) {
		behind[i] = i;
		store[i] = stuck[i] = 0;
	}
	memset(touched, 0, sizeof touched);
	nwritten = 0;
	hostquiet();
	hostmachine(0, size, 0, 1);
	hostprobe(writepage, checkpage);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(pa, size - pa, MemRAM);
}

static void
machine(size_t size)
{
	machinefrom(0, size);
}

static int
teardown(void **state)
{
	(void)state;
	hostprobe(NULL, NULL);
	return 0;
}

static void
absent(paddr_t pa, size_t size)
{
	for (size_t i = 0; i < size / BY2PG; i++)
		behind[pa / BY2PG + i] = NPAGES;
}

/* All of [pa, pa + size), and no other page, is bad and reserved. */
static void
assertbad(paddr_t pa, size_t size)
{
	Badrange r;
	Memtotal t;

	assert_int_equal(badrampages(), size / BY2PG);
	assert_int_equal(badraminmap(), size / BY2PG);
	assert_true(badramnext(0, &r));
	assert_int_equal(r.pa, pa);
	assert_int_equal(r.end, pa + size);
	assert_false(badramnext(r.end, &r));
	memmaptotal(&t);
	assert_int_equal(t.size[MemReserved], size);
	assert_int_equal(memmapnext(NOADDR, MemReserved), pa);
}

static void
some_of_every_piece_is_tried(void **state)
{
	(void)state;
	machine(64 * MiB);
	ramtry(TRYSOME);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(touched[i], 8);
	assert_int_equal(ramtried()->tried, 32 * 8);
	assert_int_equal(ramtried()->total, 64 * MiB / BY2PG);
	assert_int_equal(badrampages(), 0);
	assert_said("");
}

static void
all_is_tried_if_asked(void **state)
{
	(void)state;
	machine(64 * MiB);
	stuck[12345] = 1ull << PGSHIFT;
	ramtry(TRYALL);
	assert_int_equal(ramtried()->tried, NPAGES);
	assert_true(nwritten >= NPAGES);
	assertbad(12345 * BY2PG, BY2PG);
	assert_said("mem9: odd kind=bad base=0x3039000 pages=1\n");
}

/* Of 64 GiB and a bit, in more pieces than that has, every one. */
static void
each_piece_below_64_gib_is_tried(void **state)
{
	(void)state;
	machine(66 * GiB);
	memmapadd(3 * GiB - 5 * BY2PG, BY2PG, MemReserved);
	ramtry(TRYSOME);
	for (size_t i = 0; i < 66 * GiB / PIECE; i++)
		assert_true(touched[i] >= 1 && touched[i] <= 2);
	assert_true(ramtried()->tried <= 36 << 10);
}

static void
beyond_it_is_tried_thinly(void **state)
{
	size_t high = 0;

	(void)state;
	machine(256 * GiB);
	ramtry(TRYSOME);
	for (size_t i = 0; i < 64 * GiB / PIECE; i++)
		assert_int_equal(touched[i], 1);
	for (size_t i = 64 * GiB / PIECE; i < PIECES; i++)
		high += touched[i];
	assert_true(high >= 20 << 10 && high <= 36 << 10);
	assert_int_equal(ramtried()->tried, high + (size_t)(64 * GiB / PIECE));
	assert_int_equal(ramtried()->total, 256 * GiB / BY2PG);
}

/*
 *	0           21M+4K               37M+12K       64M
 *	[ RAM       )nothing             [ RAM         )
 */
static void
what_is_missing_is_found_to_the_page(void **state)
{
	(void)state;
	machine(64 * MiB);
	absent(21 * MiB + BY2PG, 16 * MiB + 2 * BY2PG);
	ramtry(TRYSOME);
	assertbad(21 * MiB + BY2PG, 16 * MiB + 2 * BY2PG);
	assert_said("mem9: odd kind=bad base=0x1501000 pages=4098\n");
	/* What is missing was not written word for word. */
	assert_true(nwritten < 32 * 8 + 7 * 8 + 4 * 512 + 100);
}

/* The last 8 MiB are the first ones again: neither holds both. */
static void
what_shows_twice_is_left_out_once(void **state)
{
	(void)state;
	machine(64 * MiB);
	for (size_t i = 0; i < 8 * MiB / BY2PG; i++)
		behind[56 * MiB / BY2PG + i] = i;
	ramtry(TRYSOME);
	assertbad(0, 8 * MiB);
}

/* The first and the last of it are missing, all of the last piece too. */
static void
what_is_missing_may_be_at_either_end(void **state)
{
	(void)state;
	machine(64 * MiB);
	absent(0, BY2PG);
	ramtry(TRYSOME);
	assertbad(0, BY2PG);
	machine(64 * MiB);
	absent(62 * MiB - BY2PG, 2 * MiB + BY2PG);
	ramtry(TRYSOME);
	assertbad(62 * MiB - BY2PG, 2 * MiB + BY2PG);
	/* RAM that begins above 0, and is a piece of a few pages. */
	machine(64 * MiB);
	memmapadd(0, 32 * MiB, MemACPI);
	memmapadd(32 * MiB + 5 * BY2PG, 32 * MiB - 5 * BY2PG, MemACPI);
	absent(32 * MiB, 4 * BY2PG);
	ramtry(TRYALL);
	assertbad(32 * MiB, 4 * BY2PG);
}

/*
 *	18M      20M      22M      24M      26M
 *	[ -1 bad |  -1 bad| sampled| 1 bad  | 1 bad
 */
static void
about_what_failed_it_is_looked_at_closely(void **state)
{
	static const paddr_t bad[] = {18 * MiB + 3 * BY2PG,
	    20 * MiB + 3 * BY2PG, 22 * MiB, 24 * MiB + 3 * BY2PG,
	    26 * MiB + 3 * BY2PG};

	(void)state;
	machine(64 * MiB);
	for (size_t i = 0; i < nelem(bad); i++)
		absent(bad[i], BY2PG);
	absent(14 * MiB + 3 * BY2PG, BY2PG); /* too far off to be found */
	ramtry(TRYSOME);
	assert_int_equal(badrampages(), nelem(bad));
	Badrange r = {.end = 0};
	for (size_t i = 0; i < nelem(bad); i++) {
		assert_true(badramnext(r.end, &r));
		assert_int_equal(r.pa, bad[i]);
	}
}

/* Nothing is RAM below what failed, or above; or some is, but far away. */
static void
about_what_failed_there_may_be_nothing(void **state)
{
	for (int far = 0; far < 2; far++) {
		(void)state;
		machine(64 * MiB);
		memmapadd(
		    far ? 2 * MiB : 0, far ? 18 * MiB : 20 * MiB, MemACPI);
		memmapadd(22 * MiB, far ? 20 * MiB : 42 * MiB, MemACPI);
		absent(20 * MiB, BY2PG);
		ramtry(TRYSOME);
		assert_int_equal(badrampages(), 1);
	}
	machinefrom(62 * MiB, 64 * MiB);
	absent(62 * MiB, 2 * MiB);
	ramtry(TRYSOME);
	assertbad(62 * MiB, 2 * MiB);
}

/* More separate pieces, of a page each, than are looked at closely. */
static void
pieces_beyond_the_list_are_left_out_whole(void **state)
{
	(void)state;
	machine(64 * MiB);
	for (size_t i = 0; i < 70; i++) {
		memmapadd((2 * i + 1) * BY2PG, BY2PG, MemACPI);
		absent(2 * i * BY2PG, BY2PG);
	}
	ramtry(TRYSOME);
	assert_int_equal(badrampages(), 70);
	assert_int_equal(badraminmap(), 70);
}

/* 16 GiB have as many pieces as allow for four pages of each. */
static void
in_between_some_of_each_are_tried(void **state)
{
	(void)state;
	machine(16 * GiB);
	ramtry(TRYSOME);
	for (size_t i = 0; i < 16 * GiB / PIECE; i++)
		assert_int_equal(touched[i], 4);
}

/* A piece ends at a multiple of its size, wherever RAM begins. */
static void
pieces_are_aligned(void **state)
{
	(void)state;
	machinefrom(MiB, 3 * MiB);
	ramtry(TRYSOME);
	assert_int_equal(touched[0], 8);
	assert_int_equal(touched[1], 8);
}

/* Where a page of each piece is tried, the other ones are not bad for that. */
static void
a_single_page_is_bad_in_a_thin_try(void **state)
{
	(void)state;
	machine(128 * GiB);
	stuck[10 * MiB / BY2PG] = 10 * MiB;
	ramtry(TRYSOME);
	assertbad(10 * MiB, BY2PG);
}

/* Someone else has tried it: of the lines that say so, the check's. */
static void
who_has_tried_all_says_so(void **state)
{
	(void)state;
	machine(64 * MiB);
	ramtry(TRYSOME);
	ramtriedall(1000);
	assert_int_equal(ramtried()->tried, 1000);
	assert_int_equal(ramtried()->total, 1000);
}

static void
other_memory_is_left_alone(void **state)
{
	(void)state;
	machine(64 * MiB);
	memmapadd(8 * MiB, 2 * MiB, MemACPI);
	memmapalloc(20 * MiB, 2 * MiB, 0, MemRAM);
	memmapadd(64 * MiB - 100, 100, MemReserved);
	ramtry(TRYALL);
	assert_int_equal(touched[4], 0);
	assert_int_equal(touched[10], 0);
	assert_int_equal(nwritten, NPAGES - 2 * 512 - 1);
	assert_int_equal(ramtried()->total, nwritten);
}

static void
no_ram_at_all(void **state)
{
	(void)state;
	machine(2 * MiB);
	memmapadd(0, 2 * MiB, MemReserved);
	ramtry(TRYSOME);
	assert_int_equal(ramtried()->total, 0);
	assert_int_equal(ramtried()->tried, 0);
}

/* Every second page, until the list is full; then a page between two. */
static void
bad_pages_beyond_the_list_are_counted(void **state)
{
	Badrange r;

	(void)state;
	badraminit();
	for (size_t i = 0; i < NRANGE; i++)
		badram(2 * i * BY2PG, 1, BADINALLOCATOR);
	assert_int_equal(badrampages(), NRANGE);
	badram(10 * MiB, 3, BADINALLOCATOR);
	assert_int_equal(badrampages(), NRANGE + 3);
	badram(BY2PG, 1, BADINALLOCATOR);
	assert_int_equal(badrampages(), NRANGE + 4);
	assert_true(badramnext(0, &r));
	assert_int_equal(r.end, 3 * BY2PG);
	badram(20 * MiB, 1, BADINALLOCATOR);
	assert_true(badramnext(NRANGE * 2 * BY2PG, &r));
	assert_int_equal(r.pa, 20 * MiB);
	assert_int_equal(badraminmap(), 0);
}

static void
a_page_found_twice_is_bad_once(void **state)
{
	(void)state;
	badraminit();
	badram(8 * BY2PG, 4, BADINALLOCATOR);
	badram(9 * BY2PG, 1, BADINALLOCATOR);
	badram(4 * BY2PG, 6, BADINALLOCATOR);
	badram(2 * BY2PG, 16, BADINALLOCATOR);
	assert_int_equal(badrampages(), 16);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(some_of_every_piece_is_tried),
	    TEST(all_is_tried_if_asked),
	    TEST(each_piece_below_64_gib_is_tried),
	    TEST(beyond_it_is_tried_thinly),
	    TEST(what_is_missing_is_found_to_the_page),
	    TEST(what_shows_twice_is_left_out_once),
	    TEST(what_is_missing_may_be_at_either_end),
	    TEST(about_what_failed_it_is_looked_at_closely),
	    TEST(about_what_failed_there_may_be_nothing),
	    TEST(pieces_beyond_the_list_are_left_out_whole),
	    TEST(in_between_some_of_each_are_tried),
	    TEST(pieces_are_aligned),
	    TEST(a_single_page_is_bad_in_a_thin_try),
	    TEST(who_has_tried_all_says_so),
	    TEST(other_memory_is_left_alone),
	    TEST(no_ram_at_all),
	    TEST(bad_pages_beyond_the_list_are_counted),
	    TEST(a_page_found_twice_is_bad_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
