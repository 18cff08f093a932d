/*
 * smbios.c - the tables that say what is installed, well and badly.
 *
 * needs: efi/tables/smbios.c
 */
#include "../../efi/tables/smbios.h"
#include "unit.h"

enum { MOST = 4096 };

static uint8_t table[MOST];
static size_t size;

static void
put(uint8_t *p, size_t n, uint64_t v)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* A structure of that type and length, and a string of it. */
static uint8_t *
structure(uint8_t type, uint8_t length)
{
	uint8_t *p = table + size;

	memset(p, 0x11, length);
	p[0] = type;
	p[1] = length;
	memcpy(p + length, "DIMM 0\0", 8);
	size += length + 8u;
	return p;
}

static void
device(uint8_t length, uint16_t bytes, uint32_t extended)
{
	uint8_t *p = structure(17, length);

	if (length >= 0x0e)
		put(p + 0x0c, 2, bytes);
	if (length >= 0x20)
		put(p + 0x1c, 4, extended);
}

/* What is read of the table is in a block of just its size. */
static uint64_t
memory(void)
{
	uint8_t *exact = malloc(size);

	memcpy(exact, table, size);
	uint64_t sum = smbiosmemory(exact, size);
	free(exact);
	return sum;
}

static int
setup(void **state)
{
	(void)state;
	size = 0;
	return 0;
}

static void
devices_add_up_in_all_their_units(void **state)
{
	(void)state;
	device(0x28, 512, 0);
	structure(16, 0x17);
	device(0x15, 0x8000 | 2048, 0);
	device(0x28, 0x7fff, 0x80000000 | 65536);
	assert_int_equal(memory(), 512 * MiB + 2 * MiB + 64 * GiB);
	device(0x0e, 0x7fff, 0);
	assert_int_equal(
	    memory(), 512 * MiB + 2 * MiB + 64 * GiB + 0x7fff * MiB);
}

static void
empty_and_unknown_ones_hold_nothing(void **state)
{
	(void)state;
	assert_int_equal(memory(), 0);
	device(0x28, 0, 0);
	device(0x28, 0xffff, 0);
	device(0x0d, 512, 0);
	assert_int_equal(memory(), 0);
	device(0x28, 1, 0);
	assert_int_equal(memory(), MiB);
}

/* One zero ends a string, two the structure. */
static void
a_structure_may_have_several_strings(void **state)
{
	(void)state;
	device(0x28, 1, 0);
	memcpy(table + size - 1, "BANK 0\0", 8);
	size += 7;
	device(0x28, 2, 0);
	assert_int_equal(memory(), 3 * MiB);
}

/* Chips with firmware in them, and memory of a display. */
static void
what_is_no_ram_is_not_counted(void **state)
{
	static const uint8_t none[] = {5, 8, 9, 10, 11, 12};

	(void)state;
	for (size_t i = 0; i < nelem(none); i++) {
		device(0x13, 16, 0);
		table[size - 8 - 1] = none[i];
	}
	assert_int_equal(memory(), 0);
	device(0x13, 16, 0);
	table[size - 8 - 1] = 7;
	device(0x13, 16, 0);
	table[size - 8 - 1] = 13;
	device(0x12, 16, 0);
	assert_int_equal(memory(), 48 * MiB);
}

static void
what_follows_the_end_is_not_read(void **state)
{
	(void)state;
	device(0x28, 1, 0);
	structure(127, 4);
	device(0x28, 2, 0);
	assert_int_equal(memory(), MiB);
}

/* Cut anywhere, what is whole counts. */
static void
a_table_that_is_cut_ends_there(void **state)
{
	(void)state;
	device(0x28, 1, 0);
	size_t whole = size;
	device(0x28, 2, 0);
	size_t both = size;
	for (size = 0; size <= both; size++)
		assert_int_equal(memory(), size == both    ? 3 * MiB
					   : size >= whole ? MiB
							   : 0);
	size = both;
	device(0x28, 4, 0);
	table[whole + 1] = 3;
	assert_int_equal(memory(), MiB);
}

