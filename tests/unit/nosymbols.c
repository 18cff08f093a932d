/*
 * nosymbols.c - an image without a table of names, as it is linked first.
 *
 * needs: arch/symbol.c
 */
#include "unit.h"
#include "pe.h"
#include "symbol.h"

const uint8_t imagebase[16];
const Symbol symbols[1];
const uint32_t nsymbols;
const char symbolnames[1];

static void
nothing_has_a_name(void **state)
{
	size_t offset = 0;

	(void)state;
	assert_null(symbolname((uintptr_t)imagebase, &offset));
	assert_null(symbolname(0, &offset));
	assert_null(symbolword(0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
