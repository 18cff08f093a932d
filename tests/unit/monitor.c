/*
 * monitor.c - the prompt: keys into a line, a line into a command.
 *
 * needs: tests/host/monitored.c tests/host/heap.c
 */
#include "unit.h"
#include "cpulist.h"
#include "heap.h"
#include "memmap.h"
#include "mem.h"
#include "monitored.h"

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	monitored = (Monitored){.late = false};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

/* After the prompt, the echo and the end of line, this; and a prompt again. */
static void
assert_answer(const char *line, const char *answer)
{
	char text[300], want[600];

	sprintf(text, "%s\r", line);
	types(text);
	sprintf(want, "mem9> %s\n%smem9> ", line, answer);
	assert_said(want);
}

static void
commands_are_whole_words(void **state)
{
	(void)state;
	assert_answer("pages", "<pages>");
	assert_answer("summary", "<told>");
	assert_answer("reset", "<reset>");
	assert_answer("poweroff", "<off>");
	assert_answer("log", "<log>");
	assert_answer(
	    "nonesuch", "nonesuch: unknown; help lists the commands\n");
	assert_answer(
	    "page", "page: unknown, or is it pages? help lists the commands\n");
	assert_answer("pagesx",
	    "pagesx: unknown, or is it pages? help lists the commands\n");
	assert_answer("PAGES",
	    "PAGES: unknown, or is it pages? help lists the commands\n");
	assert_answer("", "");
	assert_answer("pages   more", "<pages>");
	assert_answer("pages ", "<pages>");
	assert_answer(" pages", "");
}

static void
a_line_ends_at_either_end(void **state)
{
	(void)state;
	types("pages\npages\rpages\r\n");
	assert_int_equal(hosttimes("<pages>"), 3);
	assert_int_equal(hosttimes("mem9> "), 5);
}

static void
backspace_takes_back_what_is_there(void **state)
{
	(void)state;
	types("\b\x7fpagex\bs\r");
	assert_said("mem9> pagex\b \bs\n<pages>mem9> ");
	types("ab\b\b\b\x7fpages\r");
	assert_said("mem9> ab\b \b\b \bpages\n<pages>mem9> ");
	types("paged\x7fs\r");
	assert_said("mem9> paged\b \bs\n<pages>mem9> ");
}

/* Controls and bytes beyond ASCII are no keys; waiting rests. */
static void
only_printable_keys_count(void **state)
{
	(void)state;
	types("p\x01\x1b\x80\xff\tages\r");
	assert_said("mem9> pages\n<pages>mem9> ");
	assert_int_equal(monitored.rests, 0);
	monitored.late = true;
	types("pages\r");
	assert_said("mem9> pages\n<pages>mem9> ");
	assert_in_range(monitored.rests, 6, 7);
	monitored.late = false;
	types("~ \r");
	assert_mentioned("\n~: unknown");
}

static void
a_line_has_127_characters(void **state)
{
	char text[200];
	char want[300];

	(void)state;
	memset(text, 'x', sizeof text);
	text[150] = '\r';
	text[151] = '\0';
	types(text);
	sprintf(want,
	    "mem9> %.127s\n%.127s: unknown; help lists the commands\n"
	    "mem9> ",
	    text, text);
	assert_said(want);
	memset(text, 'x', 127);
	memset(text + 127, '\b', 127 - 5 - 60);
	strcpy(text + 127 + 62, "\r");
	types(text);
	assert_int_equal(hosttimes("\b \b"), 62);
}

static void
what_needs_an_argument_says_so(void **state)
{
	(void)state;
	assert_answer("walk", "walk needs ADDRESS\n");
	assert_answer("walk  ", "walk needs ADDRESS\n");
	assert_answer("fault", "fault needs KIND\n");
	assert_answer("fault null", "<fault null>");
	assert_answer("fault x y", "<fault x y>fault: one of null\n");
}

static void
walk_takes_an_address_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		uintptr_t va;
	} good[] = {{"0", 0}, {"0x0", 0}, {"12ab", 0x12ab}, {"0X12AB", 0x12ab},
	    {"ffff800000000000", DMAP}, {"0xFFFFffffFFFFffff", UINTPTR_MAX},
	    {"00000000000000000001", 1}, {"9aAfF0", 0x9aaff0}};
	static const char *const bad[] = {"x", "0x", "0xg", "12 34", "-1",
	    "10000000000000000", "0x1ffffffffffffffff", "12h", "/", ":", "@",
	    "`", "g", "G", "0x0x1"};
	char line[100], want[200];

	(void)state;
	for (size_t i = 0; i < nelem(good); i++) {
		sprintf(line, "walk %s", good[i].text);
		monitored.walked = 1234567;
		assert_answer(line, "");
		assert_int_equal(monitored.walked, good[i].va);
	}
	monitored.walks = 0;
	for (size_t i = 0; i < nelem(bad); i++) {
		sprintf(line, "walk %s", bad[i]);
		sprintf(want, "walk: %s is no hexadecimal address\n", bad[i]);
		assert_answer(line, want);
	}
	assert_int_equal(monitored.walks, 0);
}

