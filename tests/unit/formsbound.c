/*
 * formsbound.c - reading any text ends, soon, and with all memory given back:
 * in firmware nobody could stop it, or would know why there is no more.
 *
 * needs: efi/forms/map.c efi/forms/side.c
 */
#include "unit.h"
#include "mapside.h"

#include <glob.h>
#include <time.h>

enum { SPACE = 1 << 20, LONG = 256 << 10 };
#define TOLD 0.2 /* seconds */

static char text[SPACE + 1];

/* Read, and made a side of, of so many extents; -1 and why. */
static int
readit(const char *s, size_t size, Map *why)
{
	Lists ls = {0};
	Text t;
	Map *m = NULL;
	Mapside side = {.n = 0};
	int result = textread(&t, why, (const uint8_t *)s, size);

	if (result == 0)
		result = listsread(&ls, &t, why);
	if (result == 0)
		result = mapread(&m, &ls, &t, 0, why);
	if (result == 0 && mapside(m, &side) == 0)
		result = (int)side.n;
	else if (result == 0) {
		result = -1;
		why->lineno = m->lineno;
		memcpy(why->why, m->why, sizeof why->why);
	}
	formsfree(side.extent);
	listsfree(&ls);
	textfree(&t);
	return result;
}

/* With no room for the first piece, the second ... until all are there. */
static size_t
starved(const char *s, size_t size)
{
	Map why = {0};
	size_t n = 0;
	int whole = readit(s, size, &why);
	int result = -1;

	for (; result < 0; n++) {
		assert_true(n < 1000);
		hostforms(n);
		memset(&why, 0, sizeof why);
		result = readit(s, size, &why);
		if (result < 0)
			assert_string_equal(why.why, "no memory to read it");
	}
	hostforms(SIZE_MAX);
	assert_int_equal(result, whole);
	return n;
}

static void
without_memory_nothing_is_read_and_nothing_lost(void **state)
{
	static const char *const names[] = {"tests/maps/*.map",
	    "tests/replay/posted/*.txt", "tests/replay/linux/*.txt",
	    "tests/replay/made/*.txt"};
	size_t read = 0;

	(void)state;
	for (size_t i = 0; i < nelem(names); i++) {
		glob_t files;

		assert_int_equal(glob(names[i], 0, NULL, &files), 0);
		for (size_t k = 0; k < files.gl_pathc; k++) {
			Map why = {0};
			FILE *f = fopen(files.gl_pathv[k], "r");
			size_t n = fread(text, 1, SPACE, f);

			fclose(f);
			if (readit(text, n, &why) < 0)
				continue;
			assert_true(starved(text, n) > 4);
			read++;
		}
		globfree(&files);
	}
	assert_true(read > 60);
}

static void
messages_and_bad_ram_need_memory_too(void **state)
{
	static const char json[] =
	    "{\"msg\":\"BIOS-e820: [mem 0x0-0xfff] usable\"}\n";
	static const char bad[] =
	    "mem9: start\n"
	    "mem9: efi type=0x7 base=0x0 pages=1 attr=0xf\n"
	    "mem9: odd kind=bad base=0x0 pages=1\n";
	static const char line[] = "*e820=1 0 1000\n";

	(void)state;
	assert_true(starved(json, sizeof json - 1) > 4);
	assert_true(starved(bad, sizeof bad - 1) > 4);
	assert_true(starved(line, sizeof line - 1) > 4);
}

/* A list, then so much of one piece of text in a single line or in many. */
typedef struct Long Long;
struct Long {
	const char *first;
	const char *piece;
};

static const Long longs[] = {
    {"", "\n"},
    {"", "\r"},
    {"", "a"},
    {"", "> "},
    {"", "<br>"},
    {"", "[code"},
    {"", "<pre "},
    {"", "[1."},
    {"", "[1.1]"},
    {"", "\x1b["},
    {"", "a kernel: "},
    {"", "<6>"},
    {"", "1:["},
    {"BIOS-e820: [mem 0x0-0xfff] usable\n", "a "},
    {"BIOS-e820: [mem 0x0-0xfff] usable\n", "BIOS-e820: "},
    {"efi: mem00: type=7, attr=0xf, range=[0x0-0x1000)\n", "efi: mem"},
    {"{\"msg\"\n", "\"msg\":\"a\","},
    {"{\"msg\"\n", "\"msg\":\"\\u0041"},
    {"", "/sys/firmware/memmap/4095/start:0x0\n"},
    {"", "mem9: start\nmem9: efi\n"},
    {"", "mem9: start\nmem9: efi type=0x7 base=0x0 pages=1 attr=0xf\n"},
    {"", "efi 7 0 1 15\n"},
    {"", "00000000-00000fff : System RAM\n"},
    {"*e820=", "1 0 1000 "},
    {"*e820=", "00 10"},
    {"mem9: start\n", "mem9: odd kind=bad base=0x0 pages=1\n"},
    {"Type Start Pages\n", "Available 0-FFF 1 F\n"},
    {"Available 0-FFF 1 F\n", "Available : 1 Pages\n"},
};

