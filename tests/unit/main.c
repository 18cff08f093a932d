/*
 * main.c - the order of things: each step after the one it needs, both times,
 * and where a panic goes from there.
 *
 * The steps are played: each says its name, and none is done. What does not
 * return goes back into the test.
 *
 * covers: kern/main.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "borrow.h"
#include "conf.h"
#include "kept.h"
#include "cpus.h"
#include "halt.h"
#include "keyboard.h"
#include "memmap.h"
#include "mmu.h"
#include "page.h"
#include "takeover.h"
#include "tell.h"
#include "trap.h"
#include "xalloc.h"
#include "../../kern/boot.h"
#include "../../kern/check/checks.h"
#include "../../kern/monitor/monitor.h"
#include "../../kern/tell/summary.h"
#include "../../kern/monitor/turn.h"
#include "panic.h"

static struct {
	char did[600];      /* names, a blank after each */
	const char *breaks; /* the step that panics */
	void (*then)(void); /* where that goes */
	bool ends;          /* finish does not return */
	bool kept;          /* a reset saves the log */
	bool said;          /* the last line, before it broke */
	size_t failed;      /* checks */
	bool keyboard, serial;
	jmp_buf out;
	jmp_buf caught;
} play;

static void
did(const char *name)
{
	strcat(play.did, name);
	strcat(play.did, " ");
	assert_in_range(strlen(play.did), 1, sizeof play.did - 40);
}

static void
played(const char *name)
{
	did(name);
	if (play.breaks != NULL && strcmp(play.breaks, name) == 0)
		longjmp(play.caught, 1);
}

#define STEP(fn)                                                               \
	void fn(void)                                                          \
	{                                                                      \
		played(#fn);                                                   \
	}
STEP(consoleinit)
STEP(mach0init)
STEP(meminit0)
STEP(mmuinit)
STEP(archinit)
STEP(confinit0)
STEP(tryram)
STEP(memoryfini)
STEP(cpusinit)
STEP(summary)
STEP(userinit)
STEP(showall)
STEP(unborrow)

/* Those of mm/, which is here too. */
static STEP(banks) static STEP(holes) static STEP(pagesplace) static STEP(pages)

    void borrow(void)
{
	played("borrow");
	stage = SMMU;
}

void
stepdone(enum stage s)
{
	stagedone(s);
	did("=");
}

static Bootinfo boot;
Bootinfo *bootinfo = &boot;

STEP(tellbegin)
STEP(tell)
STEP(tellbroken)
STEP(turnstart)
STEP(turnreport)

void
tellcheck(const Checkresult *r)
{
	(void)r;
}

void
tellwrong(const char *why)
{
	assert_string_equal(why, "it broke off: see above");
	did("wrong");
}

void
tellend(const char *more)
{
	did(more != NULL ? "end" : "endalone");
}

bool
keyboardworks(void)
{
	return play.keyboard;
}

bool
keyscome(void)
{
	return play.keyboard || play.serial;
}

size_t
check(enum checkset set, void (*seen)(const Checkresult *r))
{
	assert_ptr_equal(seen, tellcheck);
	played(set == CHECKALL ? "check" : "checkmemory");
	return play.failed;
}

bool
checkbroken(void)
{
	did("broken");
	return !play.said;
}

bool
keptopened(void)
{
	return play.kept;
}

void
finish(void)
{
	did("finish");
	if (play.ends)
		longjmp(play.out, 1);
}

void
monitor(void)
{
	did("monitor");
	longjmp(play.out, 1);
}

void
haltforever(void)
{
	did("halt");
	longjmp(play.out, 1);
}

void
panicthen(void (*fn)(void))
{
	did("panicthen");
	play.then = fn;
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	(void)what;
	if (setjmp(play.caught) != 0)
		return true;
	fn(arg);
	return false;
}

#define main kernelmain
#define meminit banks
#define xinit holes
#define preallocpages pagesplace
#define pageinit pages
#include "../../kern/main.c"
#undef main

static uint64_t table[1 << 10];

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	stage = SFIRMWARE;
	memset(&play, 0, sizeof play);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	stage = SFIRMWARE;
	return 0;
}

/* Run it until it ends, which it does not by returning. */
static const char *
ends(void (*fn)(void))
{
	play.did[0] = '\0';
	if (setjmp(play.out) == 0) {
		fn();
		did("returned");
	}
	return play.did;
}

/* A step is followed by = where it is known to be done. */
#define MAINSTEPS                                                              \
	"panicthen consoleinit mach0init = meminit0 = mmuinit = archinit "     \
	"banks = confinit0 = holes = pagesplace = "                            \
	"pages = cpusinit summary userinit = tellbegin check tell endalone "   \
	"finish "

static void
a_boot_goes_from_the_console_to_the_monitor(void **state)
{
	(void)state;
	__main();
	assert_string_equal(ends(kernelmain), MAINSTEPS "turnstart monitor ");
	assert_int_equal(stage, SUSER);
}

