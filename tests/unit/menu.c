/*
 * menu.c - what to do, chosen by keys that come at certain ticks of the clock,
 * or by the clock.
 *
 * needs: efi/menu.c efi/console.c kern/tell/line.c kern/format.c kern/log.c
 * needs: tests/host/told.c tests/host/fakefw.c tests/host/alone.c
 */
#include "unit.h"
#include "fakefw.h"
#include "log.h"
#include "../../efi/commands.h"
#include "../../efi/menu.h"

enum { TICK = 50000, SECOND = 1000000 };

typedef struct Press Press;

/* A key, so many microseconds after the menu is there. */
struct Press {
	uint64_t when;
	EFI_INPUT_KEY key;
};

static SIMPLE_TEXT_OUTPUT_MODE mode;
static SIMPLE_INPUT_INTERFACE in;
static const Press *presses; /* the last never comes */
static uint64_t now;
static size_t cleared;
static char drawn[sizeof fakefw.said]; /* before it was cleared last */
static bool junk;                      /* when there is no other key */

static EFI_STATUS
readkey(SIMPLE_INPUT_INTERFACE *from, EFI_INPUT_KEY *key)
{
	assert_ptr_equal(from, &in);
	if (presses->when > now) {
		*key = (EFI_INPUT_KEY){0, 0xff};
		return junk ? EFI_SUCCESS : EFI_NOT_READY;
	}
	*key = presses++->key;
	return EFI_SUCCESS;
}

static EFI_STATUS
stall(UINTN us)
{
	now += us;
	assert_true(now < 100 * (uint64_t)SECOND);
	return EFI_SUCCESS;
}

static EFI_STATUS
clearscreen(SIMPLE_TEXT_OUTPUT_INTERFACE *out)
{
	assert_ptr_equal(out, fakesystem.ConOut);
	cleared++;
	strcpy(drawn, fakefw.said);
	fakefw.nsaid = 0;
	fakefw.said[0] = '\0';
	return EFI_SUCCESS;
}

static EFI_STATUS
setattribute(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN a)
{
	(void)out;
	(void)a;
	return EFI_SUCCESS;
}

static EFI_STATUS
query(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN which, UINTN *c, UINTN *r)
{
	(void)out;
	(void)which;
	*c = 80;
	*r = 25;
	return EFI_SUCCESS;
}

static int
setup(void **state)
{
	static const Press never[] = {{UINT64_MAX, {0, 'b'}}};

	(void)state;
	fakestart();
	fakesystem.ConOut->Mode = &mode;
	fakesystem.ConOut->ClearScreen = clearscreen;
	fakesystem.ConOut->SetAttribute = setattribute;
	fakesystem.ConOut->QueryMode = query;
	fakesystem.ConIn = &in;
	in.ReadKeyStroke = readkey;
	fakeservices.Stall = stall;
	presses = never;
	now = cleared = 0;
	junk = false;
	return 0;
}

/* Chosen, and what is left of the seconds. */
static void
chosen(enum menuchoice want, unsigned seconds, unsigned left)
{
	assert_int_equal(menu(&seconds, NULL), want);
	assert_int_equal(seconds, left);
}

static void
nobody_is_there_and_it_boots(void **state)
{
	(void)state;
	chosen(MENUBOOT, 5, 5);
	assert_int_equal(now, 5 * SECOND);
	assert_int_equal(cleared, 2);
	assert_non_null(strstr(drawn, "mem9 test  "));
	assert_non_null(strstr(drawn, "\r\n > b  boot  "));
	assert_non_null(strstr(drawn, "\r\n   r  rehearse  "));
	assert_non_null(strstr(drawn, "\r boots by itself in 5 s "));
	assert_non_null(strstr(drawn, "\r boots by itself in 1 s "));
	assert_null(strstr(drawn, " in 0 s"));
	assert_int_equal(fakefw.nsaid, 0); /* nothing of it stays */
}

/* A port that is not there. */
static void
keys_that_mean_nothing_do_not_stop_it(void **state)
{
	(void)state;
	junk = true;
	chosen(MENUBOOT, 2, 2);
	assert_int_equal(now, 2 * SECOND);
	assert_int_equal(cleared, 2);
}

static void
letters_choose(void **state)
{
	static const struct {
		CHAR16 c;
		enum menuchoice choice;
	} letters[] = {{'b', MENUBOOT}, {'m', MENUMAP}, {'a', MENUAUDIT},
	    {'r', MENUREHEARSE}, {'p', MENUREPORT}, {'x', MENUEXIT},
	    {'X', MENUEXIT}, {'\r', MENUBOOT}, {'\n', MENUBOOT}};

	for (size_t i = 0; i < nelem(letters); i++) {
		Press keys[] = {
		    {SECOND, {0, letters[i].c}}, {UINT64_MAX, {0, 'b'}}};

		setup(state);
		presses = keys;
		chosen(letters[i].choice, 3, 0);
		assert_in_range(now, SECOND, SECOND + 2 * TICK);
	}
}

