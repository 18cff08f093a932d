/*
 * options.c - what may be asked for, and what is said to everything else.
 *
 * needs: kern/options.c kern/value.c
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
	};

	(void)state;
	GIVEN(lines);
	assert_int_equal(o.maxmem, 16 * MiB);
	assert_null(optionsline(&o, "*directmap=0x2t"));
	assert_int_equal(o.directmap, 2 * TiB);
	assert_null(optionsline(&o, "*nswap=0xFFffFFff"));
	assert_int_equal(o.nswap, UINT32_MAX);
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
	    {"*poisson=1", "unknown"},
	    {"*ends=halt", "unknown"},
	    {"*end=halted", "poweroff"},
	    {"*end=hal", "poweroff"},
	    {"*poison=yes", "0 or 1"},
	    {"*ramscan=1", NULL},
	    {"*nokaslr=1", NULL},
	    {"*nokaslr=2", "0 or 1"},
	    {"*end", "unknown"},
	    {"nonesuch=1", "unknown"},
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		the_kernels_share_is_one_that_confinit_takes, setup),
	    cmocka_unit_test_setup(sizes_have_units_and_a_least, setup),
	    cmocka_unit_test_setup(words_are_one_of_a_list, setup),
	    cmocka_unit_test_setup(texts_fit_or_are_refused, setup),
	    cmocka_unit_test_setup(words_of_the_command_line, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
