/*
 * summary.c - what is said when all has come up: each line once, in order; what
 * is the kernel's own only where firmware has gone; the time each step took.
 *
 * needs: kern/tell/summary.c kern/tell/nodelines.c kern/tell/sizetext.c
 * needs: kern/format.c tests/host/heap.c tests/host/alone.c
 */
#include "unit.h"
#include "audit.h"
#include "badram.h"
#include "bootinfo.h"
#include "cpu.h"
#include "heap.h"
#include "log.h"
#include "mem.h"
#include "nodes.h"
#include "pool.h"
#include "space.h"
#include "../../kern/tell/summary.h"

static Bootinfo boot = {.tscstart = 1000, .tschz = 5000};
Bootinfo *bootinfo = &boot;
Space kspace;

static uint64_t now, lost;

uint64_t
cycles(void)
{
	return now += 100;
}

void
pagingprint(void)
{
	print("mem9: paging\n");
}

uint64_t
loglost(void)
{
	return lost;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	heapmachine(1, 16 * MiB, 1000);
	heappages();
	summaryagain();
	hostquiet();
	kspace.direct = DMAP;
	now = 1000;
	lost = 0;
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

/* What was said has a line that begins so, behind this one. */
static const char *
line(const char *after, const char *start)
{
	const char *s = strstr(after, start);

	if (s == NULL || (s != hostsaid() && s[-1] != '\n'))
		fail_msg("'%s' lacks '%s'", after, start);
	assert_int_equal(hosttimes(start), 1);
	return s;
}

static void
in_order(const char *const *starts)
{
	const char *s = hostsaid();

	for (; *starts != NULL; starts++)
		s = line(s, *starts);
}

static void
each_line_once_and_in_its_place(void **state)
{
	static const char *const lines[] = {"mem9: bank n=0 ",
	    "mem9: bank n=1 ", "mem9: conf ", "mem9: paging\n",
	    "mem9: xalloc holes=", "mem9: palloc ", "mem9: cycles ",
	    "mem9: bytemap ",
	    "mem9: pool name=Main size=0 used=0 longest=0 held=0\n",
	    "mem9: pool name=Image size=0 used=0 longest=0 held=0\n",
	    "mem9: pool name=Secrets size=0 used=0 longest=0 held=0\n",
	    "20M memory: ", NULL};
	size_t n = 0;

	(void)state;
	summary();
	in_order(lines);
	while (lines[n] != NULL)
		n++;
	assert_int_equal(hosttimes("\n"), n);
}

static void
nodes_are_told_if_there_are_several(void **state)
{
	static Nodes given = {.n = 2,
	    .nranges = 2,
	    .range = {{0, 16 * MiB, 0}, {16 * MiB, GiB, 1}},
	    .distance = {{10, 21}, {22, 10}}};

	(void)state;
	summary();
	assert_int_equal(hosttimes("mem9: node"), 0);
	nodesset(&given);
	summary();
	nodesset(NULL);
	line(hostsaid(), "mem9: nodepages n=0 ");
	line(hostsaid(), "mem9: nodepages n=1 ");
	assert_int_equal(hosttimes("cpus=1 distance=\"10 21\""), 1);
	assert_int_equal(hosttimes("cpus=0 distance=\"22 10\""), 1);
}

/* A lock is held for 2 ticks, and for 3. */
static void
a_pool_says_how_long_its_lock_was_held(void **state)
{
	(void)state;
	hostclock(0, 2);
	poolsize(mainmem);
	hostclock(0, 3);
	poolsize(mainmem);
	hostclock(0, 0);
	summary();
	line(hostsaid(),
	    "mem9: pool name=Main size=0 used=0 longest=3 held=5\n");
}

/* The tables are firmware's, and so was the time. */
static void
a_rehearsal_says_less(void **state)
{
	(void)state;
	kspace.direct = 0;
	summary();
	assert_int_equal(hosttimes("mem9: paging"), 0);
	assert_int_equal(hosttimes("mem9: cycles"), 0);
	line(hostsaid(), "mem9: palloc ");
	line(hostsaid(), "20M memory: ");
}

/* Since firmware was left: 100 to the first step, 100 more to each. */
static void
each_step_is_timed_by_its_name(void **state)
{
	(void)state;
	stage = SFIRMWARE;
	for (enum stage s = SMACH; s <= SPAGES; s++) {
		stepdone(s);
		assert_int_equal(stage, s);
	}
	now = 9900;
	summary();
	line(hostsaid(),
	    "mem9: cycles mach0init=100 meminit0=200 mmuinit=300 meminit=400 "
	    "confinit=500 xinit=600 preallocpages=700 pageinit=800 "
	    "palloc=9000 hz=5000\n");
}

/* The time that it took is that of the boot, whenever it is asked for. */
static void
it_is_said_again(void **state)
{
	(void)state;
	now = 9900;
	summary();
	line(hostsaid(), "mem9: bank n=1 ");
	assert_mentioned(" palloc=9000 hz");
	hostquiet();
	summarylines();
	line(hostsaid(), "mem9: bank n=1 ");
	line(hostsaid(), "20M memory: ");
	assert_mentioned(" palloc=9000 hz");
}

static void
steps_are_done_in_order(void **state)
{
	(void)state;
	stage = SMMU;
	assert_panics(stepdone(SXALLOC), "xinit done");
	assert_int_equal(now, 1000);
}

static void
what_the_log_lost_is_said_last(void **state)
{
	const char *said = "the log has lost its first 12345678901 bytes\n";

	(void)state;
	lost = 12345678901;
	summary();
	assert_string_equal(line(hostsaid(), said), said);
}

/* Whatever was found bad before the summary is in it. */
static void
more_bad_memory_is_said_once(void **state)
{
	static const char *const lines[] = {
	    "mem9: palloc ", "20M memory: ", NULL};

	(void)state;
	summary();
	hostquiet();
	summaryagain();
	assert_said("");
	badram(HEAPBASE + MiB, 3, BADINALLOCATOR);
	summaryagain();
	in_order(lines);
	assert_mentioned(", 12K bad\n");
	hostquiet();
	summaryagain();
	assert_said("");
	badram(HEAPBASE + 2 * MiB, 1, BADINALLOCATOR);
	summary();
	assert_mentioned(", 16K bad\n");
	hostquiet();
	summaryagain();
	assert_said("");
}

static void
all_allocators_show_their_state(void **state)
{
	static const char *const lines[] = {
	    "mem9: palloc ", "mem9: bytemap ", NULL};

	(void)state;
	showall();
	in_order(lines);
	assert_mentioned(" holes free\n");
	assert_mentioned("Main");
	assert_true(
	    strstr(hostsaid(), " holes free\n") < strstr(hostsaid(), "Main"));
	assert_true(
	    strstr(hostsaid(), "Main") < strstr(hostsaid(), "mem9: palloc "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_line_once_and_in_its_place),
	    TEST(nodes_are_told_if_there_are_several),
	    TEST(a_pool_says_how_long_its_lock_was_held),
	    TEST(a_rehearsal_says_less),
	    TEST(each_step_is_timed_by_its_name),
	    TEST(it_is_said_again),
	    TEST(steps_are_done_in_order),
	    TEST(what_the_log_lost_is_said_last),
	    TEST(more_bad_memory_is_said_once),
	    TEST(all_allocators_show_their_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
