/*
 * edit.c - a line under random keys, beside a model of it; and what is shown of
 * it, on a terminal.
 *
 * needs: kern/monitor/edit.c kern/monitor/redraw.c tests/host/terminal.c
 * needs: tests/model/typed.c
 */
#include "unit.h"
#include "key.h"
#include "terminal.h"
#include "typed.h"
#include "../../kern/monitor/edit.h"
#include "../../kern/monitor/redraw.h"

enum { ROUNDS = 300, KEYS = 400 };

static uint32_t seed;

static unsigned
lot(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static int
randomkey(void)
{
	static const int keys[] = {KEYLEFT, KEYRIGHT, KEYHOME, KEYEND,
	    KEYDELETE, '\b', 0x7f, 1, 2, 4, 5, 6, KEYLEFT, KEYLEFT, KEYUP, 3,
	    0x80, KEYINSERT};
	static const int rare[] = {11, 21, 23};

	switch (lot(8)) {
	case 0:
		return lot(6) == 0 ? rare[lot(nelem(rare))] : ' ';
	case 1:
	case 2:
		return keys[lot(nelem(keys))];
	default:
		return (int)('!' + lot('~' - '!' + 1));
	}
}

/* Is it a key of the editor's at all? */
static bool
known(int key)
{
	return (key >= ' ' && key <= '~') || key == '\b' || key == 0x7f ||
	       (key >= KEYLEFT && key <= KEYEND) || key == KEYDELETE ||
	       (key > 0 && key < ' ' && strchr("\1\2\4\5\6\13\25\27", key));
}

static void
any_keys_make_the_models_line(void **state)
{
	(void)state;
	for (seed = 1; seed <= ROUNDS; seed++) {
		uint32_t was = seed;
		Edit e;

		editset(&e, "");
		Typed model = {.before = ""};

		for (int i = 0; i < KEYS; i++) {
			int key = randomkey();
			char whole[TYPEDMAX + 1];

			assert_int_equal(editkey(&e, key), known(key));
			typedkey(&model, key);
			typedline(&model, whole);
			assert_string_equal(e.text, whole);
			assert_int_equal(e.at, strlen(model.before));
			assert_int_equal(e.n, strlen(whole));
		}
		seed = was;
	}
}

static void
a_text_goes_in_whole_or_not_at_all(void **state)
{
	Edit e;
	char text[200];

	(void)state;
	memset(text, 'x', sizeof text);
	text[199] = '\0';
	editset(&e, text);
	assert_int_equal(e.n, EDITMAX - 1);
	assert_int_equal(e.at, EDITMAX - 1);
	assert_false(editinsert(&e, "a", 1));
	editset(&e, "walk ");
	assert_true(editinsert(&e, "main", 4));
	e.at = 5;
	assert_false(editinsert(&e, text, EDITMAX - 9));
	assert_string_equal(e.text, "walk main");
	assert_true(editinsert(&e, text, EDITMAX - 10));
	assert_int_equal(e.n, EDITMAX - 1);
	assert_string_equal(e.text + EDITMAX - 5, "main");
}

/* It never leaves its place, and shows the line around the cursor. */
static void
assert_shown(const Redraw *p, const char *text, size_t at)
{
	Terminal t;
	char want[EDITMAX];
	size_t n = strlen(text);

	terminal(&t, hostsaid());
	assert_in_range(t.most, 0, p->width);
	assert_in_range(p->left, 0, n);
	assert_int_equal(t.at, at - p->left);
	if (n < p->width)
		assert_int_equal(p->left, 0);
	sprintf(want, "%.*s", (int)p->width, text + p->left);
	while (*want != '\0' && want[strlen(want) - 1] == ' ')
		want[strlen(want) - 1] = '\0';
	assert_string_equal(t.text, want);
}

static void
any_line_is_shown(void **state)
{
	(void)state;
	for (seed = 1; seed <= ROUNDS; seed++) {
		uint32_t was = seed;
		Redraw p = {.width = 3 + lot(REDRAWMAX - 3)};
		Edit e;

		editset(&e, "");
		hostquiet();
		for (int i = 0; i < KEYS / 4; i++) {
			for (unsigned k = lot(5); k > 0; k--)
				editkey(&e, randomkey());
			redraw(&p, e.text, e.n, e.at);
			assert_shown(&p, e.text, e.at);
		}
		seed = was;
	}
	hostloud();
}

static void
no_more_is_written_than_it_takes(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *said;
	} steps[] = {{"a", 1, "a"}, {"ab", 2, "b"}, {"ab", 2, ""},
	    {"ab", 1, "\b"}, {"axb", 2, "xb\b"}, {"axb", 3, "b"},
	    {"ax", 2, "\b \b"}, {"", 0, "\b\b  \b\b"}, {"abc", 0, "abc\b\b\b"},
	    {"abc", 2, "ab"}};
	Redraw p = {.width = 40};

	(void)state;
	for (size_t i = 0; i < nelem(steps); i++) {
		hostquiet();
		redraw(&p, steps[i].text, strlen(steps[i].text), steps[i].at);
		assert_said(steps[i].said);
	}
	hostloud();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_keys_make_the_models_line),
	    cmocka_unit_test(a_text_goes_in_whole_or_not_at_all),
	    cmocka_unit_test(any_line_is_shown),
	    cmocka_unit_test(no_more_is_written_than_it_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
