/*
 * i8042.c - the driver against a controller, and a keyboard at it, that do as
 * they like. Every port but theirs, and a byte written while the last is not
 * taken, is a failure; looks at the status are counted.
 *
 * needs: arch/i8042.c arch/scancode.c
 */
#include "unit.h"
#include "halt.h"
#include "key.h"
#include "keyboard.h"
#include "port.h"

enum { ROOM = 4096, MOST = 12000000 };

static struct {
	bool absent;
	bool deaf;          /* takes no byte: its input stays full */
	size_t busy;        /* looks until the last byte is taken */
	bool late;          /* when it has answered that */
	size_t stops;       /* deaf and dumb after so many bytes, if not 0 */
	bool endless;       /* its output stays full */
	bool rubbish;       /* and it answers anything */
	bool noboard;       /* nothing at the plug */
	bool notranslation; /* the bit is not kept */
	bool noconfig;
	uint8_t works; /* of the self-test */
	int resends;   /* the keyboard asks so often */
	size_t strays; /* what is typed before each answer */
	uint8_t echo;
	bool mouse; /* what it sends is a mouse's */

	uint8_t config;
	bool wantsconfig;
	bool off;    /* the keyboard's clock */
	size_t slow; /* looks left until the byte is taken */
	uint8_t buffer[ROOM];
	size_t first, n;
	uint8_t took[64]; /* by the keyboard */
	size_t ntook;
	size_t looks;
	size_t written;
	uint32_t lot;
} fake;

void
relax(void)
{
}

static void
out(uint8_t byte)
{
	assert_in_range(fake.n, 0, ROOM - 1);
	fake.buffer[fake.n++] = byte;
}

static uint8_t
lot(void)
{
	fake.lot = fake.lot * 1664525 + 1013904223;
	return (uint8_t)(fake.lot >> 24);
}

static uint8_t
status(void)
{
	fake.looks++;
	if (fake.absent)
		return 0xff;
	if (fake.rubbish)
		return lot();
	if (fake.slow > 0)
		fake.slow--;
	return (uint8_t)((fake.endless || fake.first < fake.n) |
			 (fake.deaf || fake.slow > 0) << 1 | fake.mouse << 5 |
			 0x1c);
}

uint8_t
portread8(uint16_t port)
{
	if (port == 0x64)
		return status();
	assert_int_equal(port, 0x60);
	if (fake.absent || fake.endless)
		return 0x1e;
	if (fake.rubbish)
		return lot();
	return fake.first < fake.n ? fake.buffer[fake.first++] : 0;
}

static void
board(uint8_t byte)
{
	if (fake.noboard || fake.off)
		return;
	fake.took[fake.ntook++ % sizeof fake.took] = byte;
	if (fake.resends > 0) {
		fake.resends--;
		out(0xfe);
		return;
	}
	for (size_t i = 0; i < fake.strays; i++)
		out(0x1e);
	out(byte == 0xee ? fake.echo : 0xfa);
}

static void
controller(uint8_t command)
{
	switch (command) {
	case 0xad:
		fake.off = true;
		break;
	case 0xae:
		fake.off = false;
		break;
	case 0xa7:
		break;
	case 0xaa:
		fake.config = 0x33;
		out(fake.works);
		break;
	case 0x20:
		if (!fake.noconfig)
			out(fake.config);
		break;
	case 0x60:
		fake.wantsconfig = true;
		break;
	default:
		fail_msg("command %#x", command);
	}
}

