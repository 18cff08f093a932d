/*
 * keys.c - keys of a keyboard and of a terminal, whose bytes come when they
 * come.
 *
 * needs: kern/monitor/keys.c kern/monitor/vt100.c
 */
#include "unit.h"
#include "keyboard.h"
#include "patience.h"
#include "serial.h"
#include "../../kern/monitor/keys.h"

enum { QUIET = 100000 }; /* microseconds: an Escape was one */

static const char *bytes; /* up to a 0; '_' is a moment without any */
static const int *board;
static uint64_t moment;  /* how long one is */
static uint64_t resting; /* how long a rest is */
static size_t rests;
static char written[24];

int
serialread(void)
{
	if (*bytes == '_') {
		bytes++;
		return -1;
	}
	return *bytes != '\0' ? (uint8_t)*bytes++ : -1;
}

int
keyboardread(void)
{
	return board != NULL && *board != 0 ? *board++ : NOKEY;
}

uint64_t
rest(Patience *p)
{
	rests++;
	return p->spent += resting;
}

void
serialwrite(const char *s, size_t n)
{
	assert_true(n < sizeof written);
	memcpy(written, s, n);
	written[n] = '\0';
}

static bool dead, noserial; /* keyboard; serial line */

bool
keyboardworks(void)
{
	return !dead;
}

bool
serialworks(void)
{
	return !noserial;
}

uint64_t
waited(Patience *p)
{
	p->last++;
	return p->spent += moment;
}

static int
setup(void **state)
{
	(void)state;
	bytes = "";
	board = NULL;
	dead = noserial = false;
	moment = QUIET;
	resting = 0;
	while (keypoll() != NOKEY)
		;
	return 0;
}

/* All that comes of these bytes, in this order. */
static void
assert_keys(const char *text, const int *want, size_t n)
{
	bytes = text;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(keywait(), want[i]);
	assert_int_equal(*bytes, '\0');
	for (int i = 0; i < 3; i++)
		assert_int_equal(keypoll(), NOKEY);
}
#define KEYS(text, ...)                                                        \
	do {                                                                   \
		const int want[] = {__VA_ARGS__};                              \
		assert_keys(text, want, nelem(want));                          \
	} while (0)

static void
sequences_are_keys(void **state)
{
	(void)state;
	KEYS("\x1b[A\x1b[B\x1b[C\x1b[D", KEYUP, KEYDOWN, KEYRIGHT, KEYLEFT);
	KEYS("\x1bOA\x1bOH\x1bOF", KEYUP, KEYHOME, KEYEND);
	KEYS("\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~", KEYHOME, KEYEND,
	    KEYHOME, KEYEND, KEYHOME, KEYEND);
	KEYS("\x1b[2~\x1b[3~\x1b[5~\x1b[6~", KEYINSERT, KEYDELETE, KEYPAGEUP,
	    KEYPAGEDOWN);
	KEYS("\x1b[1;5C\x1b[3;2~a", KEYRIGHT, KEYDELETE, 'a');
	KEYS("ab\r\x7f\x03", 'a', 'b', '\r', 0x7f, 3);
	KEYS("\x80\xff", 0x80, 0xff);
}

static void
what_is_not_known_is_swallowed(void **state)
{
	(void)state;
	KEYS("\x1b[Z\x1b[99~\x1b[0~\x1b[?25h\x1b[15~x", 'x');
	KEYS("\x1bOP\x1bOzx", 'x');
	KEYS("\x1b[11111111111111111111111111111A\x1b[@x", KEYUP, 'x');
	KEYS("\x1b[\x1b[Ax", KEYUP, 'x');
	KEYS("\x1b[E\x1b[Gx", 'x');
	KEYS("\x1b[!p\x1b[\x05x", 'x');
}

