/*
 * format.c - every conversion that print() and snprint() have, against one
 * put together here from digits.
 *
 * needs: kern/format.c tests/model/formatted.c
 */
#include "unit.h"
#include "formatted.h"
#include "print.h"

/* What snprint makes of one conversion is what the model does. */
static void
same(const Conversion *c, uint64_t value)
{
	char format[32], want[256], got[256];

	conversionformat(c, format);
	formatted(c, value, want);
	size_t n = conversionprint(c, format, value, got, sizeof got);
	if (strcmp(got, want) != 0)
		fail_msg("%s of %#jx: '%s' and not '%s'", format,
		    (uintmax_t)value, got, want);
	assert_int_equal(n, strlen(want));
}

static void
every_number_in_every_form(void **state)
{
	static const int widths[] = {-1, 0, 1, 2, 5, 21, 40};
	static const uint64_t values[] = {0, 1, 9, 10, 127, 128, 255, 256,
	    32767, 32768, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff,
	    1ull << 32, 0x123456789abcdef0, INT64_MAX, 1ull << 63, UINT64_MAX,
	    (uint64_t)-10, (uint64_t)-129};
	size_t sizes = nelem(conversionsizes);

	(void)state;
	for (const char *l = "diuxX"; *l != '\0'; l++)
		for (unsigned flags = 0; flags < 8; flags++)
			for (size_t i = 0; i < 49 * sizes; i++) {
				Conversion c = {.letter = *l,
				    .sharp = flags & 1,
				    .zero = flags & 2,
				    .left = flags & 4,
				    .width = widths[i % 7],
				    .precision = widths[i / 7 % 7],
				    .size = i / 49};

				for (size_t v = 0; v < nelem(values); v++)
					same(&c, values[v]);
			}
}

#define assert_prints(want, ...)                                               \
	do {                                                                   \
		char got[200];                                                 \
		size_t n = snprint(got, sizeof got, __VA_ARGS__);              \
		assert_string_equal(got, want);                                \
		assert_int_equal(n, strlen(want));                             \
	} while (0)

static void
texts_characters_and_pointers(void **state)
{
	const char *volatile none = NULL;

	(void)state;
	assert_prints("[abc|  abc|abc  |ab]", "[%s|%5s|%-5s|%.2s]", "abc",
	    "abc", "abc", "abc");
	assert_prints("abc   abc ab abc", "%.9s %5.9s %.*s %2s", "abc", "abc",
	    2, "abc", "abc");
	assert_prints("(null)", "%s", none);
	assert_prints("x|  y|z  ", "%c|%3c|%-3c", 'x', 'y', 'z');
	assert_prints("0x1234 0x0", "%p %p", (void *)0x1234, (void *)none);
	assert_prints("100% 5", "100%% %d", 5);
	assert_prints("", "%s", "");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
static void
what_is_no_conversion_is_shown(void **state)
{
	char got[40];
	const char *strange = "%y|%5y|%";
	const char *cut = "a%-08.3ll";

	(void)state;
	snprint(got, sizeof got, strange);
	assert_string_equal(got, "y|y|");
	snprint(got, sizeof got, cut);
	assert_string_equal(got, "a");
}
#pragma GCC diagnostic pop

/* As the C library has it: negative is to the left, or as if not there. */
static void
widths_that_are_arguments(void **state)
{
	(void)state;
	assert_prints("    7|7    |7    ", "%*d|%-*d|%*d", 5, 7, 5, 7, -5, 7);
	assert_prints("007|7|abc", "%.*d|%.*d|%.*s", 3, 7, -3, 7, -1, "abc");
}

static void
a_buffer_gets_what_fits_and_an_end(void **state)
{
	char got[8];

	(void)state;
	memset(got, 'x', sizeof got);
	assert_int_equal(snprint(got, 4, "%d", 12345), 3);
	assert_memory_equal(got, "123\0xxxx", 8);
	assert_int_equal(snprint(got, 1, "abc"), 0);
	assert_memory_equal(got, "\00023\0xxxx", 8);
	assert_int_equal(snprint(got, 0, "abc"), 0);
	assert_memory_equal(got, "\00023\0xxxx", 8);
	assert_int_equal(snprint(got, 4, "abc"), 3);
	assert_memory_equal(got, "abc\0xxxx", 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_number_in_every_form),
	    cmocka_unit_test(texts_characters_and_pointers),
	    cmocka_unit_test(what_is_no_conversion_is_shown),
	    cmocka_unit_test(widths_that_are_arguments),
	    cmocka_unit_test(a_buffer_gets_what_fits_and_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
