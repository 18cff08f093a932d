/*
 * options.c - what may be asked for, and what is said to everything else.
 *
 * needs: kern/options.c kern/value.c
 * needs: kern/optionwords.c
 * needs: kern/nearest.c kern/format.c
 */
#include "unit.h"
#include "options.h"

typedef struct Line Line;

/* A line, and part of what is said to it; NULL: it is taken. */
struct Line {
	const char *line;
	const char *why;
};

static Options o;

static int
setup(void **state)
{
	(void)state;
	optionsinit(&o);
	return 0;
}

static void
given(const Line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		Options was = o;
		const char *why = optionsline(&o, lines[i].line);

		if (lines[i].why == NULL && why != NULL)
			fail_msg("%s: %s", lines[i].line, why);
		if (lines[i].why == NULL)
			continue;
		if (why == NULL || strstr(why, lines[i].why) == NULL)
			fail_msg("%s: %s", lines[i].line, why);
		assert_memory_equal(&was, &o, sizeof o);
	}
}
#define GIVEN(lines) given(lines, nelem(lines))

static void
the_kernels_share_is_one_that_confinit_takes(void **state)
{
	static const Line lines[] = {
	    {"*kernelpercent=1", NULL},
	    {"*kernelpercent=91", "from 1 to 90"},
	    {"*kernelpercent=99", "from 1 to 90"},
	    {"*kernelpercent=100", "from 1 to 90"},
	    {"*kernelpercent=0", "from 1 to 90"},
	    {"*kernelpercent=", "from 1 to 90"},
	    {"*kernelpercent=40%", "from 1 to 90"},
	    {"*kernelpercent=18446744073709551617", "from 1 to 90"},
	};

	(void)state;
	GIVEN(lines);
	assert_int_equal(o.kernelpercent, 1);
	assert_null(optionsline(&o, "*kernelpercent=90"));
	assert_int_equal(o.kernelpercent, 90);
}

static void
sizes_have_units_and_a_least(void **state)
{
	static const Line lines[] = {
	    {"*maxmem=16M", NULL},
	    {"*maxmem=15M", "at least 16M"},
	    {"*maxmem=1Gi", "a size"},
	    {"*maxmem=33554432p", "a size"},
	    {"*maxmem=33554432", NULL},
	    {"*maxmem=16M", NULL},
	    {"*maxmem=99999999999999999999", "a size"},
	    {"*maxmem=17179869185G", "a size"},
	    {"*directmap=16385K", "whole pages"},
	    {"*directmap=8M", "at least 16M"},
	    {"*directmap=lots", "a size"},
	    {"*nswap=0x100000000", "number of pages"},
	    {"*nswap=1x", "number of pages"},
	    {"*nswap=-1", "number of pages"},
	    {"*ncpu=0", "from 1 to 4096"},
	    {"*ncpu=4097", "from 1 to 4096"},
	    {"*ncpu=2x", "from 1 to 4096"},
	    {"*ncpu=", "from 1 to 4096"},
	};

	(void)state;
	GIVEN(lines);
	assert_int_equal(o.maxmem, 16 * MiB);
	assert_null(optionsline(&o, "*directmap=0x2t"));
	assert_int_equal(o.directmap, 2 * TiB);
	assert_null(optionsline(&o, "*nswap=0xFFffFFff"));
	assert_int_equal(o.nswap, UINT32_MAX);
	assert_null(optionsline(&o, "*ncpu=4096"));
	assert_int_equal(o.ncpu, 4096);
	assert_null(optionsline(&o, "*ncpu=1"));
	assert_int_equal(o.ncpu, 1);
}