/* And CPU 0 alone says where. */
static void
on_runs_a_command_on_that_cpu(void **state)
{
	(void)state;
	assert_answer("cpus", "<cpus>");
	assert_answer("on 2 pages", "<on 2><pages>");
	assert_answer("on 3   fault  null", "<on 3><fault null>");
	assert_answer("on 0 pages", "<on 0><pages>");
	assert_answer("on 2 ", "<on 2>");
	assert_answer("on 2 nonesuch",
	    "<on 2>nonesuch: unknown; help lists the commands\n");
	assert_answer("on 2 on 3 pages", "<on 2>on: by CPU 0 alone\n");
	assert_answer("on 0 on 3 pages", "<on 0><on 3><pages>");
	assert_answer("on 1 reset", "<on 1>reset: by CPU 0 alone\n");
	assert_answer("on 1 poweroff", "<on 1>poweroff: by CPU 0 alone\n");
}

static void
on_names_what_is_no_cpu(void **state)
{
	static const char *const bad[] = {
	    "2", "x pages", "2x pages", "-1 map", "0x2 pages", "pages"};
	char line[100], want[200];

	(void)state;
	assert_answer("on", "on needs N COMMAND\n");
	assert_answer("on 4 pages", "on: CPU 4 is not up\n");
	sprintf(want, "on: CPU %d is not up\n", MOSTCPUS);
	assert_answer("on 18446744073709551618 pages", want);
	for (size_t i = 0; i < nelem(bad); i++) {
		sprintf(line, "on %s", bad[i]);
		sprintf(want, "on: %s is no number and command\n", bad[i]);
		assert_answer(line, want);
	}
}

static void
help_lists_every_command(void **state)
{
	static const char *const names[] = {"help", "summary", "map", "conf",
	    "xsummary", "palloc", "pages", "walk", "picture", "log", "fault",
	    "cpus", "on", "reset", "poweroff"};

	(void)state;
	types("help\r");
	for (size_t i = 0; i < nelem(names); i++) {
		char start[20];

		sprintf(start, "\n%-9s ", names[i]);
		assert_int_equal(hosttimes(start), 1);
	}
	assert_int_equal(hosttimes("\n"), nelem(names) + 1);
	assert_mentioned("\nwalk      ADDRESS  an address through the page "
			 "tables\n");
}

static void
a_log_that_has_lost_something_says_so(void **state)
{
	(void)state;
	monitored.lost = 77;
	assert_answer("log", "the first 77 bytes are lost\n<log>");
}

/* On a machine whose map has one range, with the lines that mm/ prints. */
static void
the_state_of_memory_is_shown(void **state)
{
	static uint64_t table[1000];

	(void)state;
	hostmachine(0, 64 * MiB, 64 * MiB, 1);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(MiB, MiB, MemRAM);
	types("map\r");
	assert_mentioned("mem9: memmap type=MemRAM base=0x100000 "
			 "size=0x100000\n");
	assert_mentioned("mem9: total ram=1048576 ");
	types("conf\r");
	assert_mentioned("mem9: conf npage=");
	heapmachine(1, 16 * MiB, 100);
	heappages();
	types("palloc\r");
	assert_mentioned("mem9: palloc pages=");
	assert_mentioned("mem9: bytemap free=");
	types("xsummary\r");
	assert_mentioned("Main max ");
	assert_mentioned("mem9: pool name=Secrets size=");
	stage = SMACH;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(commands_are_whole_words),
	    TEST(a_line_ends_at_either_end),
	    TEST(backspace_takes_back_what_is_there),
	    TEST(only_printable_keys_count),
	    TEST(a_line_has_127_characters),
	    TEST(what_needs_an_argument_says_so),
	    TEST(walk_takes_an_address_and_nothing_else),
	    TEST(on_runs_a_command_on_that_cpu),
	    TEST(on_names_what_is_no_cpu),
	    TEST(help_lists_every_command),
	    TEST(a_log_that_has_lost_something_says_so),
	    TEST(the_state_of_memory_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
