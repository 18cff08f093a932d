/*
 * panic.c - the ways to stop: what is said, to whom, and where it goes on.
 *
 * panic.c is compiled here under another name, as a panic on this machine is
 * the test's. What does not return goes back into the test.
 *
 * covers: kern/panic.c
 * needs: kern/format.c
 */
#include "unit.h"
#include "backtrace.h"
#include "bootinfo.h"
#include "halt.h"
#include "log.h"
#include "mem.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "space.h"
#include "stack.h"
#include "stop.h"
#include "trap.h"

enum { TOP = 0x7000 };

_Noreturn void imagepanicat(const char *func, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static Bootinfo boot;
Bootinfo *bootinfo;
Space kspace;

static struct {
	char did[200];           /* names, a blank after each */
	bool expected;           /* somebody waits for a fault */
	bool port, screen;       /* there is one */
	size_t nsinks;           /* that the log has */
	int again;               /* so many panics more while one is shown */
	void (*restacked)(void); /* where it goes on */
	Caught caught;
	jmp_buf out;
} play;

static uint32_t before; /* reports; 0: however many */

static void
did(const char *name)
{
	strcat(play.did, name);
	strcat(play.did, " ");
	assert_in_range(strlen(play.did), 1, sizeof play.did - 20);
}

size_t
logsinks(void)
{
	return play.nsinks;
}

/* To show it goes wrong a few times. */
void
logsink(Sink *sink, enum logreplay how)
{
	assert_int_equal(how, LOGREPLAY);
	did(sink == serialwrite ? "toserial" : "toscreen");
	assert_true(before == 0 || reports() == before + 1);
	if (play.again-- > 0)
		imagepanicat("logsink", "once more");
	play.nsinks++;
}

bool
serialopen(const Bootinfo *b)
{
	assert_ptr_equal(b, &boot);
	did("open");
	return play.port;
}

bool
serialinit(const Uartregs *regs, uint32_t baud)
{
	assert_int_equal(regs->port, 0x3f8);
	assert_int_equal(regs->width, 1);
	assert_int_equal(regs->stride, 1);
	assert_null(regs->mem);
	assert_int_equal(baud, 0);
	did("init");
	return play.port;
}

bool
screeninit(const Fb *fb, volatile void *pixels)
{
	assert_ptr_equal(fb, &boot.fb);
	assert_null(pixels);
	did("screen");
	return play.screen;
}

volatile void *
fbpixels(void)
{
	return NULL;
}

void
serialwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

void
screenwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

void
faultescape(Caught what)
{
	did("escape");
	play.caught = what;
	if (play.expected)
		longjmp(play.out, 1);
}

void
backtrace(Context c)
{
	assert_int_equal(c.pc, 0);
	assert_int_not_equal(c.fp, 0);
	did("trace");
}

void
reportdone(void)
{
	did("done");
}

uintptr_t
stacktop(enum stack s)
{
	return s == STACKMAIN ? TOP : 0;
}

/* Which one panics, and does another one so before? */
static size_t panicker;
static bool late;

size_t
cpunumber(void)
{
	return panicker;
}

bool
stopothers(Context where)
{
	assert_int_equal(where.pc, 0);
	assert_int_not_equal(where.fp, 0);
	did("stop");
	return !late;
}

void
stopshow(void)
{
	did("show");
}

void
stopended(void)
{
	did("ended");
}

void
restack(uintptr_t sp, void (*fn)(void))
{
	assert_int_equal(sp, TOP);
	did("restack");
	play.restacked = fn;
	longjmp(play.out, 1);
}

void
haltforever(void)
{
	did("halt");
	longjmp(play.out, 1);
}

#define panicat imagepanicat
#include "../../kern/panic.c"
#undef panicat

static void
afterwards(void)
{
	did("then");
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	memset(&play, 0, sizeof play);
	before = 0;
	panicker = 0;
	late = false;
	memset(panicking, 0, sizeof panicking);
	panicthen(NULL);
	play.nsinks = 1;
	bootinfo = &boot;
	kspace.direct = DMAP;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

/* What is done until it does not go on. */
static const char *
panicked(void)
{
	play.did[0] = '\0';
	hostquiet();
	if (setjmp(play.out) == 0)
		imagepanicat("func", "pa %#x is %s", 0x12, "odd");
	return play.did;
}

static void
it_says_who_and_what(void **state)
{
	(void)state;
	assert_string_equal(panicked(), "escape stop trace show halt ");
	assert_said("panic: func: pa 0x12 is odd\n");
}

/* Whoever holds back what is written knows of it before the first of it. */
static void
a_report_is_known_before_it_is_written(void **state)
{
	uint32_t n = reports();

	(void)state;
	reportbegins();
	assert_int_equal(reports(), n + 1);
	play.nsinks = 0;
	play.port = true;
	before = n + 1;
	panicked();
	assert_int_equal(reports(), n + 2);
	play.nsinks = 0;
	before = n + 2;
	if (setjmp(play.out) == 0)
		deadend("it");
	assert_int_equal(reports(), n + 3);
}

/* As if it were a fault: with no vector, from whoever called. */
static void
who_expects_a_fault_gets_it(void **state)
{
	uint32_t n = reports();

	(void)state;
	play.expected = true;
	for (int i = 0; i < 5; i++)
		assert_string_equal(panicked(), "escape ");
	assert_int_equal(play.caught.vector, NOVECTOR);
	assert_int_not_equal(play.caught.pc, 0);
	assert_said("panic: func: pa 0x12 is odd\n");
	assert_int_equal(reports(), n); /* nothing else is held back less */
}

/* On an empty stack, unless firmware's is the only one there is. */
static void
it_goes_on_where_it_was_told_to(void **state)
{
	(void)state;
	panicthen(afterwards);
	for (int i = 0; i < 5; i++)
		assert_string_equal(
		    panicked(), "escape stop trace show done restack ");
	assert_ptr_equal(play.restacked, afterwards);
	kspace.direct = 0;
	assert_string_equal(panicked(), "escape stop trace show then halt ");
}

/* Another CPU halts; the monitor is CPU 0's, on its own stack. */
static void
one_that_is_not_the_first_ends_there(void **state)
{
	(void)state;
	panicthen(afterwards);
	panicker = 3;
	assert_string_equal(panicked(), "escape stop trace show ended halt ");
	assert_said("panic: CPU 3: func: pa 0x12 is odd\n");
}

/* What it says itself is a line; the rest says who was first. */
static void
one_that_comes_too_late_goes_on_as_after_a_report(void **state)
{
	(void)state;
	panicthen(afterwards);
	late = true;
	assert_string_equal(panicked(), "escape stop done restack ");
	assert_said("panic: func: pa 0x12 is odd\n");
}

/* Each CPU has its own depth. */
static void
a_panic_of_another_cpu_is_no_panic_within_one(void **state)
{
	(void)state;
	for (panicker = 1; panicker < 5; panicker++)
		assert_string_equal(
		    panicked(), "escape stop trace show ended halt ");
}

/* A report ends there too. */
static void
staying_up_is_the_end_of_any_report(void **state)
{
	(void)state;
	panicthen(afterwards);
	if (setjmp(play.out) == 0)
		stayup();
	assert_string_equal(play.did, "done restack ");
	play.did[0] = '\0';
	panicthen(NULL);
	if (setjmp(play.out) == 0)
		stayup();
	assert_string_equal(play.did, "halt ");
}

/* Where nobody listens yet, whatever can be found is given all of the log. */
static void
somebody_hears_of_it(void **state)
{
	static const struct {
		bool boot, port, screen;
		const char *does;
	} kinds[] = {
	    {false, false, true, "init "},
	    {false, true, true, "init toserial "},
	    {true, false, false, "open screen "},
	    {true, true, false, "open toserial screen "},
	    {true, false, true, "open screen toscreen "},
	    {true, true, true, "open toserial screen toscreen "},
	};

	for (size_t i = 0; i < nelem(kinds); i++) {
		char want[100];

		setup(state);
		play.nsinks = 0;
		play.port = kinds[i].port;
		play.screen = kinds[i].screen;
		bootinfo = kinds[i].boot ? &boot : NULL;
		sprintf(want, "%sescape stop trace show halt ", kinds[i].does);
		assert_string_equal(panicked(), want);
	}
}

/* A second one is still said; the third would go on for ever. */
static void
panics_within_panics_end(void **state)
{
	(void)state;
	play.nsinks = 0;
	play.port = true;
	play.again = 1;
	assert_string_equal(panicked(),
	    "open toserial open toserial screen escape stop trace show halt ");
	assert_said("panic: logsink: once more\n");
	setup(state);
	play.nsinks = 0;
	play.port = true;
	play.again = 100;
	assert_string_equal(panicked(), "open toserial open toserial halt ");
	assert_said("");
}

/* And what comes after one that stayed up is a first one again. */
static void
a_later_panic_is_a_new_one(void **state)
{
	(void)state;
	panicthen(afterwards);
	for (int i = 0; i < 3; i++) {
		play.nsinks = 0;
		play.port = true;
		play.again = 1;
		assert_string_equal(panicked(),
		    "open toserial open toserial screen escape stop trace show "
		    "done "
		    "restack ");
	}
}

static void
a_dead_end_is_one_line_and_a_halt(void **state)
{
	(void)state;
	play.nsinks = 0;
	play.port = true;
	panicthen(afterwards);
	if (setjmp(play.out) == 0)
		deadend("fault %d in a report", 14);
	assert_string_equal(play.did, "open toserial screen halt ");
	assert_said("fault 14 in a report\n");
}

/* More than a line has room for is cut. */
static void
a_long_text_is_cut(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	if (setjmp(play.out) == 0)
		deadend("%s", text);
	assert_in_range(strlen(hostsaid()), 400, 513);
	assert_int_equal(hostsaid()[strlen(hostsaid()) - 1], '\n');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(it_says_who_and_what),
	    TEST(a_report_is_known_before_it_is_written),
	    TEST(who_expects_a_fault_gets_it),
	    TEST(it_goes_on_where_it_was_told_to),
	    TEST(one_that_is_not_the_first_ends_there),
	    TEST(one_that_comes_too_late_goes_on_as_after_a_report),
	    TEST(a_panic_of_another_cpu_is_no_panic_within_one),
	    TEST(staying_up_is_the_end_of_any_report),
	    TEST(somebody_hears_of_it),
	    TEST(panics_within_panics_end),
	    TEST(a_later_panic_is_a_new_one),
	    TEST(a_dead_end_is_one_line_and_a_halt),
	    TEST(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
