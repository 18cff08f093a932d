/*
 * scancode.c - what a keyboard sends, in both sets, and what keys come of it.
 *
 * The keyboard here is drawn by rows, with the codes of set 2 as they stand in
 * its manual; those of set 1 count up along the rows.
 *
 * needs: arch/scancode.c
 */
#include "unit.h"
#include "key.h"
#include "../../arch/scancode.h"

typedef struct Row Row;

struct Row {
	const char *plain;
	const char *shifted;
	uint8_t set1; /* of the first key */
	uint8_t set2[13];
};

static const Row rows[] = {
    {"1234567890-=\b", "!@#$%^&*()_+\b", 0x02,
	{0x16, 0x1e, 0x26, 0x25, 0x2e, 0x36, 0x3d, 0x3e, 0x46, 0x45, 0x4e, 0x55,
	    0x66}},
    {"\tqwertyuiop[]", "\tQWERTYUIOP{}", 0x0f,
	{0x0d, 0x15, 0x1d, 0x24, 0x2d, 0x2c, 0x35, 0x3c, 0x43, 0x44, 0x4d, 0x54,
	    0x5b}},
    {"asdfghjkl;'`", "ASDFGHJKL:\"~", 0x1e,
	{0x1c, 0x1b, 0x23, 0x2b, 0x34, 0x33, 0x3b, 0x42, 0x4b, 0x4c, 0x52,
	    0x0e}},
    {"\\zxcvbnm,./", "|ZXCVBNM<>?", 0x2b,
	{0x5d, 0x1a, 0x22, 0x21, 0x2a, 0x32, 0x31, 0x3a, 0x41, 0x49, 0x4a}},
    {"\x1b", "\x1b", 0x01, {0x76}},
    {"\r", "\r", 0x1c, {0x5a}},
    {"*", "*", 0x37, {0x7c}},
    {" ", " ", 0x39, {0x29}},
    {"\\", "|", 0x56, {0x61}},
};

enum { LEFTSHIFT, RIGHTSHIFT, LEFTCTRL, CAPS, NUM, LEFTALT, NMOD };

static const struct {
	uint8_t set1;
	uint8_t set2;
} mods[NMOD] = {
    [LEFTSHIFT] = {0x2a, 0x12},
    [RIGHTSHIFT] = {0x36, 0x59},
    [LEFTCTRL] = {0x1d, 0x14},
    [CAPS] = {0x3a, 0x58},
    [NUM] = {0x45, 0x77},
    [LEFTALT] = {0x38, 0x11},
};

static Scan scan;

static int
setup(void **state)
{
	(void)state;
	scan = (Scan){.set2 = false};
	return 0;
}

/* A key's code goes down or up; what comes of its last byte. */
static int
code(uint8_t set1, uint8_t set2, bool up)
{
	if (!scan.set2)
		return scankey(&scan, up ? set1 | 0x80 : set1);
	if (up)
		assert_int_equal(scankey(&scan, 0xf0), NOKEY);
	return scankey(&scan, set2);
}

static int
extended(uint8_t set1, uint8_t set2, bool up)
{
	assert_int_equal(scankey(&scan, 0xe0), NOKEY);
	return code(set1, set2, up);
}

static void
mod(int which, bool up)
{
	assert_int_equal(code(mods[which].set1, mods[which].set2, up), NOKEY);
}

/* Down and up: one key, when it goes down. */
static int
press(const Row *r, size_t i)
{
	int key = code((uint8_t)(r->set1 + i), r->set2[i], false);

	assert_int_equal(code((uint8_t)(r->set1 + i), r->set2[i], true), NOKEY);
	return key;
}

static const Row *
find(char c, size_t *i)
{
	for (size_t k = 0; k < nelem(rows); k++) {
		const char *p = strchr(rows[k].plain, c);

		if (p != NULL) {
			*i = (size_t)(p - rows[k].plain);
			return &rows[k];
		}
	}
	fail_msg("no key for %c", c);
	return NULL;
}

