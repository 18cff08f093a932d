/*
 * nearest.c - which word was meant; of short ones, all pairs.
 *
 * needs: kern/nearest.c kern/value.c kern/format.c
 */
#include "../../kern/nearest.h"
#include "unit.h"

static const struct {
	const char *name;
	int other;
} words[] = {{"map", 1}, {"rehearse", 2}, {"e820", 3}, {"*kernelpercent", 4},
    {"*checks", 5}, {"averylongwordthatnobodyevermeans", 6}};

static void
ismeant(const char *word, const char *meant)
{
	const char *is = nearest(word, words, nelem(words), sizeof words[0]);

	if (meant == NULL)
		assert_null(is);
	else {
		assert_non_null(is);
		assert_string_equal(is, meant);
	}
}

static void
one_change_is_near_and_two_of_a_long_word(void **state)
{
	(void)state;
	ismeant("mpa", "map");
	ismeant("ma", "map");
	ismeant("maap", "map");
	ismeant("mup", "map");
	ismeant("MAP", "map");
	ismeant("mups", NULL);
	ismeant("reherse", "rehearse");
	ismeant("rehaerze", "rehearse");
	ismeant("rxhxxrse", NULL);
	ismeant("*kernlepercnt=30", "*kernelpercent");
	ismeant("*check=none", "*checks");
	ismeant("e821", "e820");
}

static void
nothing_is_near_what_is_short_or_long(void **state)
{
	(void)state;
	ismeant("", NULL);
	ismeant("=map", NULL);
	ismeant("p", NULL);
	ismeant("averylongwordthatnobodyevermeant", NULL);
	ismeant("1234567890123456789012345", NULL);
	ismeant("averylongwordthatnobodye", NULL);
}

static void
of_two_that_are_as_near_the_first_is_meant(void **state)
{
	static const char *const pair[] = {"mat", "map", "mad"};

	(void)state;
	assert_string_equal(nearest("mac", pair, 3, sizeof *pair), "mat");
	assert_string_equal(nearest("mapp", pair, 3, sizeof *pair), "map");
	assert_null(nearest("mac", pair, 0, sizeof *pair));
}

static void
letters_change_places_only_with_each_other(void **state)
{
	static const char *const word[] = {"by", "of"};

	(void)state;
	assert_null(nearest("xb", word, 1, sizeof *word));
	assert_string_equal(nearest("yb", word, 1, sizeof *word), "by");
	assert_null(nearest("o", word, 2, sizeof *word));
}

/* Words of up to 4 letters, of 2 kinds. */
enum { MOST = 4, NWORD = 1 << (MOST + 1) };

/* Word i has the digits of i after its first one. */
static size_t
spell(unsigned i, char *s)
{
	size_t n = 0;
	unsigned top = NWORD / 2;

	while (top > 1 && (i & top) == 0)
		top >>= 1;
	for (top >>= 1; top > 0; top >>= 1)
		s[n++] = i & top ? 'b' : 'a';
	s[n] = '\0';
	return n;
}

static bool
onechange(const char *a, size_t na, const char *b, size_t nb)
{
	size_t i = 0;
	size_t k = 0;

	if (na > nb)
		return onechange(b, nb, a, na);
	while (i < na && a[i] == b[i])
		i++;
	if (nb == na + 1)
		return memcmp(a + i, b + i + 1, na - i) == 0;
	if (na != nb || i == na)
		return false;
	for (k = i + 1; k < na && a[k] == b[k]; k++)
		;
	if (k == na)
		return true;
	return k == i + 1 && a[i] == b[k] && a[k] == b[i] &&
	       memcmp(a + k + 1, b + k + 1, na - k - 1) == 0;
}

static void
one_change_of_any_kind_and_no_two_of_short_words(void **state)
{
	char a[MOST + 1];
	char b[MOST + 1];
	const char *word = b;

	(void)state;
	for (unsigned i = 4; i < NWORD; i++)
		for (unsigned j = 2; j < NWORD; j++) {
			size_t na = spell(i, a);
			size_t nb = spell(j, b);
			bool near = i == j || onechange(a, na, b, nb);

			assert_int_equal(
			    nearest(a, &word, 1, sizeof word) != NULL, near);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_change_is_near_and_two_of_a_long_word),
	    cmocka_unit_test(nothing_is_near_what_is_short_or_long),
	    cmocka_unit_test(of_two_that_are_as_near_the_first_is_meant),
	    cmocka_unit_test(letters_change_places_only_with_each_other),
	    cmocka_unit_test(one_change_of_any_kind_and_no_two_of_short_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
