/*
 * fadt.c - what the FADT and the DSDT say of switching off and of reset.
 *
 * needs: efi/tables/fadt.c
 */
#include "unit.h"
#include "../../efi/tables/acpi.h"
#include "../../efi/collect.h"

/* ACPI Specification 6.4, table 5.9. */
enum { HEAD = 36, FADTSIZE = 276, DSDTSIZE = 200, AT = 100 };

static uint8_t fadt[FADTSIZE];
static size_t fadtsize;
static uint8_t dsdt[DSDTSIZE];
static size_t dsdtsize;
static uint64_t dsdtaddr;
static Poweroff off;

const uint8_t *
acpitable(const char *signature, size_t *size)
{
	assert_string_equal(signature, "FACP");
	if (fadtsize == 0)
		return NULL;
	*size = fadtsize;
	return fadt;
}

const uint8_t *
acpiat(uint64_t addr, const char *signature, size_t *size)
{
	assert_string_equal(signature, "DSDT");
	if (addr != dsdtaddr)
		return NULL;
	*size = dsdtsize;
	return dsdt;
}

static void
put(size_t at, uint64_t v, size_t size)
{
	memcpy(fadt + at, &v, size);
}

/* A generic address: space, width, offset, access, address. */
static void
putaddr(size_t at, uint8_t space, uint64_t addr)
{
	fadt[at] = space;
	put(at + 4, addr, 8);
}

/* Name (_S5_, Package (4) {...}) with these bytes after the count. */
static void
sleeps(const char *bytes, size_t n)
{
	static const uint8_t head[] = {0x08, '_', 'S', '5', '_', 0x12, 0x0a, 4};

	memset(dsdt, 0x5a, sizeof dsdt);
	memcpy(dsdt + AT, head, sizeof head);
	memcpy(dsdt + AT + sizeof head, bytes, n);
}
#define SLEEPS(bytes) sleeps(bytes, sizeof bytes - 1)

static int
setup(void **state)
{
	(void)state;
	memset(fadt, 0, sizeof fadt);
	fadtsize = sizeof fadt;
	dsdtsize = sizeof dsdt;
	dsdtaddr = 0x7f001000;
	put(40, dsdtaddr, 4);
	put(64, 0x604, 4);
	put(68, 0xb004, 4);
	SLEEPS("\x0a\x05\x0a\x07\x00\x00");
	memset(&off, 0, sizeof off);
	return 0;
}

static void
reads(void)
{
	memset(&off, 0, sizeof off);
	acpipoweroff(&off);
}

static void
assert_types(int a, int b)
{
	reads();
	assert_int_equal(off.valid, a >= 0);
	if (a < 0)
		return;
	assert_int_equal(off.slptypa, a);
	assert_int_equal(off.slptypb, b);
}

static void
ports_and_sleep_types(void **state)
{
	(void)state;
	assert_types(5, 7);
	assert_int_equal(off.pm1a, 0x604);
	assert_int_equal(off.pm1b, 0xb004);
	assert_int_equal(off.resetport, 0);
	SLEEPS("\x00\x01\x00\x00");
	assert_types(0, 1);
	SLEEPS("\x01\x0a\x06\x00\x00");
	assert_types(1, 6);
	SLEEPS("\x0a\x03\x00\x00\x00");
	assert_types(3, 0);
}

/* A word constant, a name, ones: none that is one byte. */
static void
types_of_another_kind_are_none(void **state)
{
	(void)state;
	SLEEPS("\x0b\x05\x00\x0a\x05");
	assert_types(-1, 0);
	SLEEPS("\x0a\x05\xff\x00");
	assert_types(-1, 0);
	SLEEPS("\x0a\x05\x0b\x05\x00");
	assert_types(-1, 0);
}

/* The name as it stands: after Name, with or without a root before it. */
static void
the_object_is_known_by_all_of_its_bytes(void **state)
{
	for (size_t i = 0; i < 6; i++) {
		setup(state);
		dsdt[AT + i] ^= 1;
		assert_types(-1, 0);
	}
	setup(state);
	memmove(dsdt + AT + 1, dsdt + AT, 40);
	dsdt[AT + 1] = '\\';
	dsdt[AT] = 0x08;
	assert_types(5, 7);
	dsdt[AT] = 0x10;
	assert_types(-1, 0);
	dsdt[AT + 1] = '_';
	dsdt[AT] = 0x08;
	assert_types(-1, 0);
	setup(state);
	dsdt[AT + 6] = 0x4a;
	assert_types(-1, 0);
}

