/*
 * spcr.c - serial ports as ACPI tables name them, well and badly.
 *
 * needs: efi/tables/spcr.c
 */
#include "../../efi/tables/spcr.h"
#include "unit.h"

enum { SIZE = 80 };

static uint8_t table[SIZE];

/* A table with this generic address. */
static void
spcr(uint8_t type, uint8_t space, uint8_t bits, uint8_t access, uint64_t addr)
{
	memset(table, 0xa5, sizeof table);
	table[36] = type;
	table[40] = space;
	table[41] = bits;
	table[42] = 0;
	table[43] = access;
	memcpy(table + 44, &addr, 8);
}

static void
ports_of_all_kinds_are_understood(void **state)
{
	static const struct {
		uint8_t type, space, bits, access;
		Uart is;
	} row[] = {
	    {0, 1, 8, 0, {UARTPORT, 1, 1, 0x3f8}},
	    {0, 1, 8, 1, {UARTPORT, 1, 1, 0x2f8}},
	    {1, 1, 8, 1, {UARTPORT, 1, 1, 0x3f8}},
	    {0, 1, 32, 3, {UARTPORT, 1, 1, 0x3f8}},
	    {0x12, 1, 32, 1, {UARTPORT, 1, 4, 0x6000}},
	    {0x12, 1, 8, 1, {UARTPORT, 1, 1, 0x3f8}},
	    {0, 0, 8, 1, {UARTMEM, 1, 1, 0xfe034000}},
	    {0, 0, 8, 0, {UARTMEM, 1, 1, 0xfe034000}},
	    {0, 0, 32, 0, {UARTMEM, 4, 4, 0xfe034000}},
	    {0, 0, 16, 0, {UARTMEM, 2, 2, 0xfe034000}},
	    {0, 0, 32, 3, {UARTMEM, 4, 4, 0x1fe034000}},
	    {0x12, 0, 32, 1, {UARTMEM, 1, 4, 0xfe034000}},
	    {0x12, 0, 8, 3, {UARTMEM, 4, 4, 0xfe034000}},
	    {0x12, 0, 16, 2, {UARTMEM, 2, 2, 0xfe034000}},
	    {1, 0, 0, 4, {UARTMEM, 1, 1, 0xfe034000}},
	};

	(void)state;
	for (size_t i = 0; i < nelem(row); i++) {
		Uart u;

		spcr(row[i].type, row[i].space, row[i].bits, row[i].access,
		    row[i].is.addr);
		assert_true(spcrread(table, SIZE, &u));
		assert_int_equal(u.space, row[i].is.space);
		assert_int_equal(u.width, row[i].is.width);
		assert_int_equal(u.stride, row[i].is.stride);
		assert_int_equal(u.addr, row[i].is.addr);
	}
}

static void
what_is_no_16550_at_an_address_is_left_out(void **state)
{
	Uart u;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		spcr((uint8_t)type, 1, 8, 1, 0x3f8);
		assert_int_equal(spcrread(table, SIZE, &u),
		    type == 0 || type == 1 || type == 0x12);
	}
	spcr(0, 1, 8, 1, 0); /* redirection is off */
	assert_false(spcrread(table, SIZE, &u));
	for (unsigned space = 2; space < 256; space++) {
		spcr(0, (uint8_t)space, 8, 1, 0x3f8);
		assert_false(spcrread(table, SIZE, &u));
		assert_int_equal(u.space, UARTNONE);
	}
	spcr(0, 1, 8, 1, 0x3f8);
	table[42] = 1;
	assert_false(spcrread(table, SIZE, &u));
}

static void
a_short_table_is_not_read(void **state)
{
	Uart u;

	(void)state;
	spcr(0, 1, 8, 1, 0x3f8);
	for (size_t size = 0; size < SIZE; size++) {
		uint8_t *copy = malloc(MAX(size, (size_t)1));

		memcpy(copy, table, size);
		assert_int_equal(spcrread(copy, size, &u), size >= 52);
		free(copy);
	}
}

static void
only_what_can_be_reached_is_sane(void **state)
{
	static const struct {
		Uart u;
		bool sane;
	} row[] = {
	    {{UARTPORT, 1, 1, 0x3f8}, true},
	    {{UARTPORT, 1, 1, 0xffdf}, true},
	    {{UARTPORT, 1, 1, 0xfff8}, false},
	    {{UARTPORT, 1, 1, 0x103f8}, false},
	    {{UARTPORT, 1, 1, 0}, false},
	    {{UARTMEM, 4, 4, 0xfe034000}, true},
	    {{UARTMEM, 4, 4, 0xfe034002}, false},
	    {{UARTMEM, 4, 4, 1ull << 36}, false},
	    {{UARTMEM, 4, 4, (1ull << 36) - 0x20}, false},
	    {{UARTMEM, 1, 1, (1ull << 36) - 0x40}, true},
	    {{UARTMEM, 1, 1, UINT64_MAX}, false},
	};

	(void)state;
	for (size_t i = 0; i < nelem(row); i++)
		assert_int_equal(uartsane(&row[i].u, 36), row[i].sane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ports_of_all_kinds_are_understood),
	    cmocka_unit_test(what_is_no_16550_at_an_address_is_left_out),
	    cmocka_unit_test(a_short_table_is_not_read),
	    cmocka_unit_test(only_what_can_be_reached_is_sane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
