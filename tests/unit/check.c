/*
 * check.c - the list of checks: which run, in what order, what is said and
 * counted, and what becomes of one that faults. The checks themselves are
 * played: each says its name.
 *
 * needs: kern/check/check.c kern/format.c kern/check/checkwords.c kern/value.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "cpus.h"
#include "trap.h"
#include "../../kern/check/checks.h"
#include "../../kern/check/checkwords.h"
#include "print.h"
#include "../../kern/monitor/progress.h"

#include <sys/wait.h>
#include <unistd.h>

static Bootinfo boot;
Bootinfo *bootinfo = &boot;

static struct {
	const char *fails, *skips; /* the checks that do */
	const char *faults, *panics;
	bool detail;
	size_t ncpus;  /* 0: one */
	size_t absent; /* this one is not up; 0: none */
	size_t badcpu; /* where what fails, does; 0: everywhere */
	size_t self;
	char ran[1000];     /* by CPU 0 */
	char others[10000]; /* by the others, each name with its CPU */
	size_t breaks;      /* off after so many checks; 0: never */
	size_t looks;
	uint64_t takes; /* each, by the clock */
	uint64_t now;
} play;

uint64_t
cycles(void)
{
	return play.now;
}

/* Asked before each check. */
bool
progressbroken(void)
{
	return play.breaks != 0 && ++play.looks > play.breaks;
}

void
progressanew(void)
{
	play.looks = 0;
}

size_t
cpunumber(void)
{
	return play.self;
}

size_t
ncpus(void)
{
	return play.ncpus;
}

bool
oncpu(size_t n, void (*fn)(void *), void *arg, uint64_t us)
{
	assert_in_range(n, 1, play.ncpus - 1);
	assert_int_equal(us, WORKUS);
	if (n == play.absent)
		return false;
	play.self = n;
	fn(arg);
	play.self = 0;
	return true;
}

static bool
is(const char *name)
{
	size_t n = name != NULL ? strlen(name) : 0;
	size_t end = strlen(play.ran) - 1;

	if (play.badcpu != 0 && play.badcpu != play.self)
		return false;
	return n > 0 && end >= n && strncmp(play.ran + end - n, name, n) == 0 &&
	       (end == n || play.ran[end - n - 1] == ' ');
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	fn(arg);
	if (is(play.faults))
		*what = (Caught){14, 2, 0x1234, 0x5678};
	else if (is(play.panics))
		*what = (Caught){NOVECTOR, 0, 1, 2};
	else
		return false;
	return true;
}

static enum verdict
played(const char *name, char *detail, size_t size)
{
	size_t n = strlen(play.others);

	if (play.self == 0) {
		strcat(play.ran, name);
		strcat(play.ran, " ");
	} else
		snprintf(play.others + n, sizeof play.others - n, "%s@%zu ",
		    name, play.self);
	play.now += play.takes;
	assert_true(size >= 200);
	assert_string_equal(detail, "");
	if (play.detail)
		snprint(detail, size, "of %s", name);
	return is(play.fails) ? FAILED : is(play.skips) ? SKIPPED : OK;
}

#define PLAYED(fn, name)                                                       \
	enum verdict fn(char *detail, size_t size)                             \
	{                                                                      \
		return played(name, detail, size);                             \
	}
PLAYED(checkmap, "memmap")
PLAYED(checkmtrr, "mtrr")
PLAYED(checkconf, "conf")
PLAYED(checktables, "tables")
PLAYED(checkgdt, "gdt")
PLAYED(checktext, "text-write")
PLAYED(checknull, "null-read")
PLAYED(checknx, "data-run")
PLAYED(checksmap, "user-read")
PLAYED(checksmep, "user-run")
PLAYED(checkdivide, "divide")
PLAYED(checkopcode, "opcode")
PLAYED(checkaddress, "address")
PLAYED(checkstack, "stack-guard")
PLAYED(checknmi, "nmi")
PLAYED(checkkmap, "kmap")
PLAYED(checkvmap, "vmap")
PLAYED(checkpages, "pages")
PLAYED(checkbytemap, "bytemap")
PLAYED(checkxalloc, "xalloc")
PLAYED(checkmalloc, "malloc")
PLAYED(checkcpus, "cpus")
PLAYED(checkprocrun, "proc-run")
PLAYED(checkprocmemory, "proc-memory")
PLAYED(checkram, "ram")
PLAYED(checkservices, "services")

static const char all[] =
    "memmap mtrr conf tables gdt text-write null-read data-run user-read "
    "user-run divide opcode address stack-guard nmi kmap vmap pages bytemap "
    "xalloc malloc cpus proc-run proc-memory ram services ";
/* Those that are a CPU's own. */
static const char own[] =
    "gdt text-write null-read data-run user-read user-run divide opcode "
    "address stack-guard kmap ";
static const char memory[] = "memmap conf pages bytemap xalloc malloc ram ";

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	memset(&boot, 0, sizeof boot);
	boot.tschz = 2000000000;
	boot.options.checks = CHECKSQUICK;
	memset(&play, 0, sizeof play);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static void