static int
letter(char c)
{
	size_t i = 0;
	const Row *r = find(c, &i);

	return press(r, i);
}

#define BOTHSETS(i) for (int i = 0; i < 2; i++, scan = (Scan){.set2 = i == 1})

static void
every_key_by_rows(void **state)
{
	(void)state;
	BOTHSETS(set)
	for (size_t k = 0; k < nelem(rows); k++)
		for (size_t i = 0; rows[k].plain[i] != '\0'; i++) {
			assert_int_equal(press(&rows[k], i), rows[k].plain[i]);
			for (int m = LEFTSHIFT; m <= RIGHTSHIFT; m++) {
				mod(m, false);
				assert_int_equal(
				    press(&rows[k], i), rows[k].shifted[i]);
				mod(m, true);
			}
			assert_int_equal(press(&rows[k], i), rows[k].plain[i]);
		}
}

static void
one_shift_is_enough(void **state)
{
	(void)state;
	BOTHSETS(set)
	{
		mod(LEFTSHIFT, false);
		mod(RIGHTSHIFT, false);
		mod(LEFTSHIFT, true);
		assert_int_equal(letter('a'), 'A');
		mod(RIGHTSHIFT, true);
		assert_int_equal(letter('a'), 'a');
	}
}

static void
ctrl_makes_control_characters(void **state)
{
	(void)state;
	BOTHSETS(set)
	{
		mod(LEFTCTRL, false);
		assert_int_equal(letter('a'), 1);
		assert_int_equal(letter('z'), 26);
		assert_int_equal(letter('['), 0x1b);
		assert_int_equal(letter('\\'), 0x1c);
		assert_int_equal(letter('1'), NOKEY);
		assert_int_equal(letter('.'), NOKEY);
		assert_int_equal(letter(' '), ' ');
		assert_int_equal(letter('\r'), '\r');
		mod(LEFTSHIFT, false);
		assert_int_equal(letter('-'), 0x1f);
		assert_int_equal(letter('`'), CTRL('~'));
		mod(LEFTSHIFT, true);
		mod(LEFTCTRL, true);
		assert_int_equal(letter('a'), 'a');
		assert_int_equal(extended(0x1d, 0x14, false), NOKEY);
		assert_int_equal(letter('c'), 3);
		assert_int_equal(extended(0x1d, 0x14, true), NOKEY);
		assert_int_equal(letter('c'), 'c');
	}
}

/* It repeats while it is held, which changes nothing. */
static void
caps_lock_is_for_letters(void **state)
{
	(void)state;
	BOTHSETS(set)
	{
		mod(CAPS, false);
		mod(CAPS, false);
		mod(CAPS, true);
		assert_int_equal(letter('q'), 'Q');
		assert_int_equal(letter('1'), '1');
		assert_int_equal(letter('['), '[');
		assert_int_equal(letter('`'), '`');
		mod(LEFTSHIFT, false);
		assert_int_equal(letter('q'), 'q');
		assert_int_equal(letter('1'), '!');
		mod(LEFTSHIFT, true);
		mod(LEFTCTRL, false);
		assert_int_equal(letter('q'), CTRL('q'));
		mod(LEFTCTRL, true);
		mod(CAPS, false);
		mod(CAPS, true);
		assert_int_equal(letter('q'), 'q');
	}
}

/* Set 1 from 47 on, in rows of the pad. */
static const struct {
	uint8_t set2;
	char digit;
	int key;
} pad[] = {{0x6c, '7', KEYHOME}, {0x75, '8', KEYUP}, {0x7d, '9', KEYPAGEUP},
    {0x7b, '-', '-'}, {0x6b, '4', KEYLEFT}, {0x73, '5', NOKEY},
    {0x74, '6', KEYRIGHT}, {0x79, '+', '+'}, {0x69, '1', KEYEND},
    {0x72, '2', KEYDOWN}, {0x7a, '3', KEYPAGEDOWN}, {0x70, '0', KEYINSERT},
    {0x71, '.', KEYDELETE}};

