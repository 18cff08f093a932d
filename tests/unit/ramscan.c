/*
 * ramscan.c - the scan over memory with a stuck bit, an alias and a hole.
 *
 * The probe hooks are this file's own here: they write into an array in which
 * addresses can lead to the same place, or nowhere.
 */
#include "unit.h"
#include "ramscan.h"

enum { NPAGES = 64 << 20 >> PGSHIFT };

/* What each page of the machine is made of. */
static size_t behind[NPAGES];  /* the page of store it is; NPAGES: nothing */
static uint64_t store[NPAGES]; /* a word stands for the page */
static uint64_t stuck[NPAGES]; /* bits of it that are always 1 */
static size_t nwritten;
static size_t nchecked;
static uint64_t table[1 << 13];

/* Called by the host's probewrite, see host.h. */
static void
writepage(paddr_t pa)
{
	size_t page = behind[pa / BY2PG];

	assert_int_equal(nchecked, 0);
	nwritten++;
	if (page < NPAGES)
		store[page] = ~pa;
}

static bool
checkpage(paddr_t pa)
{
	size_t page = behind[pa / BY2PG];

	nchecked++;
	if (page == NPAGES)
		return false;
	return (store[page] | stuck[page]) == ~pa;
}

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < NPAGES; i++) {
		behind[i] = i;
		store[i] = stuck[i] = 0;
	}
	nwritten = nchecked = 0;
	hostquiet();
	hostmachine(0, 64 * MiB, 0, 1);
	hostprobe(writepage, checkpage);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(0, 64 * MiB, MemUPA);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostprobe(NULL, NULL);
	return 0;
}

static enum memtype
typeat(paddr_t pa)
{
	Memrange r;

	assert_true(memmaprange(pa, &r) && r.pa <= pa);
	return r.type;
}

static void
good_memory_is_found(void **state)
{
	Ramscan result;

	(void)state;
	ramscan(16 * MiB, 64 * MiB, MemUPA, &result);
	assert_int_equal(result.good, 48 * MiB);
	assert_int_equal(result.bad, 0);
	assert_int_equal(nwritten, 48 * MiB / BY2PG);
	assert_int_equal(nchecked, 48 * MiB / BY2PG);
	assert_int_equal(typeat(0), MemUPA);
	assert_int_equal(memmapnext(NOADDR, MemRAM), 16 * MiB);
	assert_int_equal(memmapsize(16 * MiB, 0), 48 * MiB);
}

static void
a_stuck_bit_makes_its_piece_reserved(void **state)
{
	Ramscan result;

	(void)state;
	stuck[21 * MiB / BY2PG] = 1ull << 20;
	ramscan(16 * MiB, 64 * MiB, MemUPA, &result);
	assert_int_equal(result.bad, 4 * MiB);
	assert_int_equal(result.good, 44 * MiB);
	assert_int_equal(typeat(19 * MiB), MemRAM);
	assert_int_equal(typeat(20 * MiB), MemReserved);
	assert_int_equal(memmapsize(20 * MiB, 0), 4 * MiB);
	assert_int_equal(typeat(24 * MiB), MemRAM);
	assert_mentioned("mem9: odd kind=bad base=0x1400000 pages=1024\n");
}

/* Memory that answers at two addresses counts once. */
static void
an_alias_is_not_memory_twice(void **state)
{
	Ramscan result;

	(void)state;
	for (size_t i = 0; i < 32 * MiB / BY2PG; i++)
		behind[32 * MiB / BY2PG + i] = i;
	ramscan(16 * MiB, 64 * MiB, MemUPA, &result);
	assert_int_equal(result.good, 32 * MiB);
	assert_int_equal(result.bad, 16 * MiB);
	assert_int_equal(typeat(16 * MiB), MemReserved);
	assert_int_equal(memmapsize(16 * MiB, 0), 16 * MiB);
	assert_int_equal(typeat(32 * MiB), MemRAM);
	assert_mentioned("mem9: odd kind=bad base=0x1000000 pages=4096\n");
}

