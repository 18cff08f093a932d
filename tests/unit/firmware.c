/*
 * firmware.c - what efi/ asks of firmware in more than one place, of one that
 * does as it likes.
 *
 * needs: tests/host/fakefw.c
 */
#include "unit.h"
#include "cpu.h"
#include "fakefw.h"
#include "../../efi/firmware.h"

static Rawmap m;

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakestart();
	cpu.physbits = 46;
	fakedesc(7, 1 * MiB, 256, 8);
	fakedesc(4, 2 * MiB, 512, 8);
	return 0;
}

/* Nothing that was taken from the pool is left. */
static void
the_map_is_read_whole(void **state)
{
	(void)state;
	assert_true(getmap(&m));
	assert_int_equal(m.size, 2 * 48);
	assert_int_equal(m.stride, 48);
	assert_int_equal(m.key, 1);
	assert_memory_equal(m.desc, fakefw.map, m.size);
	assert_int_equal(fakefw.mapcalls, 2);
	Efimap map = efimapof(&m);
	assert_ptr_equal(map.desc, m.desc);
	assert_int_equal(map.size, 2 * 48);
	assert_int_equal(map.stride, 48);
	assert_int_equal(map.physbits, 46);
	assert_int_equal(map.blocksize, 0);
	fwfree(m.desc);
}

/* As the buffer's own allocation makes it. */
static void
a_map_that_grows_is_asked_for_again(void **state)
{
	(void)state;
	fakefw.growth = 16 * 48;
	assert_true(getmap(&m));
	assert_int_equal(fakefw.mapcalls, 2);
	fwfree(m.desc);
	setup(state);
	fakefw.growth = 15 * 48;
	fakefw.shy = true;
	assert_true(getmap(&m));
	assert_int_equal(m.size, fakefw.mapsize);
	fwfree(m.desc);
}

static void
firmware_without_a_map_is_told_of(void **state)
{
	(void)state;
	fakefw.status = EFI_DEVICE_ERROR;
	assert_false(getmap(&m));
	assert_null(m.desc);
	assert_mentioned("gives no memory map: status 0x8000000000000007");
	setup(state);
	fakefw.stride = 40;
	fakefw.growth = 1000;
	assert_false(getmap(&m));
	assert_int_equal(fakefw.mapcalls, 8);
	assert_mentioned("status 0x8000000000000005");
	setup(state);
	fakefw.most = 0;
	assert_false(getmap(&m));
	assert_mentioned("no memory for a map of 864 bytes");
}

static void
tables_and_protocols_are_found_by_name(void **state)
{
	EFI_GUID a = ACPI_20_TABLE_GUID;
	EFI_GUID b = ACPI_TABLE_GUID;
	int x, y;

	(void)state;
	assert_null(configtable(a));
	fakeconfig(b, &x);
	assert_null(configtable(a));
	fakeconfig(a, &y);
	assert_ptr_equal(configtable(a), &y);
	assert_ptr_equal(configtable(b), &x);
	fakeprotocol((EFI_HANDLE)2, a, &x);
	assert_ptr_equal(protocol((EFI_HANDLE)2, a), &x);
	assert_null(protocol((EFI_HANDLE)2, b));
	assert_null(protocol((EFI_HANDLE)3, a));
	assert_null(protocol(NULL, a));
}

static void
text_is_narrow_and_printable_or_refused(void **state)
{
	CHAR16 strange[] = {'a', 0x161, 'b', 0};
	char text[5];

	(void)state;
	assert_true(narrow(wide("abcd"), 100, text, sizeof text));
	assert_string_equal(text, "abcd");
	assert_true(narrow(wide("abcdef"), 3, text, sizeof text));
	assert_string_equal(text, "abc");
	assert_true(narrow(wide("abcdef"), 4, text, sizeof text));
	assert_false(narrow(wide("abcde"), 100, text, sizeof text));
	assert_string_equal(text, "abcd");
	assert_false(narrow(strange, 3, text, sizeof text));
	assert_string_equal(text, "a");
	for (unsigned c = 1; c < 0x180; c++) {
		strange[1] = (CHAR16)c;
		assert_int_equal(narrow(strange, 3, text, sizeof text),
		    c >= ' ' && c < 0x7f);
	}
}

static void
memory_comes_from_the_pool(void **state)
{
	(void)state;
	void *p = fwtake(10);
	assert_non_null(p);
	assert_int_equal(fakefw.pool, 1);
	fwfree(p);
	fwfree(NULL);
	assert_int_equal(fakefw.pool, 0);
	fakefw.most = 0;
	assert_null(fwtake(10));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fakeended)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_map_is_read_whole),
	    TEST(a_map_that_grows_is_asked_for_again),
	    TEST(firmware_without_a_map_is_told_of),
	    TEST(tables_and_protocols_are_found_by_name),
	    TEST(text_is_narrow_and_printable_or_refused),
	    TEST(memory_comes_from_the_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