all_run_in_the_order_of_the_boot(void **state)
{
	(void)state;
	assert_int_equal(check(CHECKALL, NULL), 0);
	assert_string_equal(play.ran, all);
	assert_int_equal(hosttimes("mem9: check name="), 26);
	assert_mentioned("mem9: check name=kmap result=ok\n");
	assert_mentioned("mem9: done checks=26 failed=0 skipped=0 us=0\n");
	setup(state);
	boot.options.checks = CHECKSFULL;
	check(CHECKALL, NULL);
	assert_string_equal(play.ran, all);
}

static void
what_is_broken_off_goes_no_further(void **state)
{
	(void)state;
	play.breaks = 3;
	for (int i = 0; i < 2; i++) {
		play.ran[0] = '\0';
		assert_int_equal(check(CHECKALL, NULL), 0);
		assert_string_equal(play.ran, "memmap mtrr conf ");
		assert_mentioned("mem9: done checks=3 failed=0 skipped=0 us=");
	}
}

/* The first one counts since firmware was left. */
static void
each_run_has_a_clock_of_its_own(void **state)
{
	size_t n = 0;
	uint64_t us = 0;

	(void)state;
	play.now = 10000000000;
	boot.tscstart = 4000000000;
	play.takes = 2000000;
	check(CHECKALL, NULL); /* not the first here: a boot broke off */
	checkresults(&n, &us);
	assert_int_equal(us, 26 * 1000);
}

/* Each by all that are up, one after another, before the next. */
static void
each_cpu_is_asked_what_it_promises(void **state)
{
	char want[sizeof play.others] = "";
	size_t n = 0;

	(void)state;
	play.ncpus = 5;
	play.absent = 3;
	play.detail = true;
	assert_int_equal(check(CHECKALL, NULL), 0);
	assert_string_equal(play.ran, all);
	for (const char *c = own; *c != '\0'; c = strchr(c, ' ') + 1)
		for (int cpu = 1; cpu < 5; cpu++)
			if (cpu != 3)
				n += (size_t)sprintf(want + n, "%.*s@%d ",
				    (int)strcspn(c, " "), c, cpu);
	assert_string_equal(play.others, want);
	assert_mentioned("name=gdt result=ok detail=\"of gdt on 4 CPUs\"\n");
	assert_mentioned("name=pages result=ok detail=\"of pages\"\n");
	play.detail = false;
	check(CHECKALL, NULL);
	assert_mentioned("name=kmap result=ok detail=\"on 4 CPUs\"\n");
	setup(state);
	play.ncpus = 2;
	play.absent = 1;
	check(CHECKALL, NULL);
	assert_mentioned("name=kmap result=ok\n");
}

static void
the_cpu_that_does_not_hold_it_is_named(void **state)
{
	(void)state;
	play.ncpus = 5;
	play.badcpu = 2;
	play.detail = true;
	play.fails = "gdt";
	play.skips = "data-run"; /* it should be able to */
	play.faults = "divide";
	play.panics = "opcode";
	assert_int_equal(check(CHECKALL, NULL), 4);
	assert_mentioned(
	    "name=gdt result=failed detail=\"on CPU 2: of gdt\"\n");
	assert_mentioned("name=data-run result=failed detail=\"on CPU 2: of ");
	assert_mentioned("name=divide result=failed detail=\"on CPU 2: vector "
			 "14 at 0x1234, address 0x5678\"\n");
	assert_mentioned("detail=\"on CPU 2: it panicked\"\n");
	assert_null(strstr(play.others, "gdt@3"));
	assert_non_null(strstr(play.others, "null-read@3"));
}

/* What CPU 0 has not, nobody needs to have; and one failure is enough. */
static void
no_other_is_asked_what_cpu_0_does_not_hold(void **state)
{
	(void)state;
	play.ncpus = 5;
	play.fails = "gdt";
	play.skips = "user-read";
	assert_int_equal(check(CHECKALL, NULL), 1);
	assert_null(strstr(play.others, "gdt"));
	assert_null(strstr(play.others, "user-read"));
}

static size_t nseen;

static void
see(const Checkresult *r)
{
	size_t n = 0;
	uint64_t us = 0;

	assert_ptr_equal(r, checkresults(&n, &us) + nseen++);
	assert_int_equal(n, nseen);
	assert_true(strstr(play.ran, r->name) != NULL);
}

/* What came of each is kept, in words too, and told as it comes. */
static void
each_has_a_result(void **state)
{
	bool group[NGROUP] = {false};
	size_t n = 0;
	uint64_t us = 0;

	(void)state;
	nseen = 0;
	play.fails = "gdt";
	play.detail = true;
	play.takes = 2000;
	assert_int_equal(check(CHECKALL, see), 1);
	assert_int_equal(nseen, 26);
	const Checkresult *r = checkresults(&n, &us);
	assert_int_equal(n, 26);
	assert_int_equal(us, 26);
	for (size_t i = 0; i < n; i++) {
		const Checkwords *w = checkwords(r[i].name);

		if (w == NULL || w->promise[0] == '\0')
			fail_msg("%s has no words", r[i].name);
		group[w->group] = true;
		assert_int_equal(
		    r[i].verdict, strcmp(r[i].name, "gdt") == 0 ? FAILED : OK);
	}
	assert_string_equal(r[4].detail, "of gdt");
	for (enum checkgroup g = 0; g < NGROUP; g++)
		assert_true(group[g] && *groupname(g) && *groupabout(g));
	check(CHECKMEMORY, NULL);
	checkresults(&n, &us);
	assert_int_equal(n, 7);
	assert_null(checkwords("nonesuch"));
}

