/*
 * monitor.c - the prompt: keys into a line, a line into a command.
 *
 * needs: tests/host/monitored.c tests/host/heap.c tests/host/terminal.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "cpulist.h"
#include "efidesc.h"
#include "heap.h"
#include "key.h"
#include "memmap.h"
#include "mem.h"
#include "monitored.h"
#include "told.h"
#include "page.h"
#include "pool.h"
#include "terminal.h"
#include "../../kern/monitor/edit.h"
#include "../../kern/monitor/history.h"

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

/* Where it saves the log; elsewhere it is a letter as any other. */
static void
an_r_alone_is_a_reset_at_once(void **state)
{
	(void)state;
	monitored.kept = true;
	types("R");
	assert_said("mem9> R\n<reset>");
	types("aR\bx");
	assert_said("mem9> aR\b \bx");
	types("r");
	assert_said("mem9> r");
	monitored.kept = false;
	types("R\r");
	assert_mentioned("mem9> R\nR: unknown");
}

static void
a_new_prompt_ends_what_a_panic_broke_off(void **state)
{
	(void)state;
	types("log\rlog\r");
	assert_int_equal(monitored.abandoned, 1);
}

/* No prompt, then, and no more said than once. */
static void
where_nobody_can_type_there_is_no_prompt(void **state)
{
	static const int one[] = {'x', 0};

	(void)state;
	monitored.noserial = monitored.lost = monitored.lostsaid = true;
	types("");
	assert_said("nobody can type here; to end: the power button\n");
	monitored = (Monitored){.noserial = true, .lost = true};
	monitored.lostsaid = monitored.kept = true;
	types("");
	assert_said("nobody can type here; reset to save the report\n");
	/* A keyboard that is given up while it is typed at. */
	monitored = (Monitored){.board = one, .noserial = true};
	monitored.dies = true;
	types("");
	assert_said("mem9> x\b \b\nthe keyboard sends without end: it is not "
		    "listened to any more\nnobody can type here; to end: the "
		    "power button\n");
	monitored = (Monitored){.board = one, .dies = true};
	types("");
	assert_said("mem9> x\b \b\nthe keyboard sends without end: it is not "
		    "listened to any more\nmem9> ");
}

/* Marks for people; what came later is not taken for checked. */
static void
a_check_can_be_broken_off(void **state)
{
	(void)state;
	told.begins = told.checks = 0;
	assert_answer("check", "<check><checks>");
	assert_true(monitored.watched);
	assert_int_equal(told.begins, 1);
	assert_int_equal(told.checks, 1);
	monitored.broken = true;
	assert_answer("check full", "<check full>^C: broken off; what came "
				    "later was not checked\n<checks>");
}

static void
commands_are_whole_words(void **state)
{
	(void)state;
	assert_answer("pages", "<pages>");
	assert_answer("summary", "<told>");
	assert_answer("summary -v", "<summary lines><check lines>");
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
	assert_answer("pages   more", "more: only -v goes with it\n");
	assert_answer("pages ", "<pages>");
	assert_answer("  pages", "<pages>");
	assert_answer("   ", "");
	assert_answer("summary of it", "of it: only -v goes with it\n");
	assert_answer("reset now", "now: nothing goes with reset\n");
}

/* A serial line has no screen that it would know of. */
static void
more_stops_where_it_is_asked_for(void **state)
{
	(void)state;
	assert_answer("more pages", "<pages, stopping>");
	assert_answer("pages", "<pages>");
	assert_answer("more   more  pages -v", "<page lines>");
	assert_answer("more", "more needs COMMAND\n");
	assert_answer(
	    "more nonesuch", "nonesuch: unknown; help lists the commands\n");
	types("more on 2 pag\t\r");
	assert_said("mem9> more on 2 pages \n<on 2><pages, stopping>mem9> ");
	assert_answer("on 2 pages", "<on 2><pages>");
	types(" more wal\t\b 12\r");
	assert_int_equal(monitored.walked, 0x12);
}