static void
words_are_one_of_a_list(void **state)
{
	static const Line lines[] = {
	    {"*END=PowerOff", NULL},
	    {"*end=off", "poweroff"},
	    {"*checks=none", NULL},
	    {"*checks=some", "quick"},
	    {"*bootscreen=off", NULL},
	    {"*bootscreen=on", "off"},
	    {"*poison=1", NULL},
	    {"*poisson=1", "unknown option, or is it *poison?"},
	    {"*ends=halt", "unknown option, or is it *end?"},
	    {"*end=halted", "poweroff"},
	    {"*end=hal", "poweroff"},
	    {"*poison=yes", "0 or 1"},
	    {"*ramscan=1", NULL},
	    {"*nokaslr=1", NULL},
	    {"*nokaslr=2", "0 or 1"},
	    {"*end", "expected = and a value behind it"},
	    {"*poison = 1", "expected = and a value behind it"},
	    {"*poisonous", "unknown option"},
	    {"nonesuch=1", "unknown option"},
	    {"umbexlcude=1", "unknown option, or is it umbexclude?"},
	};

	(void)state;
	GIVEN(lines);
	assert_int_equal(o.end, ENDPOWEROFF);
	assert_int_equal(o.checks, CHECKSNONE);
	assert_false(o.screen);
	assert_false(o.kaslr);
	assert_true(o.poison);
	assert_true(o.ramscan);
	assert_null(optionsline(&o, "*nokaslr=0"));
	assert_true(o.kaslr);
}

static void
texts_fit_or_are_refused(void **state)
{
	char line[E820MAX + 16] = "*e820=";
	size_t n = strlen(line);

	(void)state;
	memset(line + n, '1', E820MAX - 1);
	assert_null(optionsline(&o, line));
	assert_int_equal(strlen(o.e820), E820MAX - 1);
	line[n + E820MAX - 1] = '1';
	assert_string_equal(optionsline(&o, line), "too long");
	assert_null(optionsline(&o, "umbexclude=c0000-cffff"));
	assert_string_equal(o.umbexclude, "c0000-cffff");
}

static void
words_of_the_command_line(void **state)
{
	(void)state;
	assert_int_equal(o.command, CMDBOOT);
	assert_null(optionsword(&o, "Map"));
	assert_int_equal(o.command, CMDMAP);
	assert_null(optionsword(&o, "-v"));
	assert_null(optionsword(&o, "/b"));
	assert_true(o.verbose && o.pagebreak && !o.help);
	assert_true(!o.all && !o.raw && !o.sfo);
	assert_null(optionsword(&o, "-a"));
	assert_true(o.all && !o.raw && !o.sfo);
	assert_null(optionsword(&o, "-r"));
	assert_true(o.raw && !o.sfo);
	assert_null(optionsword(&o, "-SFO"));
	assert_true(o.sfo);
	assert_string_equal(
	    optionsword(&o, "reherse"), "unknown command, or is it rehearse?");
	for (size_t i = 0; i < 3; i++) {
		static const char *const helps[] = {"--help", "+h", "-?"};

		o.help = false;
		assert_null(optionsword(&o, helps[i]));
		assert_true(o.help);
	}
	assert_null(optionsword(&o, "*maxmem=1g"));
	assert_int_equal(o.maxmem, GiB);
	assert_non_null(strstr(optionsword(&o, "-x"), "flag"));
	assert_non_null(strstr(optionsword(&o, "nonesuch"), "command"));
	assert_non_null(strstr(optionsword(&o, "none=such"), "option"));
}

static void
a_menu_has_seconds(void **state)
{
	(void)state;
	assert_null(optionsline(&o, "*menu=0"));
	assert_int_equal(o.menu, 0);
	assert_null(optionsline(&o, "*menu=3600"));
	assert_int_equal(o.menu, 3600);
	assert_non_null(optionsline(&o, "*menu=3601"));
	assert_non_null(optionsline(&o, "*menu=5s"));
	assert_non_null(optionsline(&o, "*menu="));
	assert_int_equal(o.menu, 3600);
	assert_null(optionsline(&o, "*end=monitor"));
	assert_true(o.endgiven);
}

