/*
 * pager.c - the EFI console as a sink, and its stops.
 *
 * needs: efi/console.c tests/host/fakefw.c tests/host/told.c kern/log.c
 * needs: tests/host/alone.c
 */
#include "unit.h"
#include "fakefw.h"
#include "log.h"
#include "told.h"
#include "../../efi/commands.h"

enum { LONGEST = 80 + 1 }; /* characters of one call, with an end of line */

static SIMPLE_TEXT_OUTPUT_MODE mode = {.Mode = 2, .Attribute = 0x9e};
static UINTN attribute;
static SIMPLE_INPUT_INTERFACE in;
static UINTN rows;
static EFI_STATUS queried;
static EFI_INPUT_KEY typed;
static size_t waited, stops, longest;
static bool missed; /* the first look finds no key */

static const char prompt[] = "-- any key for more, q to stop --";

static EFI_STATUS
query(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN which, UINTN *c, UINTN *r)
{
	(void)out;
	assert_int_equal(which, mode.Mode);
	*c = 80;
	*r = rows;
	return queried;
}

static EFI_STATUS
setattribute(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN a)
{
	(void)out;
	attribute = a;
	mode.Attribute = (INT32)a;
	return EFI_SUCCESS;
}

static EFI_STATUS
key(SIMPLE_INPUT_INTERFACE *from, EFI_INPUT_KEY *k)
{
	assert_ptr_equal(from, &in);
	if (missed) {
		missed = false;
		return EFI_NOT_READY;
	}
	stops++;
	*k = typed;
	return EFI_SUCCESS;
}

static EFI_STATUS
waitevent(UINTN n, EFI_EVENT *event, UINTN *which)
{
	(void)which;
	assert_int_equal(n, 1);
	assert_ptr_equal(event, &in.WaitForKey);
	waited++;
	return EFI_SUCCESS;
}

/* Between firmware and its console, to see how long each piece is. */
static EFI_TEXT_OUTPUT_STRING real;

static EFI_STATUS
measure(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *s)
{
	size_t n = 0;

	while (s[n] != 0)
		n++;
	longest = MAX(longest, n);
	return real(out, s);
}

static int
setup(void **state)
{
	(void)state;
	fakestart();
	real = fakesystem.ConOut->OutputString;
	fakesystem.ConOut->OutputString = measure;
	fakesystem.ConOut->QueryMode = query;
	fakesystem.ConOut->Mode = &mode;
	fakesystem.ConOut->SetAttribute = setattribute;
	fakesystem.ConIn = &in;
	in.ReadKeyStroke = key;
	fakeservices.WaitForEvent = waitevent;
	typed = (EFI_INPUT_KEY){0, ' '};
	rows = 25;
	queried = EFI_SUCCESS;
	waited = stops = longest = 0;
	missed = false;
	return 0;
}

static void
says(const char *s)
{
	consolewrite(s, strlen(s));
}

static void
assert_shown(const char *want)
{
	assert_string_equal(fakefw.said, want);
	fakefw.nsaid = 0;
	fakefw.said[0] = '\0';
}

static void
lines_end_as_firmware_has_it(void **state)
{
	(void)state;
	says("a\n\nb");
	says("c\n");
	assert_shown("a\r\n\r\nbc\r\n");
	says("");
	assert_shown("");
	consolewrite("\xe9", 1);
	assert_shown("\xe9");
}

static void
long_lines_come_in_pieces(void **state)
{
	char line[500];

	(void)state;
	for (size_t n = 70; n < sizeof line; n++) {
		memset(line, 'a' + (int)(n % 26), n);
		line[n - 1] = '\0';
		says(line);
		assert_shown(line);
		line[n - 2] = '\n';
		says(line);
		assert_int_equal(fakefw.nsaid, n);
		assert_string_equal(fakefw.said + n - 2, "\r\n");
		fakefw.nsaid = 0;
	}
	assert_in_range(longest, 1, LONGEST);
}

static void
without_a_console_nothing_happens(void **state)
{
	(void)state;
	fakesystem.ConOut = NULL;
	says("text\n");
}