static void
a_lone_escape_is_a_key(void **state)
{
	(void)state;
	KEYS("\x1b", KEYESC);
	KEYS("\x1b_x", KEYESC, 'x');
	KEYS("\x1bx", KEYESC, 'x');
	KEYS("\x1b\x1b", KEYESC, KEYESC);
	KEYS("\x1b\x1b[A", KEYESC, KEYUP);
	KEYS("\x1b[_x", 'x');
	KEYS("\x1b[3_~", '~');
}

/* As long as the next byte comes in time, it is one sequence. */
static void
a_slow_line_is_waited_for(void **state)
{
	(void)state;
	moment = QUIET / 4;
	KEYS("\x1b___[___A", KEYUP);
	KEYS("\x1b____[x", KEYESC, '[', 'x');
	assert_true(rests > 0);
}

static void
both_are_listened_to(void **state)
{
	static const int typed[] = {'k', KEYUP, 0};

	(void)state;
	bytes = "s";
	board = typed;
	assert_int_equal(keywait(), 'k');
	assert_true(keyatscreen());
	assert_int_equal(keypoll(), KEYUP);
	assert_true(keyatscreen());
	assert_int_equal(keypoll(), 's');
	assert_false(keyatscreen());
	assert_int_equal(keypoll(), NOKEY);
	assert_false(keyatscreen());
}

static void
a_break_drops_what_was_before(void **state)
{
	(void)state;
	assert_false(keybreak());
	bytes = "abc";
	assert_false(keybreak());
	bytes = "ab\x03"
		"cd";
	assert_true(keybreak());
	assert_int_equal(keypoll(), 'c');
	assert_int_equal(keypoll(), 'd');
	assert_int_equal(keypoll(), NOKEY);
}

static void
one_of_several_keys_is_looked_for(void **state)
{
	static const int some[] = {'b', CTRL('z'), NOKEY};

	(void)state;
	bytes = "ac";
	assert_int_equal(keyamong(some), NOKEY);
	bytes = "a\x1a"
		"b";
	assert_int_equal(keyamong(some), CTRL('z'));
	assert_int_equal(keyamong(some), 'b');
	assert_int_equal(keypoll(), NOKEY);
}

/* In its order, and of the same keyboard; what comes later is behind it. */
static void
what_is_typed_ahead_is_kept(void **state)
{
	static const int typed[] = {'k', KEYUP, 0};

	(void)state;
	bytes = "s\x1b[B";
	board = typed;
	assert_false(keyatscreen());
	for (int i = 0; i < 3; i++)
		assert_false(keybreak());
	assert_false(keyatscreen());
	assert_int_equal(keywait(), 'k');
	assert_true(keyatscreen());
	assert_false(keybreak());
	assert_true(keyatscreen());
	bytes = "t";
	assert_false(keybreak());
	assert_int_equal(keywait(), KEYUP);
	assert_int_equal(keypoll(), 's');
	assert_false(keyatscreen());
	assert_int_equal(keypoll(), KEYDOWN);
	assert_int_equal(keypoll(), 't');
	assert_int_equal(keypoll(), NOKEY);
}

/* Of a line that never ends some are looked at, and as many kept. */
static void
not_all_is_kept(void **state)
{
	static char endless[200];

	(void)state;
	for (size_t i = 0; i < sizeof endless - 1; i++)
		endless[i] = (char)('a' + i % 26);
	bytes = endless;
	assert_false(keybreak());
	assert_int_equal(strlen(bytes), sizeof endless - 1 - 64);
	assert_false(keybreak());
	bytes = "";
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(keypoll(), endless[i]);
	assert_int_equal(keypoll(), NOKEY);
}

/* From the time on that is over, but not before. */
static void
a_key_is_not_waited_for_for_ever(void **state)
{
	(void)state;
	resting = 10;
	rests = 0;
	assert_int_equal(keywithin(100), KEYLATE);
	assert_int_equal(rests, 10);
	bytes = "_______x";
	assert_int_equal(keywithin(100), 'x');
	assert_int_equal(keywithin(100), KEYLATE);
}