void
portwrite8(uint16_t port, uint8_t v)
{
	if (fake.absent || fake.rubbish)
		return;
	assert_false(fake.deaf || fake.slow > 0);
	fake.slow = fake.busy;
	fake.written++;
	fake.deaf = fake.written == fake.stops;
	if (fake.deaf && !fake.late)
		return;
	if (port == 0x64)
		controller(v);
	else if (fake.wantsconfig) {
		fake.wantsconfig = false;
		fake.config = fake.notranslation ? v & (uint8_t)~0x40 : v;
	} else {
		assert_int_equal(port, 0x60);
		board(v);
	}
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	memset(&fake, 0, sizeof fake);
	fake.works = 0x55;
	fake.echo = 0xee;
	fake.lot = 1;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

/* What it sends from now on, and nothing that was before. */
static void
sends(const char *bytes, size_t n)
{
	fake.first = fake.n = 0;
	for (size_t i = 0; i < n; i++)
		out((uint8_t)bytes[i]);
}
#define SENDS(bytes) sends(bytes, sizeof bytes - 1)

static void
assert_none(const char *why)
{
	char line[100];

	hostquiet();
	assert_false(keyboardopen(false));
	sprintf(line, "mem9: keyboard result=none detail=\"%s\"\n", why);
	assert_said(line);
	assert_false(keyboardworks());
	assert_in_range(fake.looks, 0, MOST);
	fake.looks = 0;
	assert_int_equal(keyboardread(), NOKEY);
	assert_int_equal(fake.looks, 0);
}

static void
one_that_is_there_is_set_up(void **state)
{
	(void)state;
	fake.busy = 3;
	SENDS("\x1c\x9c");
	assert_true(keyboardopen(false));
	assert_said("mem9: keyboard result=ok set=1\n");
	assert_true(keyboardworks());
	assert_int_equal(fake.config, 0x60);
	assert_int_equal(fake.ntook, 3);
	assert_memory_equal(fake.took, "\xee\xf6\xf4", 3);
	assert_false(fake.off);
	assert_int_equal(keyboardread(), NOKEY);
	SENDS("\x1e\x9e\xe0\x48\x2a\x1e");
	assert_int_equal(keyboardread(), 'a');
	assert_int_equal(keyboardread(), KEYUP);
	assert_int_equal(keyboardread(), 'A');
	assert_int_equal(keyboardread(), NOKEY);
	assert_true(keyboardopen(false));
	SENDS("\x1e");
	assert_int_equal(keyboardread(), 'a');
}

static void
a_mouse_is_not_listened_to(void **state)
{
	(void)state;
	assert_true(keyboardopen(false));
	fake.mouse = true;
	SENDS("\x1e\x9e\x2a");
	assert_int_equal(keyboardread(), NOKEY);
	fake.mouse = false;
	SENDS("\x1e");
	assert_int_equal(keyboardread(), 'a');
}

static void
set_2_where_nobody_translates(void **state)
{
	(void)state;
	fake.notranslation = true;
	assert_true(keyboardopen(false));
	assert_said("mem9: keyboard result=ok set=2\n");
	SENDS("\x1c\xf0\x1c\xe0\x75");
	assert_int_equal(keyboardread(), 'a');
	assert_int_equal(keyboardread(), KEYUP);
	assert_int_equal(keyboardread(), NOKEY);
}

static void
what_is_denied_or_absent_is_left_alone(void **state)
{
	(void)state;
	assert_false(keyboardopen(true));
	assert_said("mem9: keyboard result=none "
		    "detail=\"firmware says that there is none\"\n");
	assert_int_equal(fake.looks, 0);
	fake.absent = true;
	assert_none("nothing is at its ports");
}

static void
a_stuck_controller_is_given_up(void **state)
{
	(void)state;
	fake.deaf = true;
	assert_none("the controller takes no command");
	setup(state);
	fake.endless = true;
	assert_none("the controller has no end of bytes");
	setup(state);
	fake.works = 0xfc;
	assert_none("the controller fails its test");
	setup(state);
	fake.noconfig = true;
	assert_none("the controller keeps no configuration");
	setup(state);
	fake.noboard = true;
	assert_none("no keyboard answers");
	setup(state);
	fake.echo = 0xef;
	assert_none("no keyboard answers");
}

/* At any byte that it takes. The last two are for the keyboard's comfort. */
static void
one_that_stops_half_way_is_given_up(void **state)
{
	(void)state;
	assert_true(keyboardopen(false));
	size_t all = fake.written;
	for (size_t i = 1; i <= all; i++) {
		setup(state);
		fake.stops = i;
		assert_int_equal(keyboardopen(false), i > all - 2);
		assert_in_range(fake.looks, 0, MOST);
		setup(state);
		fake.stops = i;
		fake.late = true;
		assert_int_equal(keyboardopen(false), i > all - 3);
		assert_in_range(fake.looks, 0, MOST);
	}
}

static void
it_may_ask_again_and_have_typed_meanwhile(void **state)
{
	(void)state;
	fake.resends = 2;
	assert_true(keyboardopen(false));
	assert_memory_equal(fake.took, "\xee\xee\xee\xf6\xf4", 5);
	setup(state);
	fake.resends = 3;
	assert_none("no keyboard answers");
	assert_int_equal(fake.ntook, 3);
	setup(state);
	fake.strays = 16;
	assert_true(keyboardopen(false));
	setup(state);
	fake.strays = 17;
	assert_none("no keyboard answers");
}

/* Nothing of what it says makes sense; all ends, and soon. */
static void
rubbish_is_bounded(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 200; i++) {
		setup(state);
		fake.rubbish = true;
		fake.lot = i * 7919;
		if (keyboardopen(false))
			for (int n = 0; n < 10000; n++)
				keyboardread();
		assert_in_range(fake.looks, 0, MOST);
	}
}

static void
bytes_without_end_are_no_keyboard(void **state)
{
	(void)state;
	assert_true(keyboardopen(false));
	hostquiet();
	fake.endless = true;
	for (int i = 0; i < 1023; i++)
		assert_int_equal(keyboardread(), 'a');
	assert_true(keyboardworks());
	assert_int_equal(keyboardread(), NOKEY);
	assert_true(keyboardlost());
	assert_false(keyboardlost());
	assert_said(""); /* who reads it may be writing */
	assert_false(keyboardworks());
	assert_int_equal(keyboardread(), NOKEY);
}

/* There was a pause in between, every time. */
static void
a_fast_typist_is_none_of_that(void **state)
{
	(void)state;
	assert_true(keyboardopen(false));
	for (int i = 0; i < 5000; i++) {
		SENDS("\x1e");
		assert_int_equal(keyboardread(), 'a');
		assert_int_equal(keyboardread(), NOKEY);
	}
	assert_true(keyboardworks());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_that_is_there_is_set_up),
	    TEST(a_mouse_is_not_listened_to),
	    TEST(set_2_where_nobody_translates),
	    TEST(what_is_denied_or_absent_is_left_alone),
	    TEST(a_stuck_controller_is_given_up),
	    TEST(one_that_stops_half_way_is_given_up),
	    TEST(it_may_ask_again_and_have_typed_meanwhile),
	    TEST(rubbish_is_bounded),
	    TEST(bytes_without_end_are_no_keyboard),
	    TEST(a_fast_typist_is_none_of_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