/* All of them that are there to be 1, and 0 undoes it. */
static void
flags_are_0_or_1(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		bool inverse;
	} keys[] = {{"*nokaslr", offsetof(Options, kaslr), true},
	    {"*poison", offsetof(Options, poison), false},
	    {"*ramscan", offsetof(Options, ramscan), false},
	    {"*verbose", offsetof(Options, verbose), false},
	    {"*nomp", offsetof(Options, nomp), false}};

	(void)state;
	for (size_t i = 0; i < nelem(keys); i++)
		for (int v = 1; v >= 0; v--) {
			char line[40];
			const bool *b = (const bool *)((char *)&o + keys[i].at);

			sprintf(line, "%s=%d", keys[i].name, v);
			assert_null(optionsline(&o, line));
			assert_int_equal(*b, keys[i].inverse != (v == 1));
		}
}

/* The word behind -o, whatever it is; from the root of mem9's own volume. */
static void
a_report_has_a_file(void **state)
{
	static const struct {
		const char *word;
		const char *path; /* NULL: refused */
	} files[] = {{"map.txt", "\\map.txt"}, {"\\A\\B.TXT", "\\A\\B.TXT"},
	    {"/a/b", "\\a\\b"}, {"a/b", "\\a\\b"}, {"rehearse", "\\rehearse"},
	    {"-v", "\\-v"}, {"*x", NULL}, {"fs1:x", NULL}, {"a?b", NULL},
	    {"a\"b", NULL}, {"a<b", NULL}, {"a|b", NULL}, {"a\tb", NULL},
	    {"", NULL}, {"\\", NULL}, {"a/", NULL}};
	char word[REPORTMAX + 4];

	for (size_t i = 0; i < nelem(files); i++) {
		setup(state);
		assert_null(optionsword(&o, "-o"));
		assert_true(o.filenext);
		const char *why = optionsword(&o, files[i].word);
		assert_false(o.filenext);
		assert_int_equal(why == NULL, files[i].path != NULL);
		assert_string_equal(
		    o.report, files[i].path != NULL ? files[i].path : "");
		if (why != NULL)
			assert_string_equal(
			    why, "expected a file on mem9's own volume");
		assert_int_equal(o.command, CMDBOOT);
	}
	for (size_t n = REPORTMAX - 3; n < REPORTMAX + 3; n++)
		for (int root = 0; root < 2; root++) {
			setup(state);
			memset(word, 'x', n);
			word[n] = '\0';
			word[0] = root ? '/' : 'x';
			optionsword(&o, "-o");
			const char *why = optionsword(&o, word);
			assert_int_equal(why == NULL, n + !root < REPORTMAX);
			if (why != NULL)
				assert_string_equal(why, "too long");
		}
}

/* Whatever it is called; flags may stand between, and the file of -o. */
static void
diff_has_a_file(void **state)
{
	static const char *const files[] = {
	    "old.txt", "fs1:\\a\\b", "map", "a=b", "*end=x", "diff"};
	char word[PATHMAX + 4];

	for (size_t i = 0; i < nelem(files); i++) {
		setup(state);
		assert_null(optionsword(&o, "diff"));
		assert_null(optionsword(&o, "-v"));
		assert_null(optionsword(&o, "-o"));
		assert_null(optionsword(&o, "out.txt"));
		assert_true(o.diffnext);
		assert_null(optionsword(&o, files[i]));
		assert_false(o.diffnext);
		assert_string_equal(o.diff, files[i]);
		assert_int_equal(o.command, CMDDIFF);
		assert_true(o.verbose);
		assert_string_equal(o.report, "\\out.txt");
	}
	for (size_t n = PATHMAX - 2; n < PATHMAX + 2; n++) {
		setup(state);
		memset(word, 'x', n);
		word[n] = '\0';
		optionsword(&o, "diff");
		const char *why = optionsword(&o, word);
		assert_int_equal(why == NULL, n < PATHMAX);
		assert_string_equal(o.diff, why == NULL ? word : "");
	}
}