/* It is asked, and what it says is no key; what is typed is, if it is silent.
 */
static void
a_terminal_answers(void **state)
{
	Termsize is;

	(void)state;
	bytes = "_\x1b_[24_;13_2R"
		"a";
	moment = QUIET / 4;
	resting = 10000;
	assert_true(keyterminal(&is));
	assert_string_equal(written, "\x1b"
				     "7\x1b[999;999H\x1b[6n\x1b"
				     "8");
	assert_int_equal(is.rows, 24);
	assert_int_equal(is.cols, 132);
	assert_int_equal(keypoll(), 'a');
	bytes = "_ab_";
	rests = 0;
	resting = 100000;
	assert_false(keyterminal(&is));
	assert_int_equal(rests, 5);
	assert_int_equal(keypoll(), 'a');
	assert_int_equal(keypoll(), 'b');
	assert_int_equal(keypoll(), NOKEY);
}

/* Two numbers, no more and no less; and F3 to applications is none. */
static void
only_a_size_is_an_answer(void **state)
{
	static const char *const none[] = {"\x1bOR", "\x1b[R", "\x1b[24R",
	    "\x1b[1;2;3R", "\x1b[?24;80R", "\x1b[0n"};
	Termsize is;

	(void)state;
	resting = 10000; /* fifty looks, each at a byte */
	for (size_t i = 0; i < nelem(none); i++) {
		bytes = none[i];
		assert_false(keyterminal(&is));
		assert_string_equal(bytes, "");
		assert_int_equal(keypoll(), NOKEY);
	}
	bytes = "\x1b[99999999999;1R";
	assert_true(keyterminal(&is));
	assert_int_equal(is.rows, 9999);
	assert_int_equal(is.cols, 1);
}

static size_t idles;

static void
idle(void)
{
	idles++;
	bytes = idles == 3 ? "x" : bytes;
}

static void
until_the_first_key_there_is_time(void **state)
{
	(void)state;
	keyidle(idle);
	assert_int_equal(keywait(), 'x');
	assert_int_equal(idles, 3);
	bytes = "_y";
	assert_int_equal(keywait(), 'y');
	assert_int_equal(idles, 3);
}

/* The screen is its own, then: it may be heard no more later. */
static void
so_there_is_after_the_keyboards(void **state)
{
	static const int typed[] = {'k', 0};

	(void)state;
	idles = 0;
	keyidle(idle);
	board = typed;
	assert_int_equal(keywait(), 'k');
	assert_int_equal(idles, 0);
	assert_int_equal(keywait(), 'x');
	assert_int_equal(idles, 3);
}

/* Who sat at the screen is told, once; then it is the serial line's. */
static void
a_keyboard_that_dies_ends_the_wait(void **state)
{
	static const int typed[] = {'k', 0};

	(void)state;
	board = typed;
	assert_int_equal(keywait(), 'k');
	dead = true;
	bytes = "__s";
	assert_int_equal(keywait(), NOKEY);
	assert_false(keyatscreen());
	assert_int_equal(keywait(), 's');
}

static void
who_can_type(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		dead = i & 1;
		noserial = i & 2;
		assert_int_equal(keyscome(), i < 3);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sequences_are_keys),
	    TEST(what_is_not_known_is_swallowed),
	    TEST(a_lone_escape_is_a_key),
	    TEST(a_slow_line_is_waited_for),
	    TEST(both_are_listened_to),
	    TEST(a_break_drops_what_was_before),
	    TEST(one_of_several_keys_is_looked_for),
	    TEST(what_is_typed_ahead_is_kept),
	    TEST(not_all_is_kept),
	    TEST(a_key_is_not_waited_for_for_ever),
	    TEST(a_terminal_answers),
	    TEST(only_a_size_is_an_answer),
	    TEST(until_the_first_key_there_is_time),
	    TEST(so_there_is_after_the_keyboards),
	    TEST(a_keyboard_that_dies_ends_the_wait),
	    TEST(who_can_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