static void
a_hole_is_reserved_and_the_scan_goes_on(void **state)
{
	Ramscan result;

	(void)state;
	for (size_t i = 30 * MiB / BY2PG; i < 41 * MiB / BY2PG; i++)
		behind[i] = NPAGES;
	behind[60 * MiB / BY2PG] = NPAGES;
	ramscan(16 * MiB, 64 * MiB, MemUPA, &result);
	assert_int_equal(result.bad, 20 * MiB);
	assert_int_equal(typeat(28 * MiB), MemReserved);
	assert_int_equal(memmapsize(28 * MiB, 0), 16 * MiB);
	assert_int_equal(typeat(44 * MiB), MemRAM);
	assert_int_equal(typeat(60 * MiB), MemReserved);
	assert_mentioned("mem9: odd kind=bad base=0x1c00000 pages=4096\n");
	assert_mentioned("mem9: odd kind=bad base=0x3c00000 pages=1024\n"
			 "mem9: avoid memmap=0x400000$0x3c00000\n"
			 "mem9: avoid badram=0x3c00000,0xffffffffffc00000\n");
}

/*
 *	16M   17.5M     18M       33M      40M
 *	[ RAM [ taken )[ RAM ) [x)[ RAM    )	scanned up to 39M
 */
static void
only_free_memory_of_the_type_is_touched(void **state)
{
	Ramscan result;
	const size_t size = 2 * MiB - 512 * KiB + 15 * MiB - BY2PG + 6 * MiB;

	(void)state;
	memmapadd(16 * MiB, 24 * MiB, MemRAM);
	memmapalloc(16 * MiB + 1536 * KiB, 512 * KiB, 0, MemRAM);
	memmapadd(33 * MiB - 2048, 2048, MemReserved);
	stuck[35 * MiB / BY2PG] = 1ull << 20;
	stuck[39 * MiB / BY2PG] = 1ull << 20;
	stuck[10 * MiB / BY2PG] = 1ull << 21;
	ramscan(0, 39 * MiB, MemRAM, &result);
	assert_int_equal(nwritten, size / BY2PG);
	assert_int_equal(result.good + result.bad, size);
	assert_int_equal(result.bad, 3 * MiB);
	assert_int_equal(typeat(33 * MiB), MemReserved);
	assert_int_equal(typeat(36 * MiB), MemRAM);
	assert_int_equal(typeat(39 * MiB), MemRAM);
	memmapcheck();
}

/* What the memmap knows nothing of is not tried. */
static void
gaps_in_the_map_are_left_alone(void **state)
{
	Ramscan result;

	(void)state;
	memmapinit(table, sizeof table);
	memmapadd(9 * MiB, MiB, MemUPA);
	memmapadd(20 * MiB, MiB, MemUPA);
	ramscan(0, 64 * MiB, MemUPA, &result);
	assert_int_equal(nwritten, 2 * MiB / BY2PG);
	assert_int_equal(result.good, 2 * MiB);
	assert_int_equal(memmapsize(9 * MiB, 0), MiB);
	assert_int_equal(memmapsize(20 * MiB, 0), MiB);
}

static void
nothing_to_scan(void **state)
{
	Ramscan result;

	(void)state;
	ramscan(0, 64 * MiB, MemRAM, &result);
	assert_int_equal(result.good, 0);
	assert_int_equal(result.bad, 0);
	assert_int_equal(nwritten, 0);
}

static void
progress_is_shown(void **state)
{
	Ramscan result;

	(void)state;
	ramscan(0, 64 * MiB, MemUPA, &result);
	assert_said("ramscan: written 8M of 64M\n"
		    "ramscan: written 16M of 64M\n"
		    "ramscan: written 24M of 64M\n"
		    "ramscan: written 32M of 64M\n"
		    "ramscan: written 40M of 64M\n"
		    "ramscan: written 48M of 64M\n"
		    "ramscan: written 56M of 64M\n"
		    "ramscan: written 64M of 64M\n"
		    "ramscan: checked 8M of 64M\n"
		    "ramscan: checked 16M of 64M\n"
		    "ramscan: checked 24M of 64M\n"
		    "ramscan: checked 32M of 64M\n"
		    "ramscan: checked 40M of 64M\n"
		    "ramscan: checked 48M of 64M\n"
		    "ramscan: checked 56M of 64M\n"
		    "ramscan: checked 64M of 64M\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(good_memory_is_found),
	    TEST(a_stuck_bit_makes_its_piece_reserved),
	    TEST(an_alias_is_not_memory_twice),
	    TEST(a_hole_is_reserved_and_the_scan_goes_on),
	    TEST(only_free_memory_of_the_type_is_touched),
	    TEST(gaps_in_the_map_are_left_alone),
	    TEST(nothing_to_scan),
	    TEST(progress_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