static void
a_report_can_be_off(void **state)
{
	(void)state;
	assert_false(o.noreport);
	assert_string_equal(optionsline(&o, "*report=on"), "expected off");
	assert_false(o.noreport);
	assert_null(optionsline(&o, "*report=off"));
	assert_true(o.noreport);
	assert_false(o.nomenu);
	assert_null(optionsline(&o, "*menu=3"));
	assert_false(o.nomenu);
	assert_null(optionsline(&o, "*menu=0"));
	assert_true(o.nomenu);
}

/* K, M, G and T in either case are 10, 20, 30 and 40 bits. */
static void
suffixes_are_powers_of_1024(void **state)
{
	static const char letters[] = "KMGTkmgt";

	(void)state;
	for (size_t i = 0; letters[i] != '\0'; i++) {
		char line[40];
		uint64_t unit = 1ull << 10 * (i % 4 + 1);
		uint64_t n = 48 * MiB / MIN(unit, (uint64_t)(16 * MiB));

		sprintf(line, "*maxmem=%ju%c", (uintmax_t)n, letters[i]);
		assert_null(optionsline(&o, line));
		assert_int_equal(o.maxmem, n * unit);
		sprintf(line, "*maxmem=%ju%c", (uintmax_t)(UINT64_MAX / unit),
		    letters[i]);
		assert_null(optionsline(&o, line));
		assert_int_equal(o.maxmem, UINT64_MAX / unit * unit);
		sprintf(line, "*maxmem=%ju%c",
		    (uintmax_t)(UINT64_MAX / unit + 1), letters[i]);
		assert_non_null(optionsline(&o, line));
	}
}

static void
every_choice_is_its_own(void **state)
{
	static const char *const ends[] = {[ENDMONITOR] = "monitor",
	    [ENDPOWEROFF] = "poweroff",
	    [ENDRESET] = "reset",
	    [ENDHALT] = "halt"};
	static const char *const checks[] = {[CHECKSNONE] = "none",
	    [CHECKSQUICK] = "quick",
	    [CHECKSFULL] = "full"};
	static const char *const commands[] = {[CMDBOOT] = "boot",
	    [CMDMAP] = "map",
	    [CMDAUDIT] = "audit",
	    [CMDDIFF] = "diff",
	    [CMDREHEARSE] = "rehearse",
	    [CMDREPORT] = "report",
	    [CMDE820] = "e820"};
	char line[40];

	(void)state;
	for (size_t i = 0; i < nelem(ends); i++) {
		sprintf(line, "*end=%s", ends[i]);
		assert_null(optionsline(&o, line));
		assert_int_equal(o.end, i);
	}
	for (size_t i = 0; i < nelem(checks); i++) {
		sprintf(line, "*checks=%s", checks[i]);
		assert_null(optionsline(&o, line));
		assert_int_equal(o.checks, i);
	}
	for (size_t i = 0; i < nelem(commands); i++) {
		o.diffnext = false;
		assert_null(optionsword(&o, commands[i]));
		assert_int_equal(o.command, i);
	}
}

static void
what_is_not_asked_for_is_as_it_was_born(void **state)
{
	(void)state;
	assert_int_equal(o.command, CMDBOOT);
	assert_int_equal(o.end, ENDMONITOR);
	assert_false(o.endgiven);
	assert_int_equal(o.menu, -1);
	assert_int_equal(o.checks, CHECKSQUICK);
	assert_true(o.screen && o.kaslr);
	assert_false(o.poison || o.ramscan || o.help || o.verbose);
	assert_false(o.pagebreak);
	assert_int_equal(o.maxmem, NOADDR);
	assert_int_equal(o.directmap, NOADDR);
	assert_int_equal(o.kernelpercent, 0);
	assert_int_equal(o.nswap, 0);
	assert_int_equal(o.ncpu, 0);
	assert_false(o.nomp);
	assert_string_equal(o.e820, "");
	assert_string_equal(o.umbexclude, "");
}