/* The first to turn it on: those before had no stops. */
static void
it_stops_when_the_screen_is_full(void **state)
{
	static const UINTN heights[] = {25, 5, 4, 0, 400, 401, 50};
	static const UINTN after[] = {24, 4, 24, 24, 399, 24, 49};

	for (size_t i = 0; i < nelem(heights); i++) {
		setup(state);
		rows = heights[i];
		consolepages();
		for (UINTN line = 0; line <= 3 * after[i]; line++) {
			says("x\n");
			assert_int_equal(stops, line / after[i]);
		}
	}
	setup(state);
	queried = EFI_DEVICE_ERROR;
	rows = 10;
	consolepages();
	for (int line = 0; line < 24; line++)
		says("x\n");
	assert_int_equal(stops, 0);
	says("x");
	assert_int_equal(stops, 1);
}

/* With what just fills one a row has begun; the rest is of the next page. */
static void
a_wide_line_takes_more_rows(void **state)
{
	char line[4 * 80];

	(void)state;
	rows = 5;
	consolepages();
	memset(line, 'x', sizeof line);
	consolewrite(line, 79);
	says("\n1\n");
	consolewrite(line, 79);
	says("\n");
	consolewrite(line, 79);
	assert_int_equal(stops, 0);
	consolewrite(line, 1);
	assert_int_equal(stops, 0);
	says("\n");
	assert_int_equal(stops, 1);
	consolepages();
	fakefw.nsaid = 0;
	consolewrite(line, sizeof line);
	assert_int_equal(stops, 1);
	assert_int_equal(fakefw.nsaid, 4 * 80);
	consolewrite(line, 81);
	assert_int_equal(stops, 2);
	says("\n2\n\r3\n"); /* to the first column there is nothing to go */
	assert_int_equal(stops, 2);
	says("4");
	assert_int_equal(stops, 3);
	consolepages();
	fakefw.nsaid = 0;
	says("1\n2\n3\n0123456789");
	consolewrite(line, 100);
	assert_int_equal(strstr(fakefw.said, prompt) - fakefw.said, 9 + 80);
	assert_int_equal(stops, 4);
	queried = EFI_DEVICE_ERROR;
	rows = 25;
	consolepages();
	for (int i = 0; i < 100; i++)
		consolewrite(line, sizeof line);
	assert_int_equal(stops, 4);
}

static void
it_says_so_and_wipes_that_off(void **state)
{
	char want[200];

	(void)state;
	rows = 5;
	consolepages();
	missed = true;
	says("1\n2\n3\n4\n");
	assert_int_equal(stops, 0);
	says("5\n");
	assert_int_equal(stops, 1);
	assert_int_equal(waited, 1);
	sprintf(want, "1\r\n2\r\n3\r\n4\r\n%s\r%*s\r5\r\n", prompt,
	    (int)strlen(prompt), "");
	assert_shown(want);
	says("6\n7\n8\n");
	assert_int_equal(stops, 1);
	says("\n");
	assert_int_equal(stops, 2);
}

static void
without_a_keyboard_it_goes_on(void **state)
{
	(void)state;
	rows = 5;
	consolepages();
	fakesystem.ConIn = NULL;
	says("1\n2\n3\n4\n5\n6\n7\n");
	assert_non_null(strstr(fakefw.said, "7\r\n"));
}

static void
without_a_console_there_are_no_pages(void **state)
{
	(void)state;
	fakesystem.ConOut = NULL;
	consolepages();
	for (int i = 0; i < 30; i++)
		says("x\n");
	assert_int_equal(stops, 1);
}

