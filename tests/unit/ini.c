/*
 * ini.c - mem9.ini: the two places it is looked for, and its lines.
 *
 * needs: efi/ini.c efi/volume.c kern/options.c
 * needs: kern/optionwords.c
 * needs: kern/value.c tests/host/fakevolume.c kern/nearest.c
 * needs: kern/format.c
 */
#include "unit.h"
#include "fakefw.h"
#include "fakevolume.h"
#include "../../efi/ini.h"

enum { LIMIT = 64 * 1024, PATH = 1000 };

static Options o;

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakestart();
	volumestart();
	optionsinit(&o);
	return 0;
}

/* All that was opened is closed, all memory given back. */
static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return volume.opened == 0 && fakefw.pool == 0 ? 0 : -1;
}

static void
reads(void)
{
	hostquiet();
	readini(&o, &volume.image);
}

static void
at_the_root_and_beside_the_program(void **state)
{
	(void)state;
	volumefile("\\mem9.ini", "*nswap=1\n*end=halt\n");
	volumefile("\\efi\\tools\\mem9.ini", "*nswap=2\n");
	reads();
	assert_int_equal(o.nswap, 1);
	assert_int_equal(o.end, ENDHALT);
	optionsinit(&o);
	programat("\\efi\\tools\\mem9.efi");
	reads();
	assert_int_equal(o.nswap, 2);
	assert_int_equal(o.end, ENDHALT);
	assert_said("");
}

/* Slashes, several nodes, the root itself, and paths that are none. */
static void
the_programs_place_in_every_form(void **state)
{
	static const struct {
		const char *path;
		size_t nswap;
	} at[] = {
	    {"\\efi\\mem9.efi", 2},
	    {"/efi/mem9.efi", 2},
	    {"\\efi\\|mem9.efi", 2},
	    {"\\|efi|\\|mem9.efi", 2},
	    {"\\efi", 0},
	    {"mem9.efi", 0},
	    {"", 0},
	};

	for (size_t i = 0; i < nelem(at); i++) {
		setup(state);
		volumefile("\\efi\\mem9.ini", "*nswap=2");
		programat(at[i].path);
		reads();
		assert_int_equal(o.nswap, at[i].nswap);
	}
	setup(state);
	volumefile("\\mem9.ini", "*nswap=2\nx\n");
	programat("\\mem9.efi");
	reads();
	assert_int_equal(hosttimes("ignored"), 1);
}

/* As long as a name still fits behind it; a node of no length ends it. */
static void
a_long_or_broken_path_is_cut(void **state)
{
	static uint8_t broken[8] = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 3};
	char path[PATH];
	char ini[PATH];

	for (size_t dir = 230; dir < 250; dir++) {
		setup(state);
		memset(path, 'd', sizeof path);
		path[0] = path[dir - 1] = '\\';
		strcpy(path + dir, "mem9.efi");
		memcpy(ini, path, dir);
		strcpy(ini + dir, "mem9.ini");
		volumefile(ini, "*nswap=3");
		programat(path);
		reads();
		assert_int_equal(o.nswap, dir <= 240 ? 3 : 0);
	}
	setup(state);
	volumefile("\\mem9.ini", "*nswap=4");
	volume.image.FilePath = (EFI_DEVICE_PATH *)broken;
	reads();
	assert_int_equal(o.nswap, 4);
	broken[1] = 0;
	reads();
}

/* Nor has it to end by a 0; and two bytes are a file too. */
static void
a_path_may_fill_its_node(void **state)
{
	static uint8_t node[] = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 10, 0,
	    '\\', 0, 'd', 0, '\\', 0, END_DEVICE_PATH_TYPE, 0xff, 4, 0};

	(void)state;
	volumefile("\\d\\mem9.ini", "*nswap=6");
	volumefile("\\mem9.ini", "x\n");
	volume.image.FilePath = (EFI_DEVICE_PATH *)node;
	reads();
	assert_int_equal(o.nswap, 6);
	assert_mentioned("mem9: \\mem9.ini:1: x: unknown option: ignored\n");
}

static void
lines_comments_and_sections(void **state)
{
	(void)state;
	volumefile("\\mem9.ini",
	    "\xef\xbb\xbf*nswap=5\r\n"
	    "# *nswap=6\n; *nswap=7\n[section]\n\n   \t\r\n"
	    "\t  *end=reset \t \r\n"
	    "nonsense\n"
	    "  *checks=all\n"
	    "*kernelpercent=7");
	reads();
	assert_int_equal(o.nswap, 5);
	assert_int_equal(o.end, ENDRESET);
	assert_int_equal(o.kernelpercent, 7);
	assert_int_equal(o.checks, CHECKSQUICK);
	assert_said("mem9: \\mem9.ini:8: nonsense: unknown option: ignored\n"
		    "mem9: \\mem9.ini:9: *checks=all: expected none, quick or "
		    "full: ignored\n");
}

/* The file holds a text in UTF-16, the low bytes at low. */
static void
wideini(Volumefile *f, const char *bom, const char *text, size_t low)
{
	static char wide[200];

	memset(wide, 0, sizeof wide);
	memcpy(wide, bom, 2);
	for (size_t i = 0; text[i] != '\0'; i++)
		wide[2 + 2 * i + low] = text[i];
	f->text = wide;
	f->size = 2 + 2 * strlen(text);
}

