/*
 * history.c - lines that were typed, words that were begun.
 *
 * needs: kern/monitor/history.c kern/monitor/complete.c
 */
#include "unit.h"
#include "../../kern/monitor/complete.h"
#include "../../kern/monitor/edit.h"
#include "../../kern/monitor/history.h"

static void
the_last_are_kept(void **state)
{
	char line[20];

	(void)state;
	assert_null(historyline(0));
	assert_null(historyline(1));
	historyadd("");
	assert_null(historyline(1));
	historyadd("a");
	historyadd("b");
	historyadd("b");
	historyadd("bb");
	assert_string_equal(historyline(1), "bb");
	assert_string_equal(historyline(2), "b");
	assert_string_equal(historyline(3), "a");
	assert_null(historyline(4));
	assert_null(historyline(0));
	for (int i = 0; i < 100; i++) {
		sprintf(line, "line %d", i);
		historyadd(line);
		assert_string_equal(historyline(1), line);
	}
	assert_string_equal(historyline(HISTORYMAX), "line 68");
	assert_null(historyline(HISTORYMAX + 1));
}

static void
a_line_is_as_long_as_one_can_be(void **state)
{
	char line[300];

	(void)state;
	memset(line, 'x', sizeof line);
	line[299] = '\0';
	historyadd(line);
	assert_int_equal(strlen(historyline(1)), EDITMAX - 1);
}

static const char *const words[] = {"map", "mapped", "maps", "on", "one", "x"};

static const char *
word(size_t i)
{
	return i < nelem(words) ? words[i] : NULL;
}

static void
assert_completes(const char *begun, size_t found, const char *to)
{
	const char *first = "";
	size_t more = 0;

	assert_int_equal(
	    complete(begun, strlen(begun), word, &first, &more), found);
	if (found == 0)
		return;
	assert_int_equal(strlen(begun) + more, strlen(to));
	assert_int_equal(strncmp(first, to, strlen(to)), 0);
}

static void
a_word_goes_on_as_far_as_it_is_known(void **state)
{
	(void)state;
	assert_completes("m", 3, "map");
	assert_completes("map", 3, "map");
	assert_completes("mapp", 1, "mapped");
	assert_completes("mapped", 1, "mapped");
	assert_completes("mappedx", 0, "");
	assert_completes("o", 2, "on");
	assert_completes("", 6, "");
	assert_completes("x", 1, "x");
	assert_completes("y", 0, "");
}

static const char *
many(size_t i)
{
	static char text[100][20];

	if (i < 100)
		sprintf(text[i], "w%03zu", i);
	return i < 100 ? text[i] : NULL;
}

static void
they_are_listed_in_columns(void **state)
{
	(void)state;
	hostquiet();
	completions("ma", 2, word, 20);
	assert_said("map     mapped  \nmaps    \n");
	hostquiet();
	completions("", 0, many, 80);
	assert_int_equal(hosttimes("w0"), 60);
	assert_mentioned("w059  \n... and 40 more\n");
	hostloud();
}

/* As static functions of two files have. */
static const char *
twice(size_t i)
{
	static const char *const words[] = {"trap", "take", "tap", "take"};

	return i < nelem(words) ? words[i] : NULL;
}

static void
a_word_that_comes_twice_is_one(void **state)
{
	const char *first = NULL;
	size_t more = 0;

	(void)state;
	assert_int_equal(complete("tak", 3, twice, &first, &more), 1);
	assert_int_equal(complete("t", 1, twice, &first, &more), 3);
	hostquiet();
	completions("t", 1, twice, 80);
	assert_said("trap  take  tap   \n");
	hostloud();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_are_kept),
	    cmocka_unit_test(a_line_is_as_long_as_one_can_be),
	    cmocka_unit_test(a_word_goes_on_as_far_as_it_is_known),
	    cmocka_unit_test(a_word_that_comes_twice_is_one),
	    cmocka_unit_test(they_are_listed_in_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