static void
q_and_escape_stop_it(void **state)
{
	static const struct {
		EFI_INPUT_KEY key;
		bool stops;
	} keys[] = {{{0, 'q'}, true}, {{0, 'Q'}, true}, {{SCAN_ESC, 0}, true},
	    {{SCAN_UP, 0}, false}, {{0, 'w'}, false}, {{0, '\r'}, false}};

	for (size_t i = 0; i < nelem(keys); i++) {
		setup(state);
		rows = 5;
		consolepages();
		typed = keys[i].key;
		says("1\n2\n3\n4\n5\n6");
		says("7\n8\n9\n10");
		assert_int_equal(
		    strchr(fakefw.said, '5') == NULL, keys[i].stops);
		assert_int_equal(
		    strchr(fakefw.said, '7') == NULL, keys[i].stops);
		assert_int_equal(stops, keys[i].stops ? 1 : 2);
	}
	consolepages();
	fakefw.nsaid = 0;
	says("again");
	assert_shown("again");
	typed = (EFI_INPUT_KEY){0, 'q'};
	says("\n2\n3\n4\n5");
	consoleflows();
	fakefw.nsaid = 0;
	says("and\nso\non\n5\n6\n");
	assert_shown("and\r\nso\r\non\r\n5\r\n6\r\n");
}

/* Lines for programs are nothing for them. */
static void
people_read_here(void **state)
{
	(void)state;
	told = (Told){.to = NULL};
	lognosinks();
	consolepeople();
	assert_int_equal(logsinks(), 1);
	assert_ptr_equal(told.to->write, consolewrite);
	assert_int_equal(told.to->cols, 80);
	assert_int_equal(told.to->rows, 25);
	assert_false(told.to->pages);
	consolepages();
	assert_true(told.to->pages);
	consoleflows();
	assert_false(told.to->pages);
	logwrite("abc", 3);
	assert_int_equal(told.sunk, 3);
	queried = EFI_DEVICE_ERROR;
	consolepeople();
	assert_int_equal(told.to->cols, 0);
	assert_int_equal(told.to->rows, 0);
	lognosinks();
}

/* One for each ink; blocks have the colour of what they are on. */
static void
colours_come_and_go(void **state)
{
	bool used[256] = {false};

	(void)state;
	mode.Attribute = 0x9e;
	consolepeople();
	for (int ink = INKDIM; ink < NINK; ink++) {
		told.to->ink((enum ink)ink);
		assert_false(used[attribute]);
		used[attribute] = true;
		bool block = ink >= INKGREEN && ink <= INKRED;
		assert_int_equal(attribute >> 4, block ? attribute & 0xf
						 : ink == INKCURSOR ? 7
								    : 0);
		assert_true(attribute >> 4 < 8 && attribute != 0);
	}
	told.to->ink(INKPLAIN);
	assert_int_equal(attribute, 0x1e);
	fakesystem.ConOut->Mode = NULL;
	told.to->ink(INKBAD);
	fakesystem.ConOut = NULL;
	told.to->ink(INKBAD);
	assert_int_equal(attribute, 0x1e);
	lognosinks();
}

static UINTN asked; /* in this colour */

static EFI_STATUS
keyseen(SIMPLE_INPUT_INTERFACE *from, EFI_INPUT_KEY *k)
{
	asked = attribute;
	return key(from, k);
}

/* It is no part of what it breaks into; that goes on as it was. */
static void
the_question_has_no_colour(void **state)
{
	(void)state;
	mode.Attribute = 0x1e;
	in.ReadKeyStroke = keyseen;
	consolepeople();
	consolepages();
	for (UINTN i = 1; i < rows; i++)
		consolewrite("row\n", 4);
	told.to->ink(INKBAD);
	UINTN bad = attribute;
	assert_int_equal(stops, 0);
	consolewrite("bad", 3);
	assert_int_equal(stops, 1);
	assert_int_equal(asked, 0x1e);
	assert_int_equal(attribute, bad);
	told.to->ink(INKPLAIN);
	consoleflows();
	lognosinks();
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(lines_end_as_firmware_has_it),
	    TEST(long_lines_come_in_pieces),
	    TEST(without_a_console_nothing_happens),
	    TEST(it_stops_when_the_screen_is_full),
	    TEST(a_wide_line_takes_more_rows),
	    TEST(it_says_so_and_wipes_that_off),
	    TEST(without_a_keyboard_it_goes_on),
	    TEST(without_a_console_there_are_no_pages),
	    TEST(q_and_escape_stop_it),
	    TEST(people_read_here),
	    TEST(colours_come_and_go),
	    TEST(the_question_has_no_colour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