static int
padkey(size_t i)
{
	int key = code((uint8_t)(0x47 + i), pad[i].set2, false);

	assert_int_equal(code((uint8_t)(0x47 + i), pad[i].set2, true), NOKEY);
	return key;
}

static void
the_pad_is_digits_with_num_lock(void **state)
{
	(void)state;
	BOTHSETS(set)
	for (size_t i = 0; i < nelem(pad); i++) {
		assert_int_equal(padkey(i), pad[i].key);
		mod(LEFTSHIFT, false);
		assert_int_equal(padkey(i), pad[i].digit);
		mod(LEFTSHIFT, true);
		mod(NUM, false);
		mod(NUM, false);
		assert_int_equal(padkey(i), pad[i].digit);
		mod(LEFTSHIFT, false);
		assert_int_equal(padkey(i), pad[i].key);
		mod(LEFTSHIFT, true);
		mod(NUM, true);
		mod(NUM, false);
		mod(NUM, true);
		assert_int_equal(padkey(i), pad[i].key);
	}
}

/* Between pad and letters, with Num Lock or not, in Shifts that are made up. */
static void
arrows_of_their_own_have_a_prefix(void **state)
{
	(void)state;
	BOTHSETS(set)
	for (int num = 0; num < 2; num++) {
		for (size_t i = 0; i < nelem(pad); i++) {
			uint8_t set1 = (uint8_t)(0x47 + i);

			assert_int_equal(extended(0x2a, 0x12, false), NOKEY);
			assert_int_equal(letter('a'), 'a');
			assert_int_equal(
			    extended(set1, pad[i].set2, false), pad[i].key);
			assert_int_equal(
			    extended(set1, pad[i].set2, true), NOKEY);
			assert_int_equal(extended(0x2a, 0x12, true), NOKEY);
			assert_int_equal(extended(0x36, 0x59, false), NOKEY);
			assert_int_equal(letter('a'), 'a');
		}
		assert_int_equal(extended(0x1c, 0x5a, false), '\r');
		assert_int_equal(extended(0x35, 0x4a, false), '/');
		mod(LEFTSHIFT, false);
		assert_int_equal(extended(0x35, 0x4a, false), '/');
		mod(LEFTSHIFT, true);
		mod(NUM, false);
		mod(NUM, true);
	}
}

static void
keys_of_no_character_are_none(void **state)
{
	static const uint8_t fkeys[][2] = {{0x3b, 0x05}, {0x40, 0x0b},
	    {0x41, 0x83}, {0x44, 0x09}, {0x57, 0x78}, {0x58, 0x07},
	    {0x46, 0x7e}, {0x54, 0x84}};

	(void)state;
	BOTHSETS(set)
	{
		for (size_t i = 0; i < nelem(fkeys); i++)
			assert_int_equal(
			    code(fkeys[i][0], fkeys[i][1], false), NOKEY);
		mod(LEFTALT, false);
		assert_int_equal(letter('a'), 'a');
		mod(LEFTALT, true);
		/* Menu keys, and what no keyboard has. */
		assert_int_equal(extended(0x5b, 0x1f, false), NOKEY);
		assert_int_equal(extended(0x10, 0x15, false), NOKEY);
		assert_int_equal(code(0x7e, 0x6d, false), NOKEY);
		/* What it answers to commands, or says of itself. */
		assert_int_equal(scankey(&scan, 0xfa), NOKEY);
		assert_int_equal(scankey(&scan, 0xfe), NOKEY);
		assert_int_equal(scankey(&scan, 0xaa), NOKEY);
		assert_int_equal(letter('a'), 'a');
	}
}

