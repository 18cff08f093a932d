/*
 * rsdp.c - ACPI's root pointer, looked for in memory.
 *
 * needs: efi/tables/rsdp.c
 */
#include "../../efi/tables/acpi.h"
#include "unit.h"

enum { SIZE = 4096 };

static uint8_t area[SIZE];

static int
setup(void **state)
{
	(void)state;
	memset(area, 0, sizeof area);
	return 0;
}

static void
seal(uint8_t *p, size_t at, size_t size)
{
	p[at] = 0;
	for (size_t i = 0; i < size; i++)
		p[at] -= i == at ? 0 : p[i];
}

static uint8_t *
rsdp(size_t at, uint8_t revision)
{
	uint8_t *p = area + at;

	memcpy(p, "RSD PTR ", 8);
	p[15] = revision;
	memcpy(p + 16, "\x00\x10\xfe\x1f", 4);
	seal(p, 8, 20);
	if (revision >= 2) {
		p[20] = 36;
		seal(p, 32, 36);
	}
	return p;
}

static void
it_is_found_at_every_sixteenth_byte(void **state)
{
	for (size_t at = 0; at + 36 <= SIZE; at++)
		for (uint8_t revision = 0; revision <= 2; revision += 2) {
			setup(state);
			const uint8_t *p = rsdp(at, revision);

			assert_ptr_equal(
			    rsdpscan(area, SIZE), at % 16 == 0 ? p : NULL);
		}
}

static void
one_with_a_wrong_sum_or_length_is_passed_over(void **state)
{
	(void)state;
	rsdp(64, 0)[17]++;
	rsdp(128, 2)[30]++;
	rsdp(192, 2)[20]++;
	rsdp(256, 0)[0] = 'r';
	uint8_t *longer = rsdp(288, 2);
	longer[20] = 40;
	seal(longer, 32, 36);
	assert_null(rsdpscan(area, SIZE));
	assert_ptr_equal(rsdp(320, 2), rsdpscan(area, SIZE));
}

static void
nothing_is_read_behind_the_end(void **state)
{
	for (uint8_t revision = 0; revision <= 2; revision += 2)
		for (size_t size = 0; size <= 64; size++) {
			uint8_t *copy = malloc(MAX(size, (size_t)1));
			size_t want = 16 + (revision < 2 ? 20 : 36);

			setup(state);
			rsdp(16, revision);
			memcpy(copy, area, size);
			assert_int_equal(
			    rsdpscan(copy, size) != NULL, size >= want);
			free(copy);
		}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_is_found_at_every_sixteenth_byte),
	    TEST(one_with_a_wrong_sum_or_length_is_passed_over),
	    TEST(nothing_is_read_behind_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
