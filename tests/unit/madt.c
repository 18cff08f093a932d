/*
 * madt.c - ACPI's table of CPUs, well and badly.
 *
 * needs: efi/tables/madt.c
 */
#include "../../efi/tables/madt.h"
#include "unit.h"

enum { HEAD = 44, MOST = 128 * 1024 };

static uint8_t table[MOST];
static size_t size;
static Cpulist list;

static void
begin(void)
{
	memset(table, 0xa5, sizeof table);
	size = HEAD;
}

/* Its other bytes are left as they are. */
static uint8_t *
entry(uint8_t type, uint8_t n)
{
	uint8_t *e = table + size;

	e[0] = type;
	e[1] = n;
	size += n;
	return e;
}

static void
apic(uint8_t id, uint32_t flags)
{
	uint8_t *e = entry(0, 8);

	e[3] = id;
	memcpy(e + 4, &flags, 4);
}

static void
x2apic(uint32_t id, uint32_t flags)
{
	uint8_t *e = entry(9, 16);

	memcpy(e + 4, &id, 4);
	memcpy(e + 8, &flags, 4);
}

static void
both_kinds_are_read_in_order_and_once(void **state)
{
	static const uint32_t ids[] = {0, 7, 0x1234, 0xfe};

	(void)state;
	begin();
	apic(0, 1);
	entry(1, 12);
	apic(7, 1);
	apic(7, 1);
	x2apic(0x1234, 1);
	x2apic(7, 3);
	entry(0x80, 2);
	apic(0xfe, 1);
	madtread(table, size, &list);
	assert_true(list.told && !list.cut && !list.mailbox);
	assert_int_equal(list.n, nelem(ids));
	assert_int_equal(list.lost, 0);
	assert_memory_equal(list.id, ids, sizeof ids);
}

static void
who_is_not_enabled_is_no_cpu(void **state)
{
	(void)state;
	begin();
	apic(1, 0);
	apic(2, 2);
	x2apic(3, 2);
	x2apic(4, 0xfffffffe);
	apic(0xff, 1);
	x2apic(0xffffffff, 1);
	x2apic(0xff, 1);
	madtread(table, size, &list);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.id[0], 0xff);
	assert_int_equal(list.offline, 3);
}

static void
an_entry_too_short_for_its_type_says_nothing(void **state)
{
	(void)state;
	begin();
	entry(0, 7);
	entry(9, 15);
	apic(5, 1);
	madtread(table, size, &list);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.id[0], 5);
	assert_false(list.cut);
}

static void
a_length_that_leads_nowhere_ends_it(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		begin();
		apic(5, 1);
		uint8_t *e = entry(0, 9);
		e[1] = (uint8_t)n;
		e[2] = 8; /* one byte on an entry seems to begin */
		apic(6, 1);
		madtread(table, size, &list);
		assert_int_equal(list.n, 1);
		assert_true(list.cut);
	}
	begin();
	apic(5, 1);
	apic(6, 1);
	for (size_t less = 1; less < 8; less++) {
		madtread(table, size - less, &list);
		assert_int_equal(list.n, 1);
		assert_true(list.cut);
	}
}

static void
nothing_but_a_head_names_nobody(void **state)
{
	(void)state;
	begin();
	for (size_t n = 36; n <= HEAD; n++) {
		madtread(table, n, &list);
		assert_int_equal(list.n, 0);
		assert_true(list.told && !list.cut);
	}
}

static void
a_mailbox_is_seen_in_any_version(void **state)
{
	(void)state;
	begin();
	apic(0, 1);
	entry(16, 16)[2] = 1;
	madtread(table, size, &list);
	assert_true(list.mailbox);
	assert_int_equal(list.n, 1);
}

static void
more_than_fit_are_counted(void **state)
{
	(void)state;
	begin();
	for (uint32_t i = 0; i < MOSTCPUS + 3; i++)
		x2apic(3 * i, 1);
	madtread(table, size, &list);
	assert_int_equal(list.n, MOSTCPUS);
	assert_int_equal(list.lost, 3);
	assert_int_equal(list.id[MOSTCPUS - 1], 3 * (MOSTCPUS - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_kinds_are_read_in_order_and_once),
	    cmocka_unit_test(who_is_not_enabled_is_no_cpu),
	    cmocka_unit_test(an_entry_too_short_for_its_type_says_nothing),
	    cmocka_unit_test(a_length_that_leads_nowhere_ends_it),
	    cmocka_unit_test(nothing_but_a_head_names_nobody),
	    cmocka_unit_test(a_mailbox_is_seen_in_any_version),
	    cmocka_unit_test(more_than_fit_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