static void
pause_is_no_num_lock(void **state)
{
	static const uint8_t set1[] = {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5};
	static const uint8_t set2[] = {
	    0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77};

	(void)state;
	for (size_t i = 0; i < sizeof set1; i++)
		assert_int_equal(scankey(&scan, set1[i]), NOKEY);
	assert_int_equal(padkey(0), KEYHOME);
	assert_int_equal(letter('a'), 'a');
	scan = (Scan){.set2 = true};
	for (size_t i = 0; i < sizeof set2; i++)
		assert_int_equal(scankey(&scan, set2[i]), NOKEY);
	assert_int_equal(padkey(0), KEYHOME);
	assert_int_equal(letter('a'), 'a');
}

/*
 * Of a text typed with Shift, Ctrl and arrows any one byte is missing: all that
 * comes after the next two keys is as it was, once each Shift and Ctrl was
 * pressed anew.
 */
static void
a_lost_byte_costs_little(void **state)
{
	static const uint8_t set1[] = {0x2a, 0x1e, 0x9e, 0xaa, 0xe0, 0x48, 0xe0,
	    0xc8, 0x1d, 0x2e, 0xae, 0x9d, 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5};
	static const uint8_t set2[] = {0x12, 0x1c, 0xf0, 0x1c, 0xf0, 0x12, 0xe0,
	    0x75, 0xe0, 0xf0, 0x75, 0x14, 0x21, 0xf0, 0x21, 0xf0, 0x14, 0xe1,
	    0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77};

	(void)state;
	for (int set = 0; set < 2; set++) {
		const uint8_t *bytes = set ? set2 : set1;
		size_t n = set ? sizeof set2 : sizeof set1;

		for (size_t lost = 0; lost < n; lost++) {
			scan = (Scan){.set2 = set};
			for (size_t i = 0; i < n; i++)
				if (i != lost)
					scankey(&scan, bytes[i]);
			letter('x');
			letter('x');
			mod(LEFTSHIFT, false);
			mod(LEFTSHIFT, true);
			mod(LEFTCTRL, false);
			mod(LEFTCTRL, true);
			assert_int_equal(letter('a'), 'a');
			assert_int_equal(letter('1'), '1');
		}
	}
}

static void
what_the_keyboard_lost_it_says(void **state)
{
	static const uint8_t says[] = {0xff, 0x00};

	(void)state;
	BOTHSETS(set)
	for (size_t i = 0; i < nelem(says); i++) {
		mod(LEFTSHIFT, false);
		mod(LEFTCTRL, false);
		scankey(&scan, 0xe0);
		assert_int_equal(scankey(&scan, says[i]), NOKEY);
		assert_int_equal(letter('a'), 'a');
		scankey(&scan, 0xe1);
		assert_int_equal(scankey(&scan, says[i]), NOKEY);
		assert_int_equal(letter('a'), 'a');
	}
}

/* Whatever comes, it is a key or none, and letters come through again. */
static void
any_bytes_are_survived(void **state)
{
	uint32_t lot = 1;

	(void)state;
	BOTHSETS(set)
	for (int i = 0; i < 100000; i++) {
		lot = lot * 1664525 + 1013904223;
		int key = scankey(&scan, (uint8_t)(lot >> 24));

		assert_true(key == NOKEY || (key > 0 && key < 0x7f) ||
			    (key >= KEYUP && key <= KEYINSERT));
		if (i % 100 == 0) {
			scankey(&scan, 0xff);
			scan.caps = false;
			assert_int_equal(letter('a'), 'a');
		}
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_key_by_rows),
	    TEST(one_shift_is_enough),
	    TEST(ctrl_makes_control_characters),
	    TEST(caps_lock_is_for_letters),
	    TEST(the_pad_is_digits_with_num_lock),
	    TEST(arrows_of_their_own_have_a_prefix),
	    TEST(keys_of_no_character_are_none),
	    TEST(pause_is_no_num_lock),
	    TEST(a_lost_byte_costs_little),
	    TEST(what_the_keyboard_lost_it_says),
	    TEST(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
