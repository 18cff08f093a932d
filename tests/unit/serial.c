/*
 * serial.c - the driver against a UART that does as it likes.
 *
 * The UART here is the registers of the PC16550D data sheet at an address, in
 * ports or memory, some bytes apart: an access anywhere else, or of another
 * width, finds nothing.
 *
 * needs: arch/serial.c
 */
#include "serial.h"
#include "unit.h"

enum { IDLE = 0x40, EMPTY = 0x20, READY = 0x01, ROOM = 1 << 16 };
enum { POLLS = 5000000, LEAST = POLLS / 64, TRUST = 1024 };

static struct {
	Uart at;
	bool absent;
	bool noscratch;
	bool noloop;
	bool gone; /* what it keeps can be read, but not how it is */
	bool stalled;
	size_t takes; /* bytes until it stalls again, if not 0 */
	uint8_t lcr, ier, mcr, fcr, scr;
	uint16_t divisor;
	const char *typed;
	char out[ROOM];
	size_t n;
	size_t polls; /* of LSR */
	size_t accesses;
} fake;

static Bootinfo b;

void
relax(void)
{
}

/* The registers of a port as the driver is to reach them. */
Uartregs
uartregs(const Bootinfo *boot, const Uart *u)
{
	Uartregs r = {.width = u->width, .stride = u->stride};

	(void)boot;
	if (u->space == UARTPORT)
		r.port = (uint16_t)u->addr;
	else
		r.mem = (uint8_t *)u->addr;
	return r;
}

static bool
reached(const Uartregs *r)
{
	uintptr_t at = r->mem != NULL ? (uintptr_t)r->mem : r->port;

	fake.accesses++;
	return !fake.absent && at == fake.at.addr &&
	       (r->mem != NULL) == (fake.at.space == UARTMEM) &&
	       r->stride == fake.at.stride && r->width == fake.at.width;
}

static uint8_t
status(void)
{
	fake.polls++;
	if (fake.gone)
		return 0xff;
	return (fake.stalled ? 0 : EMPTY | IDLE) |
	       (*fake.typed != '\0' ? READY : 0);
}

uint8_t
uartget(const Uartregs *r, unsigned reg)
{
	bool dlab = fake.lcr & 0x80;

	if (!reached(r))
		return 0xff;
	switch (reg) {
	case 0:
		if (dlab)
			return fake.divisor & 0xff;
		return *fake.typed != '\0' ? (uint8_t)*fake.typed++ : 0;
	case 1:
		return dlab ? fake.divisor >> 8 : fake.ier;
	case 3:
		return fake.lcr;
	case 4:
		return fake.mcr;
	case 5:
		return status();
	case 6:
		return (fake.mcr & 0x10) && !fake.noloop
			   ? (uint8_t)((fake.mcr & 0x0c) << 4 |
				       (fake.mcr & 2) << 3 |
				       (fake.mcr & 1) << 5)
			   : 0xb0;
	case 7:
		return fake.noscratch ? 0 : fake.scr;
	}
	return 0;
}

static void
transmit(uint8_t v)
{
	if (fake.stalled || fake.n == ROOM)
		return;
	fake.out[fake.n++] = (char)v;
	if (fake.takes != 0 && --fake.takes == 0)
		fake.stalled = true;
}

void
uartput(const Uartregs *r, unsigned reg, uint8_t v)
{
	bool dlab = fake.lcr & 0x80;

	if (!reached(r))
		return;
	switch (reg) {
	case 0:
		if (dlab)
			fake.divisor = (fake.divisor & 0xff00) | v;
		else
			transmit(v);
		break;
	case 1:
		if (dlab)
			fake.divisor =
			    (fake.divisor & 0xff) | (uint16_t)(v << 8);
		else
			fake.ier = v;
		break;
	case 2:
		fake.fcr = v;
		break;
	case 3:
		fake.lcr = v;
		break;
	case 4:
		fake.mcr = v;
		break;
	case 7:
		fake.scr = v;
	}
}

static const Uart com1 = {UARTPORT, 1, 1, 0x3f8};

