/*
 * platform.c - resetting a machine and switching it off, by what goes to its
 * ports; here none of it obeys.
 *
 * needs: efi/after/platform.c
 */
#include "unit.h"
#include "halt.h"
#include "port.h"
#include "../../efi/after/platform.h"

typedef struct Write Write;

enum { MAXWRITES = 16 };

struct Write {
	uint16_t port;
	unsigned value;
	int width;
};

static Write writes[MAXWRITES];
static size_t nwrites;
static uint16_t pm1; /* what a PM1 register holds */
static bool full;    /* the keyboard controller takes no byte */
static size_t rests;
static size_t reads;     /* since the last write */
static size_t longwaits; /* of writes that were waited after */

void
relax(void)
{
	rests++;
}

static void
wrote(uint16_t port, unsigned value, int width)
{
	assert_in_range(nwrites, 0, MAXWRITES - 1);
	writes[nwrites++] = (Write){port, value, width};
	longwaits += reads >= 1000000;
	reads = 0;
}

void
portwrite8(uint16_t port, uint8_t v)
{
	wrote(port, v, 1);
}

void
portwrite16(uint16_t port, uint16_t v)
{
	wrote(port, v, 2);
}

uint8_t
portread8(uint16_t port)
{
	assert_int_equal(port, 0x64);
	reads++;
	return full ? 0x02 : 0xfd;
}

uint16_t
portread16(uint16_t port)
{
	(void)port;
	return pm1;
}

static int
setup(void **state)
{
	(void)state;
	nwrites = rests = reads = longwaits = 0;
	full = false;
	pm1 = 0;
	return 0;
}

static void
assert_wrote(const Write *want, size_t n)
{
	assert_int_equal(nwrites, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(writes[i].port, want[i].port);
		assert_int_equal(writes[i].value, want[i].value);
		assert_int_equal(writes[i].width, want[i].width);
	}
}
#define WROTE(...)                                                             \
	do {                                                                   \
		const Write want[] = {__VA_ARGS__};                            \
		assert_wrote(want, nelem(want));                               \
	} while (0)

static void
what_acpi_names_is_first_and_each_is_waited_for(void **state)
{
	const Poweroff off = {.resetport = 0xb2, .resetvalue = 0x73};

	(void)state;
	platformreset(&off);
	WROTE({0xb2, 0x73, 1}, {0xcf9, 2, 1}, {0xcf9, 6, 1}, {0x64, 0xfe, 1});
	assert_int_equal(longwaits, 2);
	assert_in_range(reads, 1000000, 1000001);
}

static void
without_acpi_the_others_are_tried(void **state)
{
	const Poweroff off = {.resetport = 0, .resetvalue = 0x73};

	(void)state;
	platformreset(&off);
	WROTE({0xcf9, 2, 1}, {0xcf9, 6, 1}, {0x64, 0xfe, 1});
	assert_int_equal(rests, 0);
	setup(state);
	full = true;
	platformreset(&off);
	WROTE({0xcf9, 2, 1}, {0xcf9, 6, 1}, {0x64, 0xfe, 1});
	assert_int_equal(rests, 1000000);
}

/*
 *	PM1_CNT	bit 13 SLP_EN, 12:10 SLP_TYP; the others are kept. The type
 *		goes first without SLP_EN, then with it.
 */
static void
both_registers_get_their_types(void **state)
{
	const Poweroff off = {.valid = true,
	    .pm1a = 0x604,
	    .pm1b = 0xb004,
	    .slptypa = 5,
	    .slptypb = 2};

	(void)state;
	pm1 = 0xffff;
	platformpoweroff(&off);
	WROTE({0x604, 0xd7ff, 2}, {0x604, 0xf7ff, 2}, {0xb004, 0xcbff, 2},
	    {0xb004, 0xebff, 2});
	assert_in_range(reads, 1000000, 1000001);
	setup(state);
	platformpoweroff(&off);
	WROTE({0x604, 5 << 10, 2}, {0x604, 1 << 13 | 5 << 10, 2},
	    {0xb004, 2 << 10, 2}, {0xb004, 1 << 13 | 2 << 10, 2});
}

static void
a_type_is_three_bits_and_one_register_enough(void **state)
{
	const Poweroff off = {.valid = true, .pm1a = 0x604, .slptypa = 0xff};

	(void)state;
	platformpoweroff(&off);
	WROTE({0x604, 7 << 10, 2}, {0x604, 1 << 13 | 7 << 10, 2});
}

static void
what_is_not_known_is_not_written(void **state)
{
	const Poweroff off = {.pm1a = 0x604, .slptypa = 5};

	(void)state;
	platformpoweroff(&off);
	assert_int_equal(nwrites, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_acpi_names_is_first_and_each_is_waited_for),
	    TEST(without_acpi_the_others_are_tried),
	    TEST(both_registers_get_their_types),
	    TEST(a_type_is_three_bits_and_one_register_enough),
	    TEST(what_is_not_known_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
