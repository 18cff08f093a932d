/*
 * platform.c - reset and power off without firmware: what is written to which
 * port, in order, of a machine whose ports are made up here.
 *
 * needs: efi/after/platform.c
 */
#include "bootinfo.h"
#include "port.h"
#include "unit.h"
#include "../../efi/after/platform.h"

enum { MOST = 16, PM1A = 0xb004, PM1B = 0x1804, KBD = 0x64, FULL = 2 };

typedef struct Write Write;
struct Write {
	uint16_t port;
	int bits;
	unsigned v;
	size_t reads; /* of any port, since the last one */
};

static Write writes[MOST];
static size_t n;
static size_t reads;
static size_t busy; /* so many reads until the controller takes a byte */
static uint16_t pm1;

static void
note(uint16_t port, int bits, unsigned v)
{
	assert_true(n < MOST);
	writes[n++] = (Write){port, bits, v, reads};
	reads = 0;
}

void
portwrite8(uint16_t port, uint8_t v)
{
	note(port, 8, v);
}

void
portwrite16(uint16_t port, uint16_t v)
{
	note(port, 16, v);
}

uint8_t
portread8(uint16_t port)
{
	assert_int_equal(port, KBD);
	reads++;
	busy -= busy > 0;
	return busy > 0 ? 0xff : (uint8_t)~FULL;
}

uint16_t
portread16(uint16_t port)
{
	assert_true(port == PM1A || port == PM1B);
	return pm1;
}

void
relax(void)
{
}

static int
setup(void **state)
{
	(void)state;
	n = reads = busy = 0;
	pm1 = 0;
	return 0;
}

static void
assert_write(size_t i, uint16_t port, int bits, unsigned v)
{
	assert_true(i < n);
	assert_int_equal(writes[i].port, port);
	assert_int_equal(writes[i].bits, bits);
	assert_int_equal(writes[i].v, v);
}

/* Some time for each to work: port reads take about a microsecond. */
enum { SOMETIME = 100000 };

static void
a_reset_tries_one_way_after_another(void **state)
{
	(void)state;
	Poweroff off = {.resetport = 0xcf9, .resetvalue = 0x0f};

	platformreset(&off);
	assert_int_equal(n, 4);
	assert_write(0, 0xcf9, 8, 0x0f);
	assert_write(1, 0xcf9, 8, 0x02);
	assert_write(2, 0xcf9, 8, 0x06);
	assert_write(3, KBD, 8, 0xfe);
	assert_true(writes[1].reads >= SOMETIME);
	assert_true(writes[3].reads >= SOMETIME);
	assert_true(reads >= SOMETIME);
}

static void
without_a_port_from_acpi_it_is_the_chipset(void **state)
{
	(void)state;
	Poweroff off = {.resetport = 0, .resetvalue = 0x0f};

	platformreset(&off);
	assert_int_equal(n, 3);
	assert_write(0, 0xcf9, 8, 0x02);
	assert_write(1, 0xcf9, 8, 0x06);
	assert_write(2, KBD, 8, 0xfe);
}

/* A controller that is busy is waited for, but not for ever. */
static void
the_keyboard_controller_may_be_busy(void **state)
{
	(void)state;
	Poweroff off = {.resetport = 0};

	busy = 1000000 + 1000;
	platformreset(&off);
	assert_write(2, KBD, 8, 0xfe);
	assert_true(writes[2].reads >= 1000000 + 1000 - 1);
	setup(state);
	busy = SIZE_MAX;
	platformreset(&off);
	assert_write(2, KBD, 8, 0xfe);
}

/* First the type, then with the bit that does it; other bits stay. */
static void
sleep_types_go_to_their_registers(void **state)
{
	(void)state;
	Poweroff off = {.valid = true,
	    .pm1a = PM1A,
	    .pm1b = PM1B,
	    .slptypa = 5,
	    .slptypb = 0xfa};

	pm1 = 0x3c01;
	platformpoweroff(&off);
	assert_int_equal(n, 4);
	assert_write(0, PM1A, 16, 0x0001 | 5 << 10);
	assert_write(1, PM1A, 16, 0x2001 | 5 << 10);
	assert_write(2, PM1B, 16, 0x0001 | 2 << 10);
	assert_write(3, PM1B, 16, 0x2001 | 2 << 10);
	assert_true(reads >= SOMETIME);
}

static void
there_may_be_one_register_or_none(void **state)
{
	(void)state;
	Poweroff off = {.valid = true, .pm1a = PM1A, .slptypa = 7};

	platformpoweroff(&off);
	assert_int_equal(n, 2);
	assert_write(1, PM1A, 16, 0x2000 | 7 << 10);
	setup(state);
	off.valid = false;
	platformpoweroff(&off);
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_reset_tries_one_way_after_another, setup),
	    cmocka_unit_test_setup(
		without_a_port_from_acpi_it_is_the_chipset, setup),
	    cmocka_unit_test_setup(the_keyboard_controller_may_be_busy, setup),
	    cmocka_unit_test_setup(sleep_types_go_to_their_registers, setup),
	    cmocka_unit_test_setup(there_may_be_one_register_or_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