static void
an_address_in_lines(void **state)
{
	(void)state;
	assert_answer("walk -v 12ab", "<walk lines 0x12ab>");
	assert_answer("find -v main", "<find lines 0x1000>");
	assert_answer("find main", "<find 0x1000>");
	assert_answer("find -v", "find -v needs ADDRESS\n");
	assert_answer(
	    "walk -v x", "walk: x is no hexadecimal address and no function\n");
	assert_answer("walk 12 -v",
	    "walk: 12 -v is no hexadecimal address and no function\n");
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

/* Bytes beyond ASCII and controls of no meaning are no keys; waiting rests. */
static void
only_printable_keys_count(void **state)
{
	(void)state;
	types("p\x02\x06\x80\xff\x07\x1b[9zages\r");
	assert_said("mem9> p\bpages\n<pages>mem9> ");
	monitored.late = true;
	types("pages\r");
	assert_said("mem9> pages\n<pages>mem9> ");
	assert_in_range(monitored.rests, 6, 12);
	monitored.late = false;
	types("~ \r");
	assert_mentioned("\n~: unknown");
}

static void
a_line_has_127_characters(void **state)
{
	char text[200];
	char want[200];

	(void)state;
	memset(text, 'x', sizeof text);
	text[150] = '\r';
	text[151] = '\0';
	types(text);
	sprintf(
	    want, "\n%.127s: unknown; help lists the commands\nmem9> ", text);
	assert_mentioned(want);
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
		sprintf(want,
		    "walk: %s is no hexadecimal address and no "
		    "function\n",
		    bad[i]);
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
	types("nodes\r");
	assert_mentioned("node     RAM  as pages  free now  CPUs  distances\n"
			 "   0 ");
	types("nodes -v\r");
	assert_mentioned("mem9: node n=0 ");
	assert_mentioned("mem9: nodepages n=0 ");
	types("on 2 nodes\r");
	assert_mentioned("node     RAM ");
	assert_answer("on 2 pages", "<on 2><pages>");
	assert_answer("on 3   fault  null", "<on 3><fault null>");
	assert_answer("on 0 pages", "<on 0><pages>");
	assert_answer("on 2 ", "on: 2 is no number and command\n");
	assert_answer("on 2 nonesuch",
	    "<on 2>nonesuch: unknown; help lists the commands\n");
	assert_answer("on 2 on 3 pages", "<on 2>on: by CPU 0 alone\n");
	assert_answer("on 0 on 3 pages", "<on 0><on 3><pages>");
	assert_answer("on 1 reset", "<on 1>reset: by CPU 0 alone\n");
	assert_answer("on 1 poweroff", "<on 1>poweroff: by CPU 0 alone\n");
	assert_answer("on 1 check", "<on 1>check: by CPU 0 alone\n");
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
options_and_maps_are_lines(void **state)
{
	(void)state;
	types("options\r");
	assert_mentioned("mem9> options\n*end=monitor\n*checks=none\n");
	types("options -v\r");
	assert_mentioned("\nmem9: option name=*checks value=\"none\"\n");
	types("e820 -v\r");
	assert_mentioned("mem9> e820 -v\n*e820=");
}

static void
help_lists_every_command(void **state)
{
	static const char *const names[] = {"help", "summary", "map", "conf",
	    "xsummary", "palloc", "pages", "walk", "find", "dump", "ramscan",
	    "check", "efi", "e820", "options", "bench", "picture", "log",
	    "fault", "cpus", "nodes", "more", "run", "ps", "segs", "forbidden",
	    "fuzz", "on", "reset", "poweroff"};

	(void)state;
	types("help\r");
	for (size_t i = 0; i < nelem(names); i++) {
		char start[20];

		sprintf(start, "\n%-9s ", names[i]);
		assert_int_equal(hosttimes(start), 1);
	}
	assert_int_equal(hosttimes("\n"), nelem(names) + 1);
	assert_mentioned("\nwalk      ADDRESS   an address through the page "
			 "tables\n");
}

static void
help_with_one_says_more(void **state)
{
	(void)state;
	assert_answer("help log", "log: all that was said, where you ask\n");
	assert_answer("help palloc",
	    "palloc [-v]: pages and the byte map\n"
	    "  -v: in lines for programs, sizes in bytes.\n");
	types("help walk\r");
	assert_mentioned("walk ADDRESS: an address through the page tables\n"
			 "  An address is in hexadecimal");
	assert_answer("help me", "me: unknown; help lists the commands\n");
	assert_answer("help mpa",
	    "mpa: unknown, or is it map? help lists the commands\n");
}

static void
walk_knows_functions_by_name(void **state)
{
	static const struct {
		const char *text;
		uintptr_t va;
	} good[] = {{"main", 0x1000}, {"mainly", 0x1100}, {"main+0x1f", 0x101f},
	    {"xalloc+20", 0x1220}};

	(void)state;
	for (size_t i = 0; i < nelem(good); i++) {
		char line[100];

		sprintf(line, "walk %s", good[i].text);
		assert_answer(line, "");
		assert_int_equal(monitored.walked, good[i].va);
	}
	assert_answer("walk main+",
	    "walk: main+ has no hexadecimal digits after its +\n");
	assert_answer("walk main+x",
	    "walk: main+x has no hexadecimal digits after its +\n");
	assert_answer("walk main+ffffffffffffffff",
	    "walk: main+ffffffffffffffff is beyond the last address\n");
	assert_answer("walk mai",
	    "walk: mai is no hexadecimal address and no function\n");
}

static void
commands_get_what_is_asked_for(void **state)
{
	static const struct {
		const char *line;
		const char *said;
	} asked[] = {
	    {"find 12ab", "<find 0x12ab>"},
	    {"find mainly+8", "<find 0x1108>"},
	    {"find x", "find: x is no hexadecimal address and no function\n"},
	    {"dump 1000", "<dump 0x1000 0>"},
	    {"dump -f 1000", "<dump all 0x1000 0>"},
	    {"dump main 4K", "<dump 0x1000 4096>"},
	    {"dump main+10   0x20", "<dump 0x1010 32>"},
	    {"dump 1000-1fff", "<dump 0x1000 4096>"},
	    {"dump main-mainly", "<dump 0x1000 257>"},
	    {"dump 1000-1000", "<dump 0x1000 1>"},
	    {"dump ffffffffffffffff 1", "<dump 0xffffffffffffffff 1>"},
	    {"dump", "dump needs WHERE\n"},
	    {"dump -f", "dump:  is no hexadecimal address and no function\n"},
	    {"dump -fx", "dump: -fx is no hexadecimal address and no "
			 "function\n"},
	    {"dump 1000 0", "dump: 1000 0 has no size behind it\n"},
	    {"dump 1000 x", "dump: 1000 x has no size behind it\n"},
	    {"dump 1000-fff", "dump: 1000-fff ends before it begins\n"},
	    {"dump 1000-", "dump: 1000- is no hexadecimal address and no "
			   "function\n"},
	    {"dump 1000-2000 1", "dump: 1000-2000 1 has a size and an end\n"},
	    {"dump 0-ffffffffffffffff",
		"dump: 0-ffffffffffffffff is all there is\n"},
	    {"dump ffffffffffffffff 2",
		"dump: ffffffffffffffff 2 is beyond the last address\n"},
	    {"ramscan", "<scan 0 0>"},
	    {"ramscan 1000-1fff", "<scan 0x1000 4096>"},
	    {"ramscan 1234", "<scan 0x1234 1>"},
	    {"ramscan ffff800000001000-ffff800000001fff",
		"ramscan: ffff800000001000-ffff800000001fff is no physical "
		"address\n"},
	    {"find same",
		"find: same is the name of more than one function: which, "
		"only an address can tell\n"},
	    {"ramscan x",
		"ramscan: x is no hexadecimal address and no function\n"},
	    {"bench", "<bench>"},
	    {"bench -v", "<bench lines>"},
	    {"bench -x", "-x: only -v goes with it\n"},
	    {"fuzz 60", "<fuzz 60>"},
	    {"e820", ""}, /* no map has no line */
	    {"cpus -v", "<cpu lines>"},
	    {"check", "<check><checks>"},
	    {"check full", "<check full><checks>"},
	    {"check -v full", "<check lines full>"},
	    {"check -v", "<check lines>"},
	    {"check half", "check: half is not full\n"},
	    {"efi -v", ""},
	    {"efi", "         from-to               size  type                 "
		    "attributes, becomes\n"},
	};

	(void)state;
	for (size_t i = 0; i < nelem(asked); i++)
		assert_answer(asked[i].line, asked[i].said);
	assert_int_equal(bootinfo->options.checks, CHECKSNONE);
}

/* And where the prompt is, both are read. */
static void
keys_come_from_the_keyboard_too(void **state)
{
	static const int keys[] = {
	    'p', 'a', 'x', 'e', KEYLEFT, '\b', 'g', KEYEND, 's', '\r', 0};

	(void)state;
	monitored.board = keys;
	types("cpus\r");
	assert_mentioned("mem9> pax");
	assert_mentioned("\n<pages>mem9> cpus\n<cpus>mem9> ");
	assert_in_range(monitored.cursors, 10, 20);
}

static void
tab_completes_what_can_be(void **state)
{
	char full[EDITMAX + 10];

	(void)state;
	types("pag\t\r");
	assert_said("mem9> pages \n<pages>mem9> ");
	types("on 2 pag\t\r");
	assert_said("mem9> on 2 pages \n<on 2><pages>mem9> ");
	types("fault n\t\r");
	assert_said("mem9> fault null \n<fault null>mem9> ");
	types("walk xa\t\b+10\r");
	assert_int_equal(monitored.walked, 0x1210);
	types("walk m\t\t\r");
	assert_said("mem9> walk main\nmain    mainly  \nmem9> walk main\n"
		    "mem9> ");
	types("help po\t\r");
	assert_mentioned("mem9> help poweroff \npoweroff: switch it off\n");
	types("nonesuch x\t\r");
	assert_mentioned("mem9> nonesuch x\nnonesuch: unknown");
	types("wal 1\x02\x02\t2\r"); /* a blank is there */
	assert_int_equal(monitored.walked, 0x21);
	sprintf(full, "help %118spo\t\r", "");
	types(full); /* no room for more of it */
	assert_mentioned("\npo: unknown");
	types("pages x\tnope x\t\t\r");
	assert_said("mem9> pages xnope x\nxnope x: only -v goes with it\n"
		    "mem9> ");
}

static void
lines_come_back(void **state)
{
	char up[2 * HISTORYMAX + 20] = "";

	(void)state;
	types("cpus\rpages\r\x1b[A\x1b[A\x1b[B\r");
	assert_int_equal(hosttimes("<pages>"), 2);
	assert_int_equal(hosttimes("<cpus>"), 1);
	types("\x1b[A\x1b[A\r");
	assert_int_equal(hosttimes("<cpus>"), 1);
	/* What was begun is there again, below the last. */
	types("pag\x10\x10\x0e\x0e\x0e"
	      "es\r");
	assert_int_equal(hosttimes("<pages>"), 1);
	types("\x0e\r");
	assert_said("mem9> \nmem9> ");
	for (int i = 0; i < 2 * HISTORYMAX; i++) /* the first stays */
		strcat(up, "\x10");
	strcat(up, "\x15pages\r");
	types(up);
	assert_mentioned("<pages>");
}

/* The cursor may be anywhere when it ends. */
static void
a_line_can_be_left(void **state)
{
	(void)state;
	types("nonesuch\x03pages\r");
	assert_said("mem9> nonesuch^C\nmem9> pages\n<pages>mem9> ");
	types("pages\x0c\r");
	assert_said("mem9> pages\nmem9> pages\n<pages>mem9> ");
	types("pages\x01\r");
	assert_said("mem9> pages\b\b\b\b\bpages\n<pages>mem9> ");
}

static void
a_log_that_has_lost_something_says_so(void **state)
{
	(void)state;
	monitored.loglost = 77;
	assert_answer("log", "the first 77 bytes are lost\n<log>");
}

static void
a_log_is_said_where_it_is_asked_for(void **state)
{
	static const int keys[] = {'l', 'o', 'g', '\r', 0};

	(void)state;
	monitored.board = keys;
	types("log\r");
	assert_said("mem9> log\n<log here>mem9> log\n<log>mem9> ");
}

/* No more of it is shown than fits beside the prompt. */
static void
a_line_is_as_wide_as_the_screen(void **state)
{
	static const struct {
		unsigned cols;
		size_t shown;
	} widths[] = {{0, 73}, {40, 33}, {200, 73}};
	Terminal t;

	(void)state;
	for (size_t i = 0; i < nelem(widths); i++) {
		monitored.cols = widths[i].cols;
		types("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x01");
		terminal(&t, hostsaid());
		assert_int_equal(strlen(t.text), 6 + widths[i].shown);
		assert_int_equal(t.most, 6 + widths[i].shown);
	}
}

static void
firmwares_map_is_a_table(void **state)
{
	static uint8_t desc[3 * 48];

	(void)state;
	efidesc(desc, 7, MiB, 256, 0xf);
	efidesc(desc + 48, 0x70000001, 2 * MiB, 1, 0x1);
	efidesc(desc + 96, 7, 3 * MiB, 0, 0xf);
	monitored.map = (Efimap){desc, sizeof desc, 48, 36, 0, 0};
	types("efi\r");
	assert_mentioned("\n     0x100000-0x1fffff         1 MB  "
			 "ConventionalMemory   0xf, RAM\n"
			 "     0x200000-0x200fff         4 KB  "
			 "0x70000001           0x1, ");
	assert_mentioned(", left out\n");
	types("efi -v\r");
	assert_mentioned("mem9: efi type=ConventionalMemory base=0x100000 ");
}

static void
what_went_wrong_is_in_the_tables(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, 100);
	hostbad(HEAPBASE + 4 * MiB, 1);
	heappages();
	assert_non_null(poolalloc(mainmem, 5 * MiB));
	while (newpage(NOCLEAR, 0) != NULL)
		;
	assert_null(poolalloc(mainmem, 1ull << 40));
	types("palloc\r");
	assert_mentioned(
	    " requests found none (the checks take all on purpose)\n");
	types("xsummary\r");
	assert_mentioned("; 1 bad pages are left out\n");
	assert_mentioned("  1 times there was no memory\n");
	stage = SMACH;
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
	types("map -v\r");
	assert_mentioned("mem9: memmap type=MemRAM base=0x100000 "
			 "size=0x100000\n");
	assert_mentioned("mem9: total ram=1048576 ");
	types("map\r");
	assert_mentioned("         from-to               size  what it is\n");
	assert_mentioned("\n     0x100000-0x1fffff         1 MB  RAM\n"
			 "in all:\n"
			 "                               1 MB  RAM\nmem9> ");
	types("conf -v\r");
	assert_mentioned("mem9: conf npage=");
	heapmachine(1, 16 * MiB, 100);
	heappages();
	types("conf\r");
	assert_mentioned("\n   0     0x1000000-0x1ffffff       16 MB     16 "
			 "MB     0 KB\n"
			 "   1     0x2001000-0x2064fff      400 KB      0 KB   "
			 "400 KB\n");
	assert_mentioned("M memory: ");
	types("palloc -v\r");
	assert_mentioned("mem9: palloc pages=");
	assert_mentioned("mem9: bytemap free=");
	types("palloc\r");
	assert_mentioned("  can be had\n");
	assert_mentioned("  of them free\n");
	assert_mentioned("  describe the others\n");
	types("xsummary -v\r");
	assert_mentioned("Main max ");
	assert_mentioned("mem9: pool name=Secrets size=");
	types("xsummary\r");
	assert_mentioned("xalloc: ");
	assert_mentioned(" free, in 1 holes\npool          size     used  at "
			 "most\nMain       ");
	assert_answer("map x", "x: only -v goes with it\n");
	assert_answer("map -v x", "x: only -v goes with it\n");
	stage = SMACH;
}

/* Until a key ends it, or stops it. */
static void
a_program_is_run_and_watched(void **state)
{
	(void)state;
	monitored.run = (Processrun){.nprocs = 5, .nended = 1, .ncpus = 4};
	types("run spin 0x11\r\x03ps\r");
	assert_said(
	    "mem9> run spin 0x11\n<run spin 17><4 end>mem9: run status=0 "
	    "processes=5 ended=1 cpus=4 moves=0 left=0\n<tidy>mem9> "
	    "ps\nno process is left of the last run, which had 5; the "
	    "kernel ended 1 of them\nmem9> ");
	types("run init\r\x1aps -v\rsegs -v\rsegs\r");
	assert_mentioned(
	    "<run init 2><4 stop>mem9: run status=0 processes=5 "
	    "ended=1 cpus=4 moves=0 left=2\nrun: stopped; ps shows "
	    "what is there, run alone goes on with it\n<tidy>");
	assert_mentioned("mem9: proc pid=2 ");
	assert_mentioned("mem9: procs left=2 ");
	assert_mentioned("\n  pid program          segment ");
	monitored.broken = true;
	types("run\r");
	assert_mentioned("<goon><4 end>");
	types("run\r"); /* nobody is left of it now */
	assert_mentioned("run: nothing was stopped; a program is one of ");
	monitored.run.nleft = 1;
	monitored.whynot = "on purpose";
	types("run\r");
	assert_mentioned("run: on purpose\n");
	monitored.whynot = NULL;
	monitored.broken = false;
	monitored.nonx = monitored.late = true;
	types("run init\rx");
	assert_mentioned("<run init 3><4 on>");
	assert_mentioned("<tidy>mem9> x");
}

static void
what_cannot_be_run_is_named(void **state)
{
	(void)state;
	assert_answer("run", "run: nothing was stopped; a program is one of "
			     "init spin\n<tidy>");
	assert_answer("run spni", "run: spni: no program of that name, or is "
				  "it spin?\n<tidy>");
	assert_answer(
	    "run zzzzzz", "run: zzzzzz: no program of that name\n<tidy>");
	assert_answer("run sixteen-letters-",
	    "run: sixteen-letters-: no program of that name\n<tidy>");
	assert_answer("run seventeen-letters",
	    "run: seventeen-letters: expected a program and a number\n<tidy>");
	assert_answer("run init x",
	    "run: init x: expected a program and a number\n<tidy>");
	assert_answer("run init 1 2",
	    "run: init 1 2: expected a program and a number\n<tidy>");
	assert_answer("on 2 run init", "<on 2>run: by CPU 0 alone\n");
	assert_answer("ps x", "x: only -v goes with it\n");
	assert_answer("ps", "no process has run yet\n");
	monitored.whynot = "there is no local APIC";
	types("run init\r\x03");
	assert_mentioned("run: init: there is no local APIC\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_r_alone_is_a_reset_at_once),
	    TEST(a_check_can_be_broken_off),
	    TEST(where_nobody_can_type_there_is_no_prompt),
	    TEST(a_new_prompt_ends_what_a_panic_broke_off),
	    TEST(commands_are_whole_words),
	    TEST(more_stops_where_it_is_asked_for),
	    TEST(an_address_in_lines),
	    TEST(a_line_ends_at_either_end),
	    TEST(backspace_takes_back_what_is_there),
	    TEST(only_printable_keys_count),
	    TEST(a_line_has_127_characters),
	    TEST(what_needs_an_argument_says_so),
	    TEST(walk_takes_an_address_and_nothing_else),
	    TEST(on_runs_a_command_on_that_cpu),
	    TEST(on_names_what_is_no_cpu),
	    TEST(options_and_maps_are_lines),
	    TEST(help_lists_every_command),
	    TEST(help_with_one_says_more),
	    TEST(walk_knows_functions_by_name),
	    TEST(commands_get_what_is_asked_for),
	    TEST(keys_come_from_the_keyboard_too),
	    TEST(tab_completes_what_can_be),
	    TEST(lines_come_back),
	    TEST(a_line_can_be_left),
	    TEST(a_log_that_has_lost_something_says_so),
	    TEST(a_log_is_said_where_it_is_asked_for),
	    TEST(a_line_is_as_wide_as_the_screen),
	    TEST(firmwares_map_is_a_table),
	    TEST(what_went_wrong_is_in_the_tables),
	    TEST(the_state_of_memory_is_shown),
	    TEST(a_program_is_run_and_watched),
	    TEST(what_cannot_be_run_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