static int
setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	fake.at = com1;
	fake.typed = "";
	fake.divisor = 12;
	fake.lcr = 0x1a;
	fake.ier = 0x0f;
	b = (Bootinfo){.uart = com1};
	b.options.uart = com1;
	return 0;
}

static void
opened(void)
{
	assert_true(serialopen(&b));
	assert_true(serialworks());
	fake.polls = 0;
}

static void
writes(const char *s)
{
	serialwrite(s, strlen(s));
}

static void
assert_sent(const char *s)
{
	assert_int_equal(fake.n, strlen(s));
	assert_memory_equal(fake.out, s, fake.n);
}

static void
it_is_set_up_as_the_data_sheet_has_it(void **state)
{
	(void)state;
	opened();
	assert_int_equal(fake.lcr, 3);
	assert_int_equal(fake.ier, 0);
	assert_int_equal(fake.fcr, 7);
	assert_int_equal(fake.mcr, 0xb);
	writes("a\nb");
	assert_sent("a\r\nb");
}

static void
the_speed_is_firmwares_unless_asked_for(void **state)
{
	static const struct {
		uint32_t baud;
		uint16_t was, is;
	} speed[] = {{0, 12, 12}, {0, 1, 1}, {0, 0x180, 0x180}, {0, 0, 1},
	    {9600, 1, 12}, {115200, 12, 1}, {110, 1, 1047}, {2, 1, 57600},
	    {230400, 12, 1}};

	for (size_t i = 0; i < nelem(speed); i++) {
		setup(state);
		fake.divisor = speed[i].was;
		b.options.baud = speed[i].baud;
		opened();
		assert_int_equal(fake.divisor, speed[i].is);
	}
}

static void
a_port_that_is_absent_is_left_alone(void **state)
{
	(void)state;
	fake.absent = true;
	assert_false(serialopen(&b));
	assert_false(serialworks());
	fake.accesses = 0;
	writes("text");
	assert_int_equal(serialread(), -1);
	serialdrain();
	assert_int_equal(fake.accesses, 0);
}

static void
who_asks_for_an_answer_changes_nothing(void **state)
{
	(void)state;
	fake.mcr = 0x8;
	assert_true(serialanswers(&b));
	assert_int_equal(fake.mcr, 0x8);
	assert_int_equal(fake.lcr, 0x1a);
	assert_int_equal(fake.ier, 0x0f);
	assert_int_equal(fake.divisor, 12);
	writes("x");
	assert_int_equal(fake.n, 0);
	fake.noscratch = true;
	assert_true(serialanswers(&b));
	assert_int_equal(fake.mcr, 0x8);
	fake.absent = true;
	assert_false(serialanswers(&b));
}

static void
scratch_register_or_loop_back_is_enough(void **state)
{
	(void)state;
	fake.noscratch = true;
	fake.mcr = 0x8;
	opened();
	assert_int_equal(fake.mcr, 0xb);
	setup(NULL);
	fake.noloop = true;
	opened();
	setup(NULL);
	fake.noloop = fake.noscratch = true;
	assert_false(serialopen(&b));
	setup(NULL);
	fake.gone = true;
	assert_false(serialopen(&b));
}

static void
it_is_spoken_to_at_any_stride_and_width(void **state)
{
	static const Uart kinds[] = {{UARTPORT, 1, 1, 0x6000},
	    {UARTPORT, 1, 4, 0x6000}, {UARTMEM, 1, 1, 0xfe034000},
	    {UARTMEM, 1, 4, 0xfe034000}, {UARTMEM, 2, 2, 0xfe034000},
	    {UARTMEM, 4, 4, 0x1fe034000}};

	for (size_t i = 0; i < nelem(kinds); i++)
		for (size_t k = 0; k < nelem(kinds); k++) {
			setup(state);
			fake.at = kinds[i];
			b.uart = kinds[k];
			b.options.uartgiven = true;
			assert_int_equal(serialopen(&b), i == k);
			writes("x");
			assert_int_equal(fake.n, i == k);
		}
}

static void
who_does_not_answer_is_followed_by_the_first(void **state)
{
	static const Uart other = {UARTMEM, 4, 4, 0xfe034000};

	(void)state;
	b.uart = other;
	opened();
	writes("x");
	assert_sent("x");
	b.options.uartgiven = true;
	assert_false(serialopen(&b));
	b.uart.space = UARTNONE;
	assert_false(serialopen(&b));
}

