/*
 * optionsay.c - options as lines: read again they ask for the same.
 *
 * needs: kern/optionsay.c kern/options.c kern/value.c kern/nearest.c
 * needs: kern/optionwords.c
 * needs: kern/format.c
 */
#include "unit.h"
#include "options.h"
#include "../../kern/optionsay.h"

static Options o;

static int
setup(void **state)
{
	(void)state;
	optionsinit(&o);
	hostquiet();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

/* Those that are no comment are lines of mem9.ini. */
static void
readagain(Options *to)
{
	static char said[4000];

	optionsinit(to);
	strcpy(said, hostsaid());
	for (char *line = strtok(said, "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		if (*line != '#')
			if (optionsline(to, line) != NULL)
				fail_msg("%s: %s", line, optionsline(to, line));
}

static void
what_is_said_asks_for_the_same(void **state)
{
	static const char *const lines[] = {"*end=poweroff", "*end=reset",
	    "*end=halt", "*checks=none", "*checks=full", "*menu=7", "*menu=0",
	    "*report=off", "*verbose=1", "*bootscreen=off", "*nokaslr=1",
	    "*poison=1", "*ramscan=1", "*nomp=1", "*ncpu=3",
	    "*kernelpercent=30", "*nswap=77", "*maxmem=1G", "*directmap=64M",
	    "umbexclude=0xc8000-0xcffff", "*e820=1 0 9fc00 3 100000 200000"};
	Options is;

	for (size_t i = 0; i < nelem(lines); i++) {
		setup(state);
		assert_null(optionsline(&o, lines[i]));
		optionsay(&o, OPTIONSINI);
		readagain(&is);
		is.endgiven = o.endgiven; /* all are */
		assert_memory_equal(&is, &o, sizeof o);
	}
}

static void
what_nobody_asked_for_is_said_as_that(void **state)
{
	(void)state;
	optionsay(&o, OPTIONSINI);
	assert_mentioned("*end=monitor\n*checks=quick\n# *menu: nothing said\n"
			 "# *report: no file named\n*verbose=0\n");
	assert_mentioned("\n# *ncpu: all\n# *kernelpercent: as 9front would\n");
	assert_mentioned("\n# *maxmem: all\n# *directmap: all\n# umbexclude: "
			 "none\n# *e820: none\n# console: port 0x3f8, as "
			 "nobody said another\n");
}

static void
what_is_too_long_is_said_by_its_length(void **state)
{
	(void)state;
	memset(o.e820, '1', 300);
	assert_null(optionsline(&o, "console=mmio32,0xfe000000 b9600"));
	strcpy(o.report, "\\A.TXT");
	optionsay(&o, OPTIONSINI);
	assert_mentioned("\n# *report: \\A.TXT\n");
	assert_mentioned("\n# *e820: of 300 characters\n# console: registers "
			 "at 0xfe000000, 9600 baud\n");
	hostquiet();
	assert_null(optionsline(&o, "console=off"));
	optionsay(&o, OPTIONSINI);
	assert_mentioned("\n# console: none\n");
}

/* For programs: what asks for it, or how it is without that. */
static void
each_is_a_line_for_programs(void **state)
{
	(void)state;
	assert_null(optionsline(&o, "*maxmem=1G"));
	assert_null(optionsline(&o, "umbexclude=0xc8000-0xcffff"));
	optionsay(&o, OPTIONSINI);
	size_t n = hosttimes("\n");
	hostquiet();
	optionsay(&o, OPTIONSLINES);
	assert_int_equal(hosttimes("mem9: option name="), n);
	assert_int_equal(hosttimes("\n"), n);
	assert_mentioned("mem9: option name=*end value=\"monitor\"\n");
	assert_mentioned("mem9: option name=*maxmem value=\"0x40000000\"\n");
	assert_mentioned("mem9: option name=umbexclude "
			 "value=\"0xc8000-0xcffff\"\n");
	assert_mentioned("mem9: option name=*ncpu detail=\"all\"\n");
	assert_mentioned("mem9: option name=console detail=\"port 0x3f8, as "
			 "nobody said another\"\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_said_asks_for_the_same),
	    TEST(what_nobody_asked_for_is_said_as_that),
	    TEST(each_is_a_line_for_programs),
	    TEST(what_is_too_long_is_said_by_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