/* The table may end right behind it, and it may begin right at the start. */
static void
at_both_ends_of_the_table(void **state)
{
	(void)state;
	dsdtsize = AT + 1 + 14;
	assert_types(5, 7);
	dsdtsize--;
	assert_types(-1, 0);
	setup(state);
	memcpy(dsdt + HEAD + 1, dsdt + AT, 40);
	dsdt[AT] = 0;
	assert_types(5, 7);
	setup(state);
	memcpy(dsdt + HEAD, dsdt + AT, 40);
	dsdt[AT] = 0;
	assert_types(-1, 0);
	dsdtsize = 0;
	assert_types(-1, 0);
}

static void
the_wide_address_of_the_dsdt_wins(void **state)
{
	(void)state;
	dsdtaddr = 0x17f001000;
	put(140, dsdtaddr, 8);
	assert_types(5, 7);
	fadtsize = 147;
	assert_types(-1, 0);
	put(40, dsdtaddr, 4);
	dsdtaddr = 0x7f001000;
	assert_types(5, 7);
}

static void
a_wide_port_is_taken_where_the_narrow_is_missing(void **state)
{
	(void)state;
	putaddr(172, 1, 0x1804);
	assert_types(5, 7);
	assert_int_equal(off.pm1a, 0x604);
	put(64, 0, 4);
	assert_types(5, 7);
	assert_int_equal(off.pm1a, 0x1804);
	fadtsize = 183;
	assert_types(-1, 0);
	fadtsize = 184;
	assert_types(5, 7);
	fadt[172] = 0;
	assert_types(-1, 0);
}

static void
reset_is_a_port_and_a_value(void **state)
{
	(void)state;
	put(112, 1 << 10, 4);
	putaddr(116, 1, 0xcf9);
	fadt[128] = 0x0e;
	reads();
	assert_int_equal(off.resetport, 0xcf9);
	assert_int_equal(off.resetvalue, 0x0e);
	put(112, ~(1u << 10), 4);
	reads();
	assert_int_equal(off.resetport, 0);
	put(112, 1 << 10, 4);
	fadtsize = 129;
	reads();
	assert_int_equal(off.resetport, 0xcf9);
	fadtsize = 128;
	reads();
	assert_int_equal(off.resetport, 0);
	fadtsize = 129;
	fadt[116] = 0;
	reads();
	assert_int_equal(off.resetport, 0);
}

static void
without_a_table_nothing_is_known(void **state)
{
	Poweroff none = {.pm1a = 0};

	(void)state;
	put(112, 1 << 10, 4);
	putaddr(116, 1, 0xcf9);
	for (fadtsize = 0; fadtsize < 72; fadtsize++) {
		reads();
		assert_memory_equal(&off, &none, sizeof off);
	}
	fadtsize = 72;
	assert_types(5, 7);
}

/*
 *	offset 8 revision, 109 boot architecture flags: bit 1, an 8042 is there
 */
static void
no_keyboard_controller_only_if_it_says_so(void **state)
{
	(void)state;
	fadt[8] = 2;
	put(109, 0xffff & ~2, 2);
	assert_true(acpino8042());
	put(109, 2, 2);
	assert_false(acpino8042());
	put(109, 0, 2);
	assert_true(acpino8042());
	fadt[8] = 1;
	assert_false(acpino8042());
	fadt[8] = 6;
	fadtsize = 111;
	assert_true(acpino8042());
	fadtsize = 110;
	assert_false(acpino8042());
	fadtsize = 0;
	assert_false(acpino8042());
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(ports_and_sleep_types),
	    TEST(types_of_another_kind_are_none),
	    TEST(the_object_is_known_by_all_of_its_bytes),
	    TEST(at_both_ends_of_the_table),
	    TEST(the_wide_address_of_the_dsdt_wins),
	    TEST(a_wide_port_is_taken_where_the_narrow_is_missing),
	    TEST(reset_is_a_port_and_a_value),
	    TEST(without_a_table_nothing_is_known),
	    TEST(no_keyboard_controller_only_if_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