static uint8_t *
entry(const char *anchor, uint8_t length)
{
	static uint8_t e[64];
	uint8_t sum = 0;
	bool three = anchor[3] == '3';

	memset(e, 0, sizeof e);
	memcpy(e, anchor, strlen(anchor));
	e[three ? 6 : 5] = length;
	put(e + (three ? 0x0c : 0x16), three ? 4 : 2, 0x1234);
	put(e + (three ? 0x10 : 0x18), three ? 8 : 4,
	    three ? 0x123456789000 : 0x89abcdef);
	for (size_t i = 0; i < length && i < sizeof e; i++)
		sum += e[i];
	e[4 + 4 * three] -= sum;
	return e;
}

/* What can be read of it is in a block of just that size. */
static bool
entryof(const uint8_t *e, size_t room, Smbios *s)
{
	uint8_t *exact = malloc(MAX(room, (size_t)1));

	memcpy(exact, e, room);
	bool good = smbiosentry(exact, room, s);
	free(exact);
	return good;
}

static void
both_entry_points_say_where(void **state)
{
	Smbios s;

	(void)state;
	assert_true(smbiosentry(entry("_SM3_", 0x18), 64, &s));
	assert_int_equal(s.table, 0x123456789000);
	assert_int_equal(s.size, 0x1234);
	assert_false(s.exact);
	assert_true(smbiosentry(entry("_SM_", 0x1f), 64, &s));
	assert_int_equal(s.table, 0x89abcdef);
	assert_int_equal(s.size, 0x1234);
	assert_true(s.exact);
	assert_true(smbiosentry(entry("_SM_", 0x1e), 64, &s));
}

/* Nor is anything read behind what can be. */
static void
an_entry_point_that_is_cut_is_none(void **state)
{
	Smbios s;

	(void)state;
	for (size_t room = 0; room <= 64; room++) {
		assert_int_equal(
		    entryof(entry("_SM3_", 0x18), room, &s), room >= 0x18);
		assert_int_equal(
		    entryof(entry("_SM3_", 0x30), room, &s), room >= 0x30);
		assert_int_equal(
		    entryof(entry("_SM_", 0x1f), room, &s), room >= 0x1f);
	}
}

static void
a_damaged_entry_point_is_none(void **state)
{
	Smbios s;
	uint8_t *e;

	(void)state;
	assert_false(smbiosentry(entry("_SM3_", 0x17), 64, &s));
	assert_false(smbiosentry(entry("_SM3_", 65), 64, &s));
	assert_false(smbiosentry(entry("_SM_", 0x1d), 64, &s));
	assert_false(smbiosentry(entry("_SM_", 65), 64, &s));
	assert_false(smbiosentry(entry("_DMI_", 0x1f), 64, &s));
	e = entry("_SM3_", 0x18);
	e[0x17] ^= 1;
	assert_false(smbiosentry(e, 64, &s));
	e = entry("_SM_", 0x1f);
	e[0x1e] ^= 1;
	assert_false(smbiosentry(e, 64, &s));
	e = entry("_SM_", 0x1f);
	for (int i = 0; i < 4; i++) {
		e[0x1c] += e[0x18 + i];
		e[0x18 + i] = 0;
	}
	assert_false(smbiosentry(e, 64, &s));
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(devices_add_up_in_all_their_units),
	    T(empty_and_unknown_ones_hold_nothing),
	    T(a_structure_may_have_several_strings),
	    T(what_is_no_ram_is_not_counted),
	    T(what_follows_the_end_is_not_read),
	    T(a_table_that_is_cut_ends_there),
	    T(both_entry_points_say_where),
	    T(a_damaged_entry_point_is_none),
	    T(an_entry_point_that_is_cut_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