static void
lines_in_utf16(void **state)
{
	static const char text[] = "# x\r\n*nswap=5\r\nnonsense\r\n*end=reset";
	static const char said[] =
	    "mem9: \\mem9.ini:3: nonsense: unknown option: ignored\n";

	Volumefile *f = volumefile("\\mem9.ini", "");

	(void)state;
	for (size_t low = 0; low < 2; low++) {
		wideini(f, low ? "\xfe\xff" : "\xff\xfe", text, low);
		optionsinit(&o);
		reads();
		assert_int_equal(o.nswap, 5);
		assert_int_equal(o.end, ENDRESET);
		assert_said(said);
	}
	/* No ASCII; and half a character behind all. */
	f->text = "\xff\xfe*\0a\x01=\x01\n\0*";
	f->size = 11;
	reads();
	assert_said("mem9: \\mem9.ini:1: *??: unknown option: ignored\n");
	f->text = "\xff\xfe";
	f->size = 2;
	reads();
	assert_said("");
}

/* Eight lines of garbage by their numbers, and how many more. */
static void
of_many_lines_that_are_none_a_few_are_told(void **state)
{
	static char text[LIMIT];
	Volumefile *f = volumefile("\\mem9.ini", text);

	for (size_t n = 8; n <= 10; n += 2) {
		text[0] = '\0';
		for (size_t i = 0; i < n; i++)
			strcat(text, i == 3 ? "*nswap=7\nx\n" : "x\n");
		f->size = strlen(text);
		optionsinit(&o);
		reads();
		assert_int_equal(o.nswap, 7);
		assert_int_equal(
		    hosttimes(": x: unknown option: ignored\n"), 8);
		assert_mentioned("mem9: \\mem9.ini:9: x: unknown option: ");
		assert_int_equal(
		    hosttimes("mem9: \\mem9.ini: 2 more lines: ignored\n"),
		    n > 8);
		assert_int_equal(hosttimes("more"), n > 8);
	}
	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 1; i < sizeof text; i += 2)
		text[i] = '\n';
	memcpy(text + LIMIT - 12, "\n*nswap=9\n\n", 12);
	f->size = LIMIT - 1;
	reads();
	assert_int_equal(o.nswap, 9);
	assert_int_equal(hosttimes("\n"), 9);
	assert_mentioned("mem9: \\mem9.ini: 32754 more lines: ignored\n");
}

/* A line of 64 KiB, too; the mark says that there was more. */
static void
of_a_long_line_the_beginning_is_told(void **state)
{
	static char text[LIMIT];
	Volumefile *f = volumefile("\\mem9.ini", text);
	static const size_t sizes[] = {64, 65, LIMIT - 1};
	char said[200];

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < nelem(sizes); i++) {
		f->size = sizes[i];
		reads();
		sprintf(said,
		    "mem9: \\mem9.ini:1: %.64s%s: unknown option: "
		    "ignored\n",
		    text, i > 0 ? "..." : "");
		assert_said(said);
	}
}

/* Nothing behind a 0 is lost in silence. */
static void
a_line_with_a_0_is_told_of(void **state)
{
	Volumefile *f = volumefile("\\mem9.ini", "");

	(void)state;
	f->text = "*nswap=7\0x\n\0\n*end=reset";
	f->size = 23;
	reads();
	assert_int_equal(o.nswap, 0);
	assert_int_equal(o.end, ENDRESET);
	assert_said("mem9: \\mem9.ini:1: *nswap=7?x: expected a number of "
		    "pages: ignored\n"
		    "mem9: \\mem9.ini:2: ?: unknown option: ignored\n");
}

static void
a_file_that_is_too_long_or_unreadable_is_told_of(void **state)
{
	static char text[LIMIT + 1];
	Volumefile *f = volumefile("\\mem9.ini", "");

	(void)state;
	memset(text, '\n', LIMIT);
	memcpy(text, "*nswap=8", 8);
	f->text = text;
	f->size = LIMIT - 1;
	reads();
	assert_int_equal(o.nswap, 8);
	f->size = LIMIT;
	optionsinit(&o);
	reads();
	assert_int_equal(o.nswap, 0);
	assert_said("mem9: \\mem9.ini has 65536 bytes or more: ignored\n");
	f->size = 8;
	f->status = EFI_DEVICE_ERROR;
	reads();
	assert_said("mem9: \\mem9.ini cannot be read: ignored\n");
	f->status = EFI_SUCCESS;
	fakefw.most = 0;
	reads();
	assert_int_equal(o.nswap, 0);
	assert_said("");
}

static void
no_volume_no_options(void **state)
{
	(void)state;
	volumefile("\\mem9.ini", "*nswap=9");
	volume.status = EFI_NO_MEDIA;
	reads();
	volume.image.DeviceHandle = (EFI_HANDLE)6;
	reads();
	assert_int_equal(o.nswap, 0);
	assert_said("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(at_the_root_and_beside_the_program),
	    TEST(the_programs_place_in_every_form),
	    TEST(a_long_or_broken_path_is_cut),
	    TEST(a_path_may_fill_its_node),
	    TEST(lines_comments_and_sections),
	    TEST(lines_in_utf16),
	    TEST(of_many_lines_that_are_none_a_few_are_told),
	    TEST(of_a_long_line_the_beginning_is_told),
	    TEST(a_line_with_a_0_is_told_of),
	    TEST(a_file_that_is_too_long_or_unreadable_is_told_of),
	    TEST(no_volume_no_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
