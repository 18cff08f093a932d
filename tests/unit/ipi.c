/*
 * ipi.c - the interrupt command of both modes, by the manual's bits.
 *
 * needs: arch/amd64/ipi.c
 */
#include "apic.h"
#include "unit.h"

#define ASSERTED (1ull << 14)

/* Delivery modes: SDM volume 3A, 11.6.1. */
static void
what_is_sent_has_its_delivery_mode(void **state)
{
	(void)state;
	assert_int_equal(ipicommand(APICX2, 0, IPINMI), ASSERTED | 4 << 8);
	assert_int_equal(ipicommand(APICX2, 0, IPIINIT), ASSERTED | 5 << 8);
	assert_int_equal(
	    ipicommand(APICX2, 0, IPISTART | 0x9f), ASSERTED | 6 << 8 | 0x9f);
}

static void
xapic_has_eight_bits_for_whom(void **state)
{
	(void)state;
	for (uint64_t id = 0; id < 0xff; id++)
		assert_int_equal(ipicommand(APICX, (uint32_t)id, IPINMI),
		    id << 56 | ASSERTED | 4 << 8);
	assert_int_equal(ipicommand(APICX, 0xff, IPINMI), 0);
	assert_int_equal(ipicommand(APICX, 0x100, IPINMI), 0);
}

static void
x2apic_has_the_higher_half(void **state)
{
	(void)state;
	for (uint64_t id = 1; id < 0xffffffff; id *= 3)
		assert_int_equal(ipicommand(APICX2, (uint32_t)id, IPIINIT),
		    id << 32 | ASSERTED | 5 << 8);
	assert_int_equal(ipicommand(APICX2, 0xffffffff, IPINMI), 0);
}

static void
no_apic_no_command(void **state)
{
	(void)state;
	assert_int_equal(ipicommand(APICNONE, 0, IPINMI), 0);
	assert_int_equal(ipicommand(APICOFF, 0, IPINMI), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_sent_has_its_delivery_mode),
	    cmocka_unit_test(xapic_has_eight_bits_for_whom),
	    cmocka_unit_test(x2apic_has_the_higher_half),
	    cmocka_unit_test(no_apic_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