static void
is(enum uartspace space, paddr_t addr, uint8_t width, uint32_t baud)
{
	assert_int_equal(o.uart.space, space);
	assert_int_equal(o.uart.addr, addr);
	assert_int_equal(o.uart.width, width);
	assert_int_equal(o.uart.stride, width);
	assert_int_equal(o.baud, baud);
}

static void
unasked_it_is_the_first_port_at_firmwares_speed(void **state)
{
	(void)state;
	is(UARTPORT, 0x3f8, 1, 0);
	assert_false(o.uartgiven);
}

static void
a_port_is_given_by_number_or_address(void **state)
{
	static const struct {
		const char *line;
		enum uartspace space;
		paddr_t addr;
		uint8_t width;
		uint32_t baud;
	} good[] = {
	    {"console=0", UARTPORT, 0x3f8, 1, 0},
	    {"console=1 b9600", UARTPORT, 0x2f8, 1, 9600},
	    {"console=2", UARTPORT, 0x3e8, 1, 0},
	    {"console=3,b115200", UARTPORT, 0x2e8, 1, 115200},
	    {"console=off", UARTNONE, 0, 0, 0},
	    {"console=io,0x6000", UARTPORT, 0x6000, 1, 0},
	    {"console=io,0xfff8", UARTPORT, 0xfff8, 1, 0},
	    {"CONSOLE=IO,1016 B2", UARTPORT, 0x3f8, 1, 2},
	    {"console=mmio,0xfe034001", UARTMEM, 0xfe034001, 1, 0},
	    {"console=mmio16,0xfe034002", UARTMEM, 0xfe034002, 2, 0},
	    {"console=mmio32,0x1fe034000,b115200", UARTMEM, 0x1fe034000, 4,
		115200},
	};

	for (size_t i = 0; i < nelem(good); i++) {
		setup(state);
		assert_null(optionsline(&o, good[i].line));
		is(good[i].space, good[i].addr, good[i].width, good[i].baud);
		assert_true(o.uartgiven);
	}
}

static void
anything_else_changes_nothing(void **state)
{
	static const char *const wrong[] = {
	    "console=",
	    "console=4",
	    "console=x",
	    "console=0 115200",
	    "console=0 b1",
	    "console=0 b",
	    "console=0 bx",
	    "console=0 b115201",
	    "console=0 b9600 x",
	    "console=off b9600",
	    "console=io,",
	    "console=io,0",
	    "console=io,0xfff9",
	    "console=io,0x10000",
	    "console=mmio8,0xfe034000",
	    "console=mmio32",
	    "console=mmio32,",
	    "console=mmio32,0",
	    "console=mmio32,0xfe034002",
	    "console=mmio16,0xfe034001",
	    "console=mmio32,0xfffffffffffffffc",
	    "console=mmio32,0x10000000000000000",
	    "console=mmio32,0xfe034000x",
	};

	for (size_t i = 0; i < nelem(wrong); i++) {
		setup(state);
		assert_non_null(optionsline(&o, wrong[i]));
		is(UARTPORT, 0x3f8, 1, 0);
		assert_false(o.uartgiven);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_kernels_share_is_one_that_confinit_takes),
	    TEST(sizes_have_units_and_a_least),
	    TEST(words_are_one_of_a_list),
	    TEST(texts_fit_or_are_refused),
	    TEST(words_of_the_command_line),
	    TEST(flags_are_0_or_1),
	    TEST(a_menu_has_seconds),
	    TEST(a_report_has_a_file),
	    TEST(diff_has_a_file),
	    TEST(a_report_can_be_off),
	    TEST(suffixes_are_powers_of_1024),
	    TEST(every_choice_is_its_own),
	    TEST(what_is_not_asked_for_is_as_it_was_born),
	    TEST(unasked_it_is_the_first_port_at_firmwares_speed),
	    TEST(a_port_is_given_by_number_or_address),
	    TEST(anything_else_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