static void
a_stall_costs_one_wait_and_is_admitted(void **state)
{
	(void)state;
	opened();
	writes("begin ");
	fake.stalled = true;
	writes("0123456789");
	assert_true(fake.polls > POLLS && fake.polls < POLLS + 100);
	writes("lost too");
	assert_true(fake.polls < POLLS + 200);
	fake.stalled = false;
	writes("end");
	assert_sent("begin \r\n[18 bytes are missing here]\r\nend");
	writes(", really");
	assert_sent("begin \r\n[18 bytes are missing here]\r\nend, really");
}

static void
a_stalled_port_is_still_read(void **state)
{
	(void)state;
	opened();
	fake.stalled = true;
	writes("x");
	assert_int_equal(serialread(), -1);
	fake.typed = "ok";
	assert_int_equal(serialread(), 'o');
	assert_int_equal(serialread(), 'k');
	assert_int_equal(serialread(), -1);
}

/* One byte, then nothing for long, over and over. */
static void
every_stall_costs_half_of_the_last(void **state)
{
	size_t most = POLLS;

	(void)state;
	opened();
	for (int i = 0; i < 12; i++) {
		fake.stalled = true;
		fake.polls = 0;
		writes("x");
		assert_in_range(fake.polls, most, most + 10);
		most = MAX(most / 2, (size_t)LEAST);
		fake.stalled = false;
		writes("y");
	}
}

static void
patience_comes_back_with_bytes_that_go_well(void **state)
{
	(void)state;
	opened();
	for (int i = 0; i < 2; i++) {
		fake.stalled = true;
		writes("x");
		fake.stalled = false;
		writes("y");
	}
	/* Half of it is gone twice; it doubles with each TRUST bytes. */
	for (int part = 2; part >= 1; part--) {
		for (int i = 0; i < (part == 1 ? 3 : 1) * TRUST; i++)
			writes("y");
		fake.stalled = true;
		fake.polls = 0;
		writes("x");
		assert_in_range(fake.polls, POLLS / part, POLLS / part + 10);
		fake.stalled = false;
	}
}

/* It takes three bytes of what it is told it has missed. */
static void
a_stall_while_it_is_admitted_is_one_more(void **state)
{
	(void)state;
	opened();
	fake.stalled = true;
	writes("abcde");
	fake.stalled = false;
	fake.takes = 3;
	writes("fg");
	assert_sent("\r\n[");
	fake.stalled = false;
	writes("h");
	assert_non_null(strstr(fake.out, "[29 bytes are missing here]\r\nh"));
}

static void
a_port_that_goes_away_comes_back(void **state)
{
	(void)state;
	opened();
	fake.absent = true;
	writes("gone");
	assert_int_equal(serialread(), -1);
	serialdrain();
	assert_true(fake.accesses < 100);
	fake.absent = false;
	writes("!");
	assert_sent("\r\n[4 bytes are missing here]\r\n!");
}

static void
draining_waits_but_not_forever(void **state)
{
	(void)state;
	opened();
	serialdrain();
	assert_int_equal(fake.polls, 1);
	fake.stalled = true;
	serialdrain();
	assert_in_range(fake.polls, POLLS, POLLS + 10);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_is_set_up_as_the_data_sheet_has_it),
	    TEST(the_speed_is_firmwares_unless_asked_for),
	    TEST(a_port_that_is_absent_is_left_alone),
	    TEST(who_asks_for_an_answer_changes_nothing),
	    TEST(scratch_register_or_loop_back_is_enough),
	    TEST(it_is_spoken_to_at_any_stride_and_width),
	    TEST(who_does_not_answer_is_followed_by_the_first),
	    TEST(a_stall_costs_one_wait_and_is_admitted),
	    TEST(a_stalled_port_is_still_read),
	    TEST(every_stall_costs_half_of_the_last),
	    TEST(patience_comes_back_with_bytes_that_go_well),
	    TEST(a_stall_while_it_is_admitted_is_one_more),
	    TEST(a_port_that_goes_away_comes_back),
	    TEST(draining_waits_but_not_forever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
