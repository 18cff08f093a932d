/*
 * acpi.c - the tables that are found, and those that are believed, in memory
 * laid out as firmware does: below 4 GiB, and where a PC's BIOS is.
 *
 * needs: efi/tables/acpi.c efi/tables/rsdp.c tests/host/lowtables.c
 */
#include "unit.h"
#include "cpu.h"
#include "fakefw.h"
#include "lowtables.h"
#include "../../efi/tables/acpi.h"

#include <sys/mman.h>

static uint8_t *rsdp;
static uint8_t *sdt;

static int
startup(void **state)
{
	(void)state;
	lowtablesopen();
	return 0;
}

/* A machine with "ABCD" and "WXYZ", by a wide root table. */
static int
setup(void **state)
{
	EFI_GUID guid = ACPI_20_TABLE_GUID;

	(void)state;
	fakestart();
	lowtablesstart();
	sdt = roottable("XSDT", 8,
	    (uint8_t *[]){table("ABCD", 40), table("WXYZ", 500), NULL});
	rsdp = root(low + used, 2, 0, (uintptr_t)sdt);
	used += 64;
	fakeconfig(guid, rsdp);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	acpiclose();
	return fakefw.pool == 0 ? 0 : -1;
}

static bool
has(const char *signature, size_t size)
{
	size_t n = 0;
	const uint8_t *t = acpitable(signature, &n);

	if (t != NULL)
		assert_int_equal(n, size);
	return t != NULL && memcmp(t, signature, 4) == 0;
}

/* Opened as it is now, it has both tables or none. */
static void
assert_found(bool found)
{
	acpiclose();
	acpiopen();
	assert_int_equal(has("ABCD", 40), found);
	assert_int_equal(has("WXYZ", 500), found);
	assert_false(has("NONE", 0));
}

static void
tables_are_found_by_their_names(void **state)
{
	(void)state;
	assert_true(acpiopen());
	assert_found(true);
	acpiclose();
	assert_false(has("ABCD", 40));
}

static void
the_narrow_root_is_taken_where_it_counts(void **state)
{
	uint8_t *none = table("XSDT", TABLEHEAD);
	uint8_t *rsdt = roottable("RSDT", 4,
	    (uint8_t *[]){table("ABCD", 40), table("WXYZ", 500), NULL});

	(void)state;
	root(rsdp, 0, (uintptr_t)rsdt, (uintptr_t)none);
	assert_found(true);
	root(rsdp, 1, (uintptr_t)rsdt, (uintptr_t)none);
	assert_found(true);
	root(rsdp, 2, (uintptr_t)rsdt, (uintptr_t)none);
	assert_found(false);
	root(rsdp, 2, (uintptr_t)rsdt, 0);
	assert_found(true);
	root(rsdp, 2, 0, (uintptr_t)rsdt);
	assert_found(false);
	root(rsdp, 0, (uintptr_t)sdt, 0);
	assert_found(false);
	root(rsdp, 0, 0, 0);
	assert_found(false);
}

/* Each byte of the root table, and of a table, one off. */
static void
what_does_not_add_up_is_not_believed(void **state)
{
	uint8_t *wxyz = NULL;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < TABLEHEAD + 16; i++) {
		sdt[i]++;
		acpiclose();
		acpiopen();
		assert_false(has("ABCD", 40) && has("WXYZ", 500));
		sdt[i]--;
	}
	assert_found(true);
	wxyz = (uint8_t *)acpitable("WXYZ", &n);
	for (size_t i = 0; i < n; i++) {
		wxyz[i]++;
		assert_false(has("WXYZ", 500));
		wxyz[i]--;
	}
	assert_true(has("WXYZ", 500));
}

/* Its head, then all of it, then one byte less than that. */
static void
memory_that_the_map_does_not_know_is_not_read(void **state)
{
	uint8_t *lone = memory(NULL, 2 * BY2PG, 0);
	uint8_t *t = lone + BY2PG - 40;
	size_t n = 0;

	(void)state;
	memcpy(t, table("LONE", 100), 100);
	assert_true(acpiopen());
	assert_null(acpiat((uintptr_t)t, "LONE", &n));
	acpiclose();
	known(lone, 1);
	acpiopen();
	assert_null(acpiat((uintptr_t)t, "LONE", &n));
	assert_null(acpiat(0, "LONE", &n));
	memmove(t - 60, t, 100);
	assert_non_null(acpiat((uintptr_t)t - 60, "LONE", &n));
	assert_int_equal(n, 100);
	memmove(t - 59, t - 60, 100);
	assert_null(acpiat((uintptr_t)t - 59, "LONE", &n));
	memmove(t + 5, t - 59, 35);
	assert_null(acpiat((uintptr_t)t + 5, "LONE", &n));
	munmap(lone, 2 * BY2PG);
}

