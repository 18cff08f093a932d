/*
 * avoid.c - what other systems are told not to use is the range, no page more
 * and no page less.
 */
#include "unit.h"
#include "memmap.h"

static uint64_t seed = 9;

static uint64_t
rnd(uint64_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint64_t)(((unsigned __int128)seed * below) >> 64);
}

static void
said_for_linux_and_grub(void **state)
{
	(void)state;
	hostquiet();
	memmapavoid(1 * MiB, 5 * MiB);
	assert_said("mem9: avoid memmap=0x400000$0x100000\n"
		    "mem9: avoid badram=0x100000,0xfffffffffff00000,"
		    "0x200000,0xffffffffffe00000,"
		    "0x400000,0xfffffffffff00000\n");
	hostquiet();
	memmapavoid(0, BY2PG);
	assert_said("mem9: avoid memmap=0x1000$0x0\n"
		    "mem9: avoid badram=0x0,0xfffffffffffff000\n");
	hostquiet();
	memmapavoid(0, 4 * MiB);
	assert_mentioned("badram=0x0,0xffffffffffc00000\n");
}

/* The pairs, one after another, are blocks that make up the range. */
static void
check_pairs(const char *s, paddr_t pa, paddr_t end)
{
	char *behind;

	while (pa < end) {
		assert_int_equal(strtoull(s, &behind, 0), pa);
		assert_int_equal(*behind, ',');
		uint64_t size = ~strtoull(behind + 1, &behind, 0) + 1;

		assert_int_equal(size & (size - 1), 0);
		assert_int_equal(pa % size, 0);
		pa += size;
		assert_int_equal(*behind, pa < end ? ',' : '\n');
		s = behind + 1;
	}
	assert_int_equal(pa, end);
}

static void
pairs_make_up_the_range(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		paddr_t pa = rnd(1ull << rnd(40)) * BY2PG;
		paddr_t end = pa + (1 + rnd(1ull << rnd(40))) * BY2PG;

		hostquiet();
		memmapavoid(pa, end);
		check_pairs(
		    strstr(hostsaid(), "badram=") + strlen("badram="), pa, end);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(said_for_linux_and_grub),
	    cmocka_unit_test(pairs_make_up_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
