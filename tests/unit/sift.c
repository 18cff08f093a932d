/*
 * sift.c - what people see of the log: lines for programs are left out, however
 * they come in pieces, and nothing else is.
 *
 * needs: kern/tell/sift.c
 */
#include "unit.h"
#include "../../kern/tell/sift.h"

static char shown[2000];
static size_t nshown;

static void
see(const char *s, size_t n)
{
	assert_true(n > 0 && nshown + n < sizeof shown);
	memcpy(shown + nshown, s, n);
	nshown += n;
	shown[nshown] = '\0';
}

/* The text in pieces of that size. */
static const char *
seen(const char *text, size_t piece)
{
	Sift f = {.n = 0};
	size_t len = strlen(text);

	nshown = 0;
	shown[0] = '\0';
	for (size_t i = 0; i < len; i += piece)
		siftwrite(&f, see, text + i, MIN(piece, len - i));
	return shown;
}

static void
lines_for_programs_are_left_out(void **state)
{
	static const char text[] = "\nmem9: check name=ram result=ok\n"
				   "503M memory: 201M kernel data\n"
				   "mem9: io_mmu ta_ble=DMAR units=1\n"
				   "\tmem9: total ram=1\n"
				   "mem9: cpu n=0 detail=\"of it: x=1\"\n"
				   "mem9> map\n";
	static const char want[] = "\n503M memory: 201M kernel data\n"
				   "\tmem9: total ram=1\n"
				   "mem9> map\n";

	(void)state;
	for (size_t piece = 1; piece < sizeof text; piece++)
		assert_string_equal(seen(text, piece), want);
}

static void
messages_that_begin_with_the_name_stay(void **state)
{
	static const char *const lines[] = {
	    "mem9: back to firmware\n",
	    "mem9: \\mem9.ini:3: nonesuch=1: unknown option\n",
	    "mem9: *maxmem=lots: expected a size\n",
	    "mem9: maxmem=1: unknown command\n",
	    "mem9: descriptors 40 bytes apart: no map\n",
	    "mem9: a  b=1\n",
	    "mem9: a =1\n",
	    "mem9:  a b=1\n",
	    "mem9:  a=1\n",
	    "mem9: a{ b=1\n",
	    "mem9: a b{=1\n",
	    "mem9 0.1: leaving \"EDK II\"\n",
	    "mem9: a b c=1\n",
	    "mem9: \n",
	    "mem9: a\n",
	    "mem9: abcdefghijklmnopqrstuvwxyz0123456789abcd e=1\n",
	    "m\n",
	};

	(void)state;
	for (size_t i = 0; i < nelem(lines); i++) {
		assert_string_equal(seen(lines[i], 1), lines[i]);
		assert_string_equal(seen(lines[i], 200), lines[i]);
	}
}

/* What cannot become such a line is there at once: the prompt is no line. */
static void
nothing_waits_that_is_known(void **state)
{
	(void)state;
	assert_string_equal(seen("mem9> ", 1), "mem9> ");
	assert_string_equal(seen("a", 1), "a");
	assert_string_equal(seen("mem9: chec", 1), "");
}

/* It may come while such a line is written, known or not. */
static void
a_panic_is_seen_wherever_it_comes(void **state)
{
	static const char *const before[] = {
	    "", "mem", "mem9: cpu", "mem9: cpu n=1 ", "text "};

	(void)state;
	for (size_t i = 0; i < nelem(before); i++) {
		Sift f = {.n = 0};

		seen("", 1);
		siftwrite(&f, see, before[i], strlen(before[i]));
		siftwrite(&f, see, "panic: f: ", 10);
		siftwrite(&f, see, "mem9: cpu n=1\nmem9: cpu n=2\nx\n", 30);
		assert_non_null(strstr(shown, "panic: f: mem9: cpu n=1\nx\n"));
		assert_null(strstr(shown, "n=2"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_for_programs_are_left_out),
	    cmocka_unit_test(messages_that_begin_with_the_name_stay),
	    cmocka_unit_test(nothing_waits_that_is_known),
	    cmocka_unit_test(a_panic_is_seen_wherever_it_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