/* Once they are touched nothing happens by itself. */
static void
arrows_move_and_stop_the_clock(void **state)
{
	static const Press down[] = {{SECOND, {SCAN_DOWN, 0}},
	    {2 * SECOND, {SCAN_DOWN, 0}}, {3 * SECOND, {SCAN_DOWN, 0}},
	    {9 * SECOND, {0, '\r'}}, {UINT64_MAX, {0, 'b'}}};
	static const Press up[] = {{1, {SCAN_UP, 0}}, {2, {0, 'q'}},
	    {50 * SECOND, {0, '\r'}}, {UINT64_MAX, {0, 'b'}}};
	static const Press over[] = {{1, {SCAN_UP, 0}}, {2, {SCAN_DOWN, 0}},
	    {3, {0, '\r'}}, {UINT64_MAX, {0, 'b'}}};

	(void)state;
	presses = down;
	chosen(MENUREHEARSE, 3, 0);
	assert_true(now >= 9 * SECOND);
	assert_int_equal(cleared, 5);
	assert_non_null(strstr(drawn, "\r\n > r  rehearse"));
	assert_null(strstr(drawn, "by itself"));
	setup(state);
	presses = up;
	chosen(MENUEXIT, 3, 0);
	assert_non_null(strstr(drawn, "\r\n > x  exit"));
	setup(state);
	presses = over;
	chosen(MENUBOOT, 3, 0);
	setup(state);
	presses = down;
	now = 10 * SECOND; /* all of them at once */
	chosen(MENUREHEARSE, 0, 0);
}

static void
it_waits_where_it_was_left_by_a_command(void **state)
{
	static const Press late[] = {
	    {60 * (uint64_t)SECOND, {0, 'm'}}, {UINT64_MAX, {0, 'b'}}};

	(void)state;
	presses = late;
	chosen(MENUMAP, 0, 0);
	assert_null(strstr(drawn, "by itself"));
}

/* Above the choices, at each look, in as many lines as it takes. */
static void
there_is_news(void **state)
{
	static const Press some[] = {{SECOND, {SCAN_DOWN, 0}},
	    {2 * SECOND, {0, 'p'}}, {UINT64_MAX, {0, 'b'}}};
	unsigned seconds = 0;

	(void)state;
	presses = some;
	assert_int_equal(menu(&seconds, "words and words"), MENUREPORT);
	assert_int_equal(cleared, 3);
	const char *news = strstr(drawn, "\r\n words and words\r\n");
	assert_non_null(news);
	assert_true(news < strstr(drawn, "b  boot"));
	assert_non_null(strstr(drawn, "   p  report  "));
}

static void
any_key_ends_a_pause(void **state)
{
	static const Press some[] = {
	    {SECOND, {SCAN_F1, 0}}, {UINT64_MAX, {0, 'b'}}};

	(void)state;
	presses = some;
	menupause();
	assert_in_range(now, SECOND, SECOND + TICK);
	assert_string_equal(
	    fakefw.said, "-- any key for the menu, l for the log --\r\n");
}

/* As often as it is asked for, with stops; they do not outlast it. */
static void
l_shows_the_log(void **state)
{
	static const Press some[] = {{SECOND, {0, 'l'}}, {2 * SECOND, {0, 'L'}},
	    {3 * SECOND, {0, 'q'}}, {UINT64_MAX, {0, 'b'}}};
	static uint64_t memory[512];

	(void)state;
	logcreate(memory, sizeof memory);
	logwrite("what was said\n", 14);
	consolepages();
	presses = some;
	menupause();
	assert_in_range(now, 3 * SECOND, 3 * SECOND + TICK);
	assert_string_equal(fakefw.said,
	    "-- any key for the menu, l for the log --\r\n"
	    "what was said\r\n"
	    "-- any key for the menu, l for the log --\r\n"
	    "what was said\r\n"
	    "-- any key for the menu, l for the log --\r\n");
	assert_false(consoleteller()->pages);
	consolepages();
	assert_true(consoleteller()->pages);
	consoleflows();
	logresume(NULL);
}

/* Whoever has seen enough of it is asked again all the same. */
static void
a_long_log_has_stops(void **state)
{
	static const Press some[] = {{SECOND, {0, 'l'}}, {SECOND, {0, 'q'}},
	    {2 * SECOND, {0, 'x'}}, {UINT64_MAX, {0, 'b'}}};
	static uint64_t memory[512];

	(void)state;
	logcreate(memory, sizeof memory);
	for (int i = 0; i < 40; i++)
		logwrite("line\n", 5);
	logwrite("the last", 8);
	presses = some;
	menupause();
	logresume(NULL);
	assert_non_null(strstr(fakefw.said, "-- any key for more, q to stop"));
	assert_null(strstr(fakefw.said, "the last"));
	const char *end = strrchr(fakefw.said, ',');
	assert_string_equal(end, ", l for the log --\r\n");
}

static void
without_a_keyboard_or_a_screen(void **state)
{
	static const Press key[] = {{SECOND, {0, 'm'}}, {UINT64_MAX, {0, 'b'}}};

	(void)state;
	fakesystem.ConOut = NULL;
	presses = key;
	chosen(MENUMAP, 3, 0);
	setup(state);
	fakesystem.ConIn = NULL;
	chosen(MENUBOOT, 3, 3);
	menupause();
	assert_int_equal(now, 0);
	assert_int_equal(fakefw.nsaid, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nobody_is_there_and_it_boots),
	    TEST(keys_that_mean_nothing_do_not_stop_it),
	    TEST(letters_choose),
	    TEST(arrows_move_and_stop_the_clock),
	    TEST(it_waits_where_it_was_left_by_a_command),
	    TEST(there_is_news),
	    TEST(any_key_ends_a_pause),
	    TEST(l_shows_the_log),
	    TEST(a_long_log_has_stops),
	    TEST(without_a_keyboard_or_a_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