static void
it_ends_before_the_monitor_if_it_is_to(void **state)
{
	(void)state;
	play.ends = true;
	assert_string_equal(ends(kernelmain), MAINSTEPS);
	setup(state);
	play.ends = true;
	play.serial = true;
	assert_non_null(strstr(ends(kernelmain), "tell end finish "));
	setup(state);
	play.ends = true;
	play.keyboard = true;
	assert_non_null(strstr(ends(kernelmain), "tell end finish "));
}

/* The last line first, if it has not been said; then as a boot ends. */
static void
after_a_panic_it_stays_up(void **state)
{
	(void)state;
	ends(kernelmain);
	assert_non_null(play.then);
	assert_string_equal(
	    ends(play.then), "broken tellbroken finish turnreport monitor ");
	assert_mentioned("mem9 stays up\n");
	play.serial = true;
	assert_string_equal(
	    ends(play.then), "broken tellbroken finish turnreport monitor ");
	assert_mentioned("mem9 stays up; the log command shows what led here");
	assert_int_equal(hosttimes("save the report"), 0);
	play.said = true;
	play.ends = true;
	assert_string_equal(ends(play.then), "broken turnreport monitor ");
	play.said = false;
	assert_string_equal(ends(play.then), "broken tellbroken finish ");
}

/* With a button where the machine stays on, and R where there is a prompt. */
static void
a_reset_saves_the_log_if_nothing_else_ends_it(void **state)
{
	static const struct {
		enum end end;
		bool keyboard, serial;
		const char *hint;
	} kinds[] = {
	    {ENDMONITOR, true, false, "reset to save the report (R does)\n"},
	    {ENDMONITOR, false, true, "reset to save the report (R does)\n"},
	    {ENDMONITOR, false, false, "reset to save the report\n"},
	    {ENDHALT, true, true, "reset to save the report\n"},
	    {ENDPOWEROFF, true, true, ""},
	    {ENDRESET, true, true, ""},
	};

	(void)state;
	ends(kernelmain);
	for (size_t i = 0; i < nelem(kinds); i++) {
		boot.options.end = kinds[i].end;
		play.kept = true;
		play.keyboard = kinds[i].keyboard;
		play.serial = kinds[i].serial;
		hostquiet();
		play.ends = true;
		ends(play.then);
		assert_said(kinds[i].hint);
		play.kept = false;
		hostquiet();
		ends(play.then);
		assert_said("");
		play.kept = play.said = true;
		ends(play.then);
		assert_mentioned(i == 2 ? kinds[2].hint : kinds[0].hint);
		play.said = false;
	}
	boot.options.end = ENDMONITOR;
}

static void
before_main_there_is_no_monitor(void **state)
{
	(void)state;
	assert_string_equal(ends(tooearly), "finish halt ");
	assert_said("too early for anything else: switch the machine off\n");
	play.ends = true;
	hostquiet();
	assert_string_equal(ends(tooearly), "finish ");
	assert_said("");
}

static size_t
rehearse(void)
{
	static const Claim claims[] = {{MiB, 16}, {4 * MiB, 256}};

	stage = SFIRMWARE;
	play.did[0] = '\0';
	return rehearsal(claims, nelem(claims), table, sizeof table);
}

static size_t
ram(void)
{
	Memtotal t;

	memmaptotal(&t);
	return t.size[MemRAM];
}

/* Over what was claimed; the services and the devices stay firmware's. */
static void
a_rehearsal_is_the_memory_chain_and_its_undoing(void **state)
{
	(void)state;
	assert_int_equal(rehearse(), 0);
	assert_string_equal(play.did, "tryram borrow banks = confinit0 = "
				      "holes = pagesplace = "
				      "pages = summary tellbegin checkmemory "
				      "tell memoryfini unborrow ");
	assert_int_equal(ram(), MiB + 16 * BY2PG);
	assert_mentioned("mem9: memmap type=MemRAM base=0x400000 "
			 "size=0x100000\n");
	assert_mentioned("mem9: total ram=1114112 ");
	play.failed = 3;
	boot.options.verbose = true;
	assert_int_equal(rehearse(), 3);
	boot.options.verbose = false;
	assert_non_null(strstr(play.did, "tell showall memoryfini "));
}

/* Wherever it breaks off firmware's tables are put back. */
static void
a_rehearsal_that_breaks_off_is_one_failure(void **state)
{
	static const char *const steps[] = {"tryram", "borrow", "banks",
	    "pages", "summary", "checkmemory", "memoryfini"};

	(void)state;
	play.failed = 3;
	for (size_t i = 0; i < nelem(steps); i++) {
		char end[60];

		play.breaks = steps[i];
		assert_int_equal(rehearse(), 1);
		sprintf(end, "%s unborrow wrong ", steps[i]);
		assert_string_equal(
		    play.did + strlen(play.did) - strlen(end), end);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_boot_goes_from_the_console_to_the_monitor),
	    TEST(it_ends_before_the_monitor_if_it_is_to),
	    TEST(after_a_panic_it_stays_up),
	    TEST(a_reset_saves_the_log_if_nothing_else_ends_it),
	    TEST(before_main_there_is_no_monitor),
	    TEST(a_rehearsal_is_the_memory_chain_and_its_undoing),
	    TEST(a_rehearsal_that_breaks_off_is_one_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
