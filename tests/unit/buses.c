/*
 * buses.c - MCFG, DMAR and IVRS tables, well and badly.
 *
 * needs: efi/tables/buses.c
 */
#include "../../efi/tables/buses.h"
#include "unit.h"

enum { MOST = 1024 };

static uint8_t table[MOST];
static size_t size;

static void
begin(size_t head)
{
	memset(table, 0xa5, sizeof table);
	size = head;
}

static void
bytes(const void *p, size_t n)
{
	memcpy(table + size, p, n);
	size += n;
}

static void
mcfg(uint64_t pa, uint16_t segment, uint8_t first, uint8_t last)
{
	bytes(&pa, 8);
	bytes(&segment, 2);
	bytes(&first, 1);
	bytes(&last, 1);
	bytes("\0\0\0\0", 4);
}

/* A unit of so many bytes; type has 2 in DMAR, 1 and flags in IVRS. */
static void
unit(uint16_t type, uint16_t n, uint64_t pa)
{
	size_t at = size;

	bytes(&type, 2);
	bytes(&n, 2);
	bytes("\0\0\0\0", 4);
	bytes(&pa, 8);
	size = at + n;
}

static void
buses_of_all_segments_are_read(void **state)
{
	Pcibuses b[MOSTPCI];

	(void)state;
	begin(44);
	mcfg(0xb0000000, 0, 0, 255);
	mcfg(1ull << 40, 1, 16, 31);
	mcfg(0, 2, 0, 255);
	mcfg(0xb0001000, 3, 0, 255);
	mcfg(0xc0000000, 4, 9, 8);
	size += 15;
	assert_int_equal(mcfgread(table, size, b), 2);
	assert_int_equal(b[0].pa, 0xb0000000);
	assert_int_equal(b[0].last, 255);
	assert_int_equal(b[1].pa, 1ull << 40);
	assert_int_equal(b[1].segment, 1);
	assert_int_equal(b[1].first, 16);
	assert_int_equal(mcfgread(table, 44, b), 0);
	begin(44);
	for (uint16_t i = 0; i < 40; i++)
		mcfg(0xb0000000, i, 0, 0);
	assert_int_equal(mcfgread(table, size, b), MOSTPCI);
}

static void
dmar_has_units_of_type_0(void **state)
{
	Iommus u;

	(void)state;
	begin(48);
	unit(0, 24, 0xfed90000);
	unit(1, 32, 0xfed92000);
	unit(0, 12, 0xfed93000);
	unit(0, 16, 0xfed91000);
	unit(0, 16, 0xfed90000);
	dmarread(table, size, &u);
	assert_int_equal(u.table, IOMMUDMAR);
	assert_int_equal(u.n, 2);
	assert_int_equal(u.unit[0], 0xfed90000);
	assert_int_equal(u.unit[1], 0xfed91000);
	dmarread(table, 48, &u);
	assert_int_equal(u.n, 0);
}

static void
ivrs_names_a_unit_several_times(void **state)
{
	Iommus u;

	(void)state;
	begin(48);
	unit(0xb010, 24, 0xfeb80000);
	unit(0xb011, 40, 0xfeb80000);
	unit(0xb040, 40, 0xfeb80000);
	unit(0x0020, 32, 0xfeb81000);
	unit(0xb010, 8, 0xfeb82000);
	unit(0xb010, 24, 0x10b80000000);
	unit(0xb010, 24, 0);
	unit(0xb010, 24, 0xfeb80800);
	/* Each kind of entry may be a unit's only one. */
	unit(0xb011, 40, 0xfeb84000);
	unit(0xb040, 40, 0xfeb85000);
	ivrsread(table, size, &u);
	assert_int_equal(u.table, IOMMUIVRS);
	assert_int_equal(u.n, 4);
	assert_int_equal(u.unit[1], 0x10b80000000);
	assert_int_equal(u.unit[2], 0xfeb84000);
	assert_int_equal(u.unit[3], 0xfeb85000);
}

static void
lengths_that_lead_nowhere_end_it(void **state)
{
	Iommus u;

	for (uint16_t n = 0; n < 4; n++) {
		begin(48);
		unit(0x10, 16, 0xfeb80000);
		unit(0x10, n, 0xfeb81000);
		size += 16;
		ivrsread(table, size, &u);
		assert_int_equal(u.n, 1);
		table[48] = 0;
		dmarread(table, size, &u);
		assert_int_equal(u.n, 1);
	}
	(void)state;
}

static void
more_units_than_fit_are_counted(void **state)
{
	Iommus u;

	(void)state;
	begin(48);
	for (uint64_t i = 1; i <= MOSTIOMMU + 3; i++)
		unit(0, 16, i * MiB);
	dmarread(table, size, &u);
	assert_int_equal(u.n, MOSTIOMMU);
	assert_int_equal(u.lost, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(buses_of_all_segments_are_read),
	    cmocka_unit_test(dmar_has_units_of_type_0),
	    cmocka_unit_test(ivrs_names_a_unit_several_times),
	    cmocka_unit_test(lengths_that_lead_nowhere_end_it),
	    cmocka_unit_test(more_units_than_fit_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
