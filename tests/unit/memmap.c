/*
 * memmap.c - the memory map's calls, one behaviour a test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "host.h"
#include "memmap.h"
#include "stage.h"

enum { TABLE = 1 << 16 };

static uint64_t table[TABLE / 8];

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 64 * MiB, 64 * MiB, 1);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	return 0;
}

/* The map must be exactly this, as memmapdump() prints it. */
static void
expect(const char *lines)
{
	hostquiet();
	memmapdump();
	assert_string_equal(hostsaid(), lines);
	memmapcheck();
}

/*
 *	RAM       [------------------)
 *	Reserved       [----)
 */
static void
the_higher_type_wins(void **state)
{
	(void)state;
	memmapadd(0x3000, 0x1000, MemReserved);
	memmapadd(0x1000, 0x9000, MemRAM);
	expect("mem9: memmap type=MemRAM base=0x1000 size=0x2000\n"
	       "mem9: memmap type=MemReserved base=0x3000 size=0x1000\n"
	       "mem9: memmap type=MemRAM base=0x4000 size=0x6000\n");
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
	memmapadd(9, 6, MemUMB);
	memmapadd(14, 3, MemRAM);
	memmapadd(11, 8, MemUMB);
	expect("mem9: memmap type=MemUMB base=0x9 size=0x5\n"
	       "mem9: memmap type=MemRAM base=0xe size=0x3\n"
	       "mem9: memmap type=MemUMB base=0x11 size=0x2\n");
}

static void
an_allocation_is_marked_and_freed_in_parts(void **state)
{
	(void)state;
	memmapadd(0x1000, 0x9000, MemRAM);
	assert_int_equal(memmapalloc(NOADDR, 0x4000, 0x1000, MemRAM), 0x1000);
	assert_int_equal(memmapalloc(0x4000, 0x1000, 0, MemRAM), NOADDR);
	memmapfree(0x2000, 0x1000, MemRAM);
	expect("mem9: memmap type=MemRAM base=0x1000 size=0x1000 allocated=1\n"
	       "mem9: memmap type=MemRAM base=0x2000 size=0x1000\n"
	       "mem9: memmap type=MemRAM base=0x3000 size=0x2000 allocated=1\n"
	       "mem9: memmap type=MemRAM base=0x5000 size=0x5000\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_higher_type_wins, setup),
	    cmocka_unit_test_setup(three_that_overlap_stay_in_order, setup),
	    cmocka_unit_test_setup(
		an_allocation_is_marked_and_freed_in_parts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
