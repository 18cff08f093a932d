/*
 * Each way of clearing clears what it is told to, and nothing else.
 *
 * needs: arch/amd64/zero.c
 */
#include "unit.h"
#include "../../arch/amd64/zero.h"

#include <cpuid.h>

static bool
hasclzero(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000008, &a, &b, &c, &d) && (b & 1) != 0;
}

static _Alignas(64) uint8_t mem[3 * BY2PG];

static void
clear(enum zero how)
{
	memset(mem, 0xaa, sizeof mem);
	zerowith(how, mem + BY2PG, BY2PG);
	for (size_t i = 0; i < sizeof mem; i++)
		assert_int_equal(mem[i], i / BY2PG == 1 ? 0 : 0xaa);
	memset(mem, 0xaa, sizeof mem);
	zerowith(how, mem + 64, 64);
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(mem[i], i / 64 == 1 ? 0 : 0xaa);
}

static void
clearing_ends_where_it_should(void **state)
{
	(void)state;
	for (int how = 0; how < NZERO; how++)
		if (how != ZEROCLZERO)
			clear(how);
}

/* AMD's; counted as skipped where there is none. */
static void
clzero_ends_where_it_should(void **state)
{
	(void)state;
	if (!hasclzero())
		skip();
	clear(ZEROCLZERO);
}

static void
the_way_fits_the_memory(void **state)
{
	(void)state;
	assert_int_equal(zerochoice(HOT, false), ZEROREP);
	assert_int_equal(zerochoice(HOT, true), ZEROREP);
	assert_int_equal(zerochoice(COLD, false), ZEROMOVNTI);
	assert_int_equal(zerochoice(COLD, true), ZEROCLZERO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clearing_ends_where_it_should),
	    cmocka_unit_test(clzero_ends_where_it_should),
	    cmocka_unit_test(the_way_fits_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