static double
seconds(const char *what, size_t size)
{
	Map why = {0};
	clock_t start = clock();

	if (readit(text, size, &why) < 0 &&
	    (why.why[0] == '\0' || why.lineno == 0))
		fail_msg("%s: refused without a line or a reason", what);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/*
 * Four times the text may take four times as long, where sixteen would be its
 * square: in any build, if it takes long enough to be told. Other work on the
 * machine may make one of the two slower, so that the best of some counts.
 */
static void
within(const char *what, size_t size)
{
	enum { TRIES = 4, ATMOST = 8 };
	double whole = seconds(what, size);
	double part = 0;

	for (int i = 0; whole > TOLD && whole > ATMOST * part; i++) {
		if (i == TRIES)
			fail_msg("%s: %zu bytes took %.2f s, and a quarter "
				 "%.2f s",
			    what, size, whole, part);
		double again = i > 0 ? seconds(what, size) : whole;
		double less = seconds(what, size / 4);

		whole = MIN(whole, again);
		part = MAX(part, less);
	}
}

static void
a_long_text_takes_no_longer_than_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(longs); i++) {
		const Long *l = &longs[i];
		size_t n = strlen(l->first);
		size_t step = strlen(l->piece);

		memcpy(text, l->first, n);
		for (; n + step <= LONG; n += step)
			memcpy(text + n, l->piece, step);
		within(l->piece, n);
	}
}

/* RAM in the one is looked for in the other, whatever their order. */
static void
entries_may_come_in_the_worst_order(void **state)
{
	enum { N = 6000 };
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < N; i++)
		n += (size_t)sprintf(text + n,
		    "efi: mem%02u: type=7, attr=0xf, range=[0x%x000-0x%x000)\n",
		    i, N - i - 1, N - i);
	for (unsigned i = 0; i < N; i++)
		n += (size_t)sprintf(text + n,
		    "BIOS-e820: %x000 - %x000 (usable)\n", N - i - 1, N - i);
	within("backwards", n);
}

/* So many entries, of three files each, whose numbers are far apart or not. */
static size_t
sysfs(unsigned most, unsigned shift)
{
	size_t n = 0;

	for (uint64_t i = 0; i < most; i++)
		n += (size_t)sprintf(text + n,
		    "%ju/end:0xfff\n%ju/start:0x0\n%ju/type:System RAM\n",
		    (uintmax_t)(i << shift), (uintmax_t)(i << shift),
		    (uintmax_t)(i << shift));
	return n;
}

/* Each file is looked for among those before; numbers may be alike below. */
static void
entries_of_sysfs_may_be_many(void **state)
{
	enum { MOST = 16000, FAR = 5000 };
	Map why = {0};

	(void)state;
	size_t n = sysfs(MOST, 0);
	assert_int_equal(readit(text, n, &why), MOST);
	within("sysfs", n);
	n = sysfs(FAR, 40);
	assert_int_equal(readit(text, n, &why), -1);
	assert_string_equal(why.why, "the list is cut: entry 1 has no start");
	within("sysfs, far apart", n);
}

/* The files of one entry are nowhere near each other. */
static void
entries_of_sysfs_may_come_in_any_order(void **state)
{
	enum { MOST = 5000, STEP = 1237 };
	static const char *const files[] = {
	    "end:0xfff", "start:0x0", "type:System RAM"};
	Map why = {0};
	size_t n = 0;

	(void)state;
	for (size_t k = 0; k < nelem(files); k++)
		for (unsigned i = 0; i < MOST; i++)
			n += (size_t)sprintf(text + n, "%u/%s\n",
			    k == 0   ? MOST - 1 - i
			    : k == 1 ? i
				     : i * STEP % MOST,
			    files[k]);
	assert_int_equal(readit(text, n, &why), MOST);
}

static void
too_many_lists_are_refused(void **state)
{
	Map why = {0};
	size_t n = 0;

	(void)state;
	for (int i = 0; i <= MOSTLISTS; i++)
		n += (size_t)sprintf(text + n, "-- Boot x\nefi 7 0 1 15\n");
	assert_int_equal(readit(text, n, &why), -1);
	assert_string_equal(why.why, "more than 4096 lists");
	assert_int_equal(why.lineno, 2 * (MOSTLISTS + 1));
	why = (Map){0};
	assert_int_equal(readit(text, n - 23, &why), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_memory_nothing_is_read_and_nothing_lost),
	    cmocka_unit_test(messages_and_bad_ram_need_memory_too),
	    cmocka_unit_test(a_long_text_takes_no_longer_than_it_is),
	    cmocka_unit_test(entries_may_come_in_the_worst_order),
	    cmocka_unit_test(entries_of_sysfs_may_be_many),
	    cmocka_unit_test(entries_of_sysfs_may_come_in_any_order),
	    cmocka_unit_test(too_many_lists_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