/* As they were said, to the letter. */
static void
they_are_said_again(void **state)
{
	static char said[8000];

	(void)state;
	play.fails = "gdt";
	play.detail = true;
	check(CHECKALL, NULL);
	strcpy(said, strstr(hostsaid(), "mem9: check name=memmap"));
	hostquiet();
	checklines();
	assert_string_equal(hostsaid(), said);
	assert_mentioned("\nmem9: done checks=26 failed=1 ");
}

/* While firmware lives. */
static void
those_of_memory_run_alone(void **state)
{
	(void)state;
	assert_int_equal(check(CHECKMEMORY, NULL), 0);
	assert_string_equal(play.ran, memory);
	assert_mentioned("mem9: done checks=7 failed=0 skipped=0 us=0\n");
}

static void
none_run_where_none_are_asked_for(void **state)
{
	(void)state;
	boot.options.checks = CHECKSNONE;
	assert_int_equal(check(CHECKALL, NULL), 0);
	assert_string_equal(play.ran, "");
	assert_said("mem9: done checks=0 failed=0 skipped=0 us=0\n");
}

static void
each_verdict_is_counted_and_said(void **state)
{
	(void)state;
	play.fails = "gdt";
	play.skips = "nmi";
	play.detail = true;
	assert_int_equal(check(CHECKALL, NULL), 1);
	assert_mentioned("mem9: check name=gdt result=failed "
			 "detail=\"of gdt\"\n");
	assert_mentioned("mem9: check name=nmi result=skipped "
			 "detail=\"of nmi\"\n");
	assert_mentioned("mem9: check name=ram result=ok detail=\"of ram\"\n");
	assert_mentioned("mem9: done checks=26 failed=1 skipped=1 us=0\n");
}

/* Whatever it had found: the others run all the same. */
static void
who_faults_or_panics_has_failed(void **state)
{
	(void)state;
	play.faults = "memmap";
	play.panics = "services";
	play.skips = "memmap";
	play.detail = true;
	assert_int_equal(check(CHECKALL, NULL), 2);
	assert_string_equal(play.ran, all);
	assert_mentioned("mem9: check name=memmap result=failed detail=\""
			 "vector 14 at 0x1234, address 0x5678\"\n");
	assert_mentioned("mem9: check name=services result=failed detail=\""
			 "it panicked\"\n");
	assert_mentioned("mem9: done checks=26 failed=2 skipped=0 us=0\n");
}

/* Since ExitBootServices; a clock nobody knows is one of 1 MHz. */
static void
the_time_is_in_microseconds(void **state)
{
	(void)state;
	play.takes = 123456 * 2000;
	check(CHECKMEMORY, NULL);
	assert_mentioned(" us=864192\n");
	hostquiet();
	boot.tschz = 0;
	check(CHECKMEMORY, NULL);
	assert_mentioned(" us=1728384000\n");
}

/* In a process of its own, where nothing has been said yet. */
static int
apart(int (*fn)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (child == 0)
		_exit(fn());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
brokentwice(void)
{
	hostquiet();
	int first = checkbroken();
	int said = strcmp(hostsaid(), "mem9: done checks=0 failed=1 "
				      "skipped=0 us=0\n") == 0;
	int second = checkbroken();

	return first | said << 1 | second << 2 | (hosttimes("done") != 1) << 3;
}

static int
checkedthenbroken(void)
{
	boot.tscstart = 5000;
	play.now = 5000 + 123456 * 2000;
	check(CHECKMEMORY, NULL);
	bool late = hosttimes(" us=123456\n") == 0;
	hostquiet();
	return checkbroken() | (hosttimes("done") != 0) << 1 | late << 2;
}

/* The first of all: the others have said it. */
static void
a_boot_that_breaks_off_has_failed_once(void **state)
{
	(void)state;
	assert_int_equal(apart(checkedthenbroken), 0);
	assert_int_equal(brokentwice(), 1 | 1 << 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_boot_that_breaks_off_has_failed_once),
	    TEST(all_run_in_the_order_of_the_boot),
	    TEST(what_is_broken_off_goes_no_further),
	    TEST(each_run_has_a_clock_of_its_own),
	    TEST(each_cpu_is_asked_what_it_promises),
	    TEST(the_cpu_that_does_not_hold_it_is_named),
	    TEST(no_other_is_asked_what_cpu_0_does_not_hold),
	    TEST(each_has_a_result),
	    TEST(they_are_said_again),
	    TEST(those_of_memory_run_alone),
	    TEST(none_run_where_none_are_asked_for),
	    TEST(each_verdict_is_counted_and_said),
	    TEST(who_faults_or_panics_has_failed),
	    TEST(the_time_is_in_microseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
