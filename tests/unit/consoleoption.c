/*
 * consoleoption.c - what console= understands.
 *
 * needs: kern/options.c kern/value.c
 */
#include "options.h"
#include "unit.h"

static Options o;

static int
setup(void **state)
{
	(void)state;
	optionsinit(&o);
	return 0;
}

static void
is(enum uartspace space, paddr_t addr, uint8_t width, uint32_t baud)
{
	assert_int_equal(o.uart.space, space);
	assert_int_equal(o.uart.addr, addr);
	assert_int_equal(o.uart.width, width);
	assert_int_equal(o.uart.stride, width);
	assert_int_equal(o.baud, baud);
}

static void
unasked_it_is_the_first_port_at_firmwares_speed(void **state)
{
	(void)state;
	is(UARTPORT, 0x3f8, 1, 0);
	assert_false(o.uartgiven);
}

static void
a_port_is_given_by_number_or_address(void **state)
{
	static const struct {
		const char *line;
		enum uartspace space;
		paddr_t addr;
		uint8_t width;
		uint32_t baud;
	} good[] = {
	    {"console=0", UARTPORT, 0x3f8, 1, 0},
	    {"console=1 b9600", UARTPORT, 0x2f8, 1, 9600},
	    {"console=3,b115200", UARTPORT, 0x2e8, 1, 115200},
	    {"console=off", UARTNONE, 0, 0, 0},
	    {"console=io,0x6000", UARTPORT, 0x6000, 1, 0},
	    {"console=io,0xfff8", UARTPORT, 0xfff8, 1, 0},
	    {"CONSOLE=IO,1016 B2", UARTPORT, 0x3f8, 1, 2},
	    {"console=mmio,0xfe034001", UARTMEM, 0xfe034001, 1, 0},
	    {"console=mmio16,0xfe034002", UARTMEM, 0xfe034002, 2, 0},
	    {"console=mmio32,0x1fe034000,b115200", UARTMEM, 0x1fe034000, 4,
		115200},
	};

	for (size_t i = 0; i < nelem(good); i++) {
		setup(state);
		assert_null(optionsline(&o, good[i].line));
		is(good[i].space, good[i].addr, good[i].width, good[i].baud);
		assert_true(o.uartgiven);
	}
}

static void
anything_else_changes_nothing(void **state)
{
	static const char *const wrong[] = {
	    "console=",
	    "console=4",
	    "console=x",
	    "console=0 115200",
	    "console=0 b",
	    "console=0 bx",
	    "console=0 b1",
	    "console=0 b115201",
	    "console=0 b9600 x",
	    "console=off b9600",
	    "console=io,",
	    "console=io,0",
	    "console=io,0xfff9",
	    "console=io,0x10000",
	    "console=mmio8,0xfe034000",
	    "console=mmio32",
	    "console=mmio32,",
	    "console=mmio32,0",
	    "console=mmio32,0xfe034002",
	    "console=mmio16,0xfe034001",
	    "console=mmio32,0xfffffffffffffffc",
	    "console=mmio32,0x10000000000000000",
	    "console=mmio32,0xfe034000x",
	};

	for (size_t i = 0; i < nelem(wrong); i++) {
		setup(state);
		assert_non_null(optionsline(&o, wrong[i]));
		is(UARTPORT, 0x3f8, 1, 0);
		assert_false(o.uartgiven);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(unasked_it_is_the_first_port_at_firmwares_speed),
	    TEST(a_port_is_given_by_number_or_address),
	    TEST(anything_else_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