static void
a_length_must_be_one(void **state)
{
	static const uint32_t wrong[] = {0, 35, 16 * MiB + 1, UINT32_MAX};
	uint8_t *huge = memory(NULL, 17 * MiB, 0);
	uint32_t most = 16 * MiB;
	size_t n = 0;

	(void)state;
	known(huge, 17 * MiB / BY2PG);
	acpiopen();
	memcpy(huge, "HUGE", 4);
	for (size_t i = 0; i < nelem(wrong); i++) {
		memcpy(huge + 4, &wrong[i], 4);
		sum(huge, MIN(wrong[i], 17 * MiB), 9);
		assert_null(acpiat((uintptr_t)huge, "HUGE", &n));
	}
	memcpy(huge + 4, &most, 4);
	sum(huge, most, 9);
	assert_non_null(acpiat((uintptr_t)huge, "HUGE", &n));
	assert_int_equal(n, most);
	munmap(huge, 17 * MiB);
}

/* An entry and a half are one entry. */
static void
a_torn_root_table_is_read_as_far_as_it_goes(void **state)
{
	uint32_t size = TABLEHEAD + 12;

	(void)state;
	memcpy(sdt + 4, &size, 4);
	sum(sdt, size, 9);
	assert_true(acpiopen());
	assert_true(has("ABCD", 40));
	assert_false(has("WXYZ", 500));
}

static void
the_older_name_is_second_and_the_search_third(void **state)
{
	EFI_GUID guid1 = ACPI_TABLE_GUID;
	uint8_t *other = root(low + used, 0, 0, 0);

	(void)state;
	used += 64;
	uint8_t *rsdt = roottable("RSDT", 4,
	    (uint8_t *[]){table("ABCD", 40), table("WXYZ", 500), NULL});
	root(other, 0, (uintptr_t)rsdt, 0);
	rsdp[0] = 'X';
	fakeconfig(guid1, other);
	assert_found(true);
	other[8]++;
	assert_found(false);
	root((uint8_t *)BIOS + BIOSSIZE - 48, 0, (uintptr_t)rsdt, 0);
	assert_found(true);
	other[8]--;
	root(other, 0, 0, 0);
	assert_found(false);
}

/* The root pointer: signature, sum, its own memory. */
static void
a_root_pointer_is_believed_or_not(void **state)
{
	EFI_GUID guid = ACPI_20_TABLE_GUID;
	uint8_t *page = memory(NULL, 2 * BY2PG, 0);

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		rsdp[i]++;
		assert_false(acpiopen());
		acpiclose();
		rsdp[i]--;
	}
	assert_found(true);
	fakesystem.NumberOfTableEntries = 0;
	known(page, 1);
	fakeconfig(guid, root(page + BY2PG - 36, 2, 0, (uintptr_t)sdt));
	assert_found(true);
	fakesystem.NumberOfTableEntries = 0;
	fakeconfig(guid, root(page + BY2PG - 35, 2, 0, (uintptr_t)sdt));
	assert_found(false);
	root(page + BY2PG - 20, 1, 0, 0);
	fakesystem.NumberOfTableEntries = 0;
	fakeconfig(guid, page + BY2PG - 20);
	acpiclose();
	assert_true(acpiopen());
	fakesystem.NumberOfTableEntries = 0;
	fakeconfig(guid, root(page + BY2PG - 19, 1, 0, 0));
	acpiclose();
	assert_false(acpiopen());
	munmap(page, 2 * BY2PG);
}

static void
without_a_map_nothing_is_read(void **state)
{
	(void)state;
	hostquiet();
	fakefw.status = EFI_DEVICE_ERROR;
	assert_false(acpiopen());
	assert_false(has("ABCD", 40));
	hostloud();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(tables_are_found_by_their_names),
	    TEST(the_narrow_root_is_taken_where_it_counts),
	    TEST(what_does_not_add_up_is_not_believed),
	    TEST(memory_that_the_map_does_not_know_is_not_read),
	    TEST(a_length_must_be_one),
	    TEST(a_torn_root_table_is_read_as_far_as_it_goes),
	    TEST(the_older_name_is_second_and_the_search_third),
	    TEST(a_root_pointer_is_believed_or_not),
	    TEST(without_a_map_nothing_is_read),
	};

	return cmocka_run_group_tests(tests, startup, NULL);
}
