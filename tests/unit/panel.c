/*
 * panel.c - lines that stay where they are: what is seen of them, and how much
 * is written for that.
 *
 * needs: kern/monitor/panel.c kern/tell/line.c kern/format.c tests/host/glass.c
 */
#include "unit.h"
#include "glass.h"
#include "../../kern/monitor/panel.h"

static Glass glass;
static Panel panel;
static size_t cursors;
static enum ink ink; /* of what is written next */
static char inks[200];

static void
paint(const char *s, size_t n)
{
	for (size_t i = 0; i < n && s[i] != ' '; i++)
		if (s[i] > ' ')
			strcat(inks, ink == INKHEAD ? "h" : "p");
	glasswrite(&glass, s, n);
}

static void
up(void)
{
	glasswrite(&glass, "\x1bM", 2);
}

static void
setink(enum ink to)
{
	ink = to;
}

static void
cursor(void)
{
	cursors++;
}

static const Canvas colours = {paint, up, setink, cursor};
static const Canvas plain = {paint, up, NULL, NULL};

static int
setup(void **state)
{
	(void)state;
	glassclear(&glass);
	memset(&panel, 0, sizeof panel);
	panel.on = &plain;
	cursors = 0;
	ink = INKPLAIN;
	inks[0] = '\0';
	glasswrite(&glass, "before\n", 7);
	return 0;
}

static void
put(size_t i, const char *text)
{
	Cells l = {.n = 0};

	lineput(&l, INKPLAIN, "%s", text);
	panelline(&panel, i, &l);
}

static void
assert_rows(const char *a, const char *b)
{
	const char *want[] = {"before", a, b};

	for (size_t i = 0; i < nelem(want); i++) {
		size_t n = strlen(want[i]);

		assert_int_equal(strncmp(glass.text[i], want[i], n), 0);
		assert_int_equal(strspn(glass.text[i] + n, " "), GLASSCOLS - n);
	}
}

static void
each_line_is_written_over(void **state)
{
	(void)state;
	put(0, "one");
	put(1, "two");
	assert_rows("one", "two");
	put(0, "another");
	assert_rows("another", "two");
	put(1, "2");
	assert_rows("another", "2");
	put(0, "an");
	assert_rows("an", "2");
	panelend(&panel);
	glasswrite(&glass, "after", 5);
	assert_int_equal(glassfind(&glass, "after"), 3);
}

static void
what_stands_there_is_not_written_again(void **state)
{
	(void)state;
	put(0, "one");
	put(1, "two");
	panelcursor(&panel, 0, 2);
	size_t wrote = glass.wrote;
	put(0, "one");
	put(1, "two");
	panelcursor(&panel, 0, 2);
	assert_int_equal(glass.wrote, wrote);
	assert_int_equal(glass.row, 1);
	assert_int_equal(glass.col, 2);
}

/* Of its own line, too; and at another place of that. */
static void
the_cursor_stays(void **state)
{
	(void)state;
	put(0, "one");
	put(1, "two");
	panelcursor(&panel, 1, 2);
	put(1, "twos");
	panelcursor(&panel, 1, 2);
	assert_int_equal(glass.row, 2);
	assert_int_equal(glass.col, 2);
	panelcursor(&panel, 1, 1);
	assert_int_equal(glass.col, 1);
	panelcursor(&panel, 0, 1);
	assert_int_equal(glass.row, 1);
	assert_rows("one", "twos");
	panelcursor(&panel, 0, 99); /* at its end */
	assert_int_equal(glass.col, 3);
}

static void
colours_are_those_of_the_cells(void **state)
{
	Cells l = {.n = 0};

	(void)state;
	panel.on = &colours;
	lineput(&l, INKHEAD, "ab");
	lineput(&l, INKPLAIN, "cd");
	lineput(&l, INKHEAD, "e");
	panelline(&panel, 0, &l);
	assert_string_equal(inks, "hhpph");
	assert_int_equal(ink, INKPLAIN);
	panelcursor(&panel, 0, 3);
	assert_string_equal(inks, "hhpphhhp");
	assert_int_equal(cursors, 1);
	panelline(&panel, 0, &l);
	assert_string_equal(inks, "hhpphhhp");
	l.cell[4].ink = INKPLAIN;
	panelline(&panel, 0, &l);
	assert_string_equal(inks, "hhpphhhphhppp");
}

static void
a_line_ends_where_the_panel_does(void **state)
{
	Cells l = {.n = 0};

	(void)state;
	linefill(&l, INKPLAIN, 'x', LINECELLS);
	panelline(&panel, 0, &l);
	put(1, "two");
	assert_int_equal(strspn(glass.text[1], "x"), PANELCOLS);
	assert_int_equal(glassfind(&glass, "two"), 2);
}

static void
what_cannot_be_is_a_panic(void **state)
{
	(void)state;
	put(0, "one");
	assert_panics(put(2, "three"), "line 2 of a panel of 1");
	assert_panics(panelcursor(&panel, 1, 0), "cursor in line 1 of 1");
	for (size_t i = 1; i < PANELLINES; i++)
		put(i, "more");
	assert_panics(put(PANELLINES, "last"), "line 22 of a panel of 22");
}

/* One without a line leaves nothing. */
static void
nothing_is_nothing(void **state)
{
	(void)state;
	size_t wrote = glass.wrote;

	panelend(&panel);
	assert_int_equal(glass.wrote, wrote);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_line_is_written_over),
	    TEST(what_stands_there_is_not_written_again),
	    TEST(the_cursor_stays),
	    TEST(colours_are_those_of_the_cells),
	    TEST(a_line_ends_where_the_panel_does),
	    TEST(what_cannot_be_is_a_panic),
	    TEST(nothing_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
