/*
 * cmdline.c - the shell's words and LoadOptions, and which of them wins.
 *
 * needs: efi/cmdline.c kern/options.c kern/value.c tests/host/fakefw.c
 * needs: kern/optionwords.c
 * needs: kern/nearest.c kern/format.c
 */
#include "unit.h"
#include "fakefw.h"
#include "../../efi/commands.h"
#include "../../efi/ini.h"
#include "../../efi/volume.h"

enum { MAXARGS = 8 };

static Options o;
static EFI_LOADED_IMAGE image;
static Shellparameters shell;
static CHAR16 *args[MAXARGS];
static const char *ini; /* the line that mem9.ini has */

static bool stick; /* firmware started one */

bool
fromstick(const EFI_LOADED_IMAGE *li)
{
	assert_ptr_equal(li, &image);
	return stick;
}

void
readini(Options *to, const EFI_LOADED_IMAGE *li)
{
	assert_ptr_equal(li, &image);
	if (ini != NULL)
		assert_null(optionsline(to, ini));
}

void
reportown(Options *o)
{
	strcpy(o->report, REPORTFILE);
	o->reportown = true;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakestart();
	ini = NULL;
	stick = false;
	memset(&image, 0, sizeof image);
	shell = (Shellparameters){.argv = args};
	memset(&o, 0x55, sizeof o);
	return 0;
}

static void
isloaded(void)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	fakeprotocol((EFI_HANDLE)1, guid, &image);
}

/* The words after the program's name are these, a blank between each. */
static int
fromshell(const char *words)
{
	static char copy[MAXARGS][9000];
	EFI_GUID guid = SHELLPARAMETERS;

	hostquiet();
	fakeprotocol((EFI_HANDLE)1, guid, &shell);
	args[0] = wide("mem9.efi");
	for (shell.argc = 1; *words != '\0'; shell.argc++) {
		size_t n = strcspn(words, " ");

		memcpy(copy[shell.argc], words, n);
		copy[shell.argc][n] = '\0';
		args[shell.argc] = wide(copy[shell.argc]);
		words += n + (words[n] == ' ');
	}
	return getoptions(&o);
}

/* LoadOptions of n bytes; a boot manager's mistakes are nobody's end. */
static void
fromboot(const void *text, size_t n)
{
	void *copy = malloc(MAX(n, (size_t)1)); /* of that size exactly */

	memcpy(copy, text, n);
	hostquiet();
	image.LoadOptions = n > 0 ? copy : NULL;
	image.LoadOptionsSize = (UINT32)n;
	assert_int_equal(getoptions(&o), SHELLOK);
	free(copy);
}

#define FROMBOOT(text) fromboot(text, sizeof text - sizeof(CHAR16))

static void
the_shells_words_are_obeyed(void **state)
{
	(void)state;
	isloaded();
	assert_int_equal(fromshell("-v map *nswap=7 *end=halt"), SHELLOK);
	assert_int_equal(o.command, CMDMAP);
	assert_int_equal(o.nswap, 7);
	assert_int_equal(o.end, ENDHALT);
	assert_true(o.verbose);
	assert_said("");
}

static void
help_may_be_asked_for_in_full(void **state)
{
	(void)state;
	assert_int_equal(fromshell("-h"), SHELLOK);
	assert_true(o.help && !o.all);
	setup(state);
	assert_int_equal(fromshell("-a -h"), SHELLOK);
	assert_true(o.help && o.all);
	assert_said("");
}

static void
a_wrong_word_of_the_shells_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(fromshell("*nswap=7 mpa"), SHELLINVALID);
	assert_said("mem9: mpa: unknown command, or is it map? "
		    "(mem9 -h -a shows all)\n");
	setup(state);
	assert_int_equal(fromshell("\xe4"), SHELLINVALID);
	assert_mentioned("too long, or not ASCII");
}

static void
flags_of_the_map_are_no_way_out_of_firmware(void **state)
{
	static const char *const lines[] = {
	    "-sfo", "boot -r", "-r e820", "diff x -r", "-a", "boot -a"};

	for (size_t i = 0; i < nelem(lines); i++) {
		setup(state);
		assert_int_equal(fromshell(lines[i]), SHELLINVALID);
		assert_string_equal(hostsaid(),
		    i < 4 ? "mem9: -r and -sfo go with map\n"
			  : "mem9: -a goes with map, diff and -h\n");
	}
	setup(state);
	assert_int_equal(fromshell("-sfo map -a"), SHELLOK);
	setup(state);
	assert_int_equal(fromshell("diff -a x"), SHELLOK);
}

static void
the_command_line_wins_over_the_file(void **state)
{
	(void)state;
	isloaded();
	ini = "*nswap=3";
	assert_int_equal(fromshell("boot"), SHELLOK);
	assert_int_equal(o.nswap, 3);
	assert_int_equal(fromshell("*nswap=4"), SHELLOK);
	assert_int_equal(o.nswap, 4);
	setup(state);
	isloaded();
	ini = "*nswap=3";
	FROMBOOT(L"*nswap=5");
	assert_int_equal(o.nswap, 5);
	FROMBOOT(L"");
	assert_int_equal(o.nswap, 3);
}

/* Where there is a shell, LoadOptions are its own line, not for us. */
static void
load_options_count_without_a_shell_only(void **state)
{
	(void)state;
	isloaded();
	image.LoadOptions = wide("*nswap=6");
	image.LoadOptionsSize = 16;
	assert_int_equal(fromshell(""), SHELLOK);
	assert_int_equal(o.nswap, 0);
}

static void
load_options_are_words_between_blanks(void **state)
{
	(void)state;
	isloaded();
	FROMBOOT(L"\xfeff \t rehearse\t*nswap=1  -b *end=off x ");
	assert_int_equal(o.command, CMDREHEARSE);
	assert_int_equal(o.nswap, 1);
	assert_true(o.pagebreak);
	assert_said(
	    "mem9: *end=off: expected monitor, poweroff, reset or halt: "
	    "ignored\n"
	    "mem9: x: unknown command: ignored\n");
	fromboot(L"*nswap=12", 16); /* cut */
	assert_int_equal(o.nswap, 1);
	FROMBOOT(L"*nswap=2\0*nswap=3");
	assert_int_equal(o.nswap, 2);
	FROMBOOT(L"\xfeff");
	assert_said("");
}

static void
load_options_that_are_no_text_are_left(void **state)
{
	static const char said[] = "mem9: load options are no text: ignored\n";

	(void)state;
	isloaded();
	fromboot("*\0n\0s", 5);
	assert_said(said);
	fromboot("x", 1);
	assert_said("");
	for (CHAR16 c = 1; c < 0x180; c++) {
		CHAR16 text[] = {'-', 'v', ' ', c};

		fromboot(text, sizeof text);
		bool good = c == '\t' || (c >= ' ' && c < 0x7f);
		assert_int_equal(hosttimes(said), !good);
		assert_int_equal(o.verbose, good);
	}
}

/* A loader's for its kernel; and as many as anybody ever gave. */
static void
load_options_for_another_are_told_of(void **state)
{
	static const CHAR16 last[] = L" *nswap=7";
	static CHAR16 many[32 * 1024];

	(void)state;
	isloaded();
	FROMBOOT(L"BOOT_IMAGE=/vmlinuz root=LABEL=a,b ro *nswap=4 quiet");
	assert_int_equal(o.nswap, 4);
	assert_int_equal(hosttimes(": ignored\n"), 4);
	assert_mentioned("mem9: root=LABEL=a,b: unknown option: ignored\n");
	for (size_t i = 0; i < nelem(many); i++)
		many[i] = i % 2 ? ' ' : 'x';
	memcpy(many + nelem(many) - nelem(last), last, sizeof last);
	fromboot(many, sizeof many);
	assert_int_equal(o.nswap, 7);
	assert_int_equal(hosttimes("mem9: x: unknown command: ignored\n"), 8);
	assert_int_equal(hosttimes("\n"), 9);
	assert_mentioned("mem9: load options: 16371 more words: ignored\n");
	many[nelem(many) - 1] = '1'; /* and no end */
	fromboot(many, sizeof many);
	assert_int_equal(o.nswap, 71);
}

/* Eight by their names, and how many more. */
static void
of_many_load_options_a_few_are_told(void **state)
{
	(void)state;
	isloaded();
	FROMBOOT(L"a b c d e *nswap=1 f g h");
	assert_int_equal(hosttimes(": unknown command: ignored\n"), 8);
	assert_int_equal(hosttimes("\n"), 8);
	FROMBOOT(L"a b c d e *nswap=1 f g h i");
	assert_int_equal(hosttimes(": unknown command: ignored\n"), 8);
	assert_mentioned("mem9: h: unknown command: ignored\n"
			 "mem9: load options: 1 more word: ignored\n");
}

/* The mark says that there was more. */
static void
of_a_long_word_the_beginning_is_told(void **state)
{
	static const char *const marks[] = {"", "..."};
	char word[70], said[200];

	for (size_t i = 0; i < 2; i++) {
		memset(word, 'x', sizeof word);
		word[64 + i] = '\0';
		setup(state);
		isloaded();
		fromboot(wide(word), 2 * (64 + i));
		sprintf(said, "mem9: %.64s%s: unknown command: ignored\n", word,
		    marks[i]);
		assert_said(said);
		assert_int_equal(fromshell(word), SHELLINVALID);
		sprintf(said,
		    "mem9: %.64s%s: unknown command (mem9 -h -a shows all)\n",
		    word, marks[i]);
		assert_said(said);
	}
}

static void
words_that_are_too_long_are_told_of(void **state)
{
	enum { LONG = E820MAX + 16 };
	static char word[LONG + 1];

	(void)state;
	memset(word, '1', LONG);
	memcpy(word, "*e820=", 6);
	isloaded();
	fromboot(wide(word), 2 * LONG);
	assert_mentioned(": too long: ignored\n");
	assert_int_equal(fromshell(word), SHELLINVALID);
	assert_mentioned("too long, or not ASCII");
	word[6 + E820MAX - 1] = '\0';
	assert_int_equal(fromshell(word), SHELLOK);
	assert_int_equal(strlen(o.e820), E820MAX - 1);
}

static void
without_either_it_boots(void **state)
{
	Options none;

	(void)state;
	optionsinit(&none);
	none.menu = 5;
	assert_int_equal(getoptions(&o), SHELLOK);
	assert_memory_equal(&o, &none, sizeof o);
}

/* Where nobody has said yet what to do. */
static void
who_has_no_shell_gets_a_menu(void **state)
{
	static const struct {
		const char *ini;
		const CHAR16 *options;
		int menu;
	} kinds[] = {{NULL, L"", 5}, {"*nswap=1", L"", 5}, {"*menu=9", L"", 9},
	    {"*menu=0", L"", 0}, {"*end=halt", L"", 0},
	    {"*end=monitor", L"", 0}, {NULL, L"*nswap=1", 0},
	    {NULL, L"nonesuch", 5}, {NULL, L"*end=reset", 0},
	    {"*menu=9", L"*end=reset", 9}, {NULL, L"*end=reset *menu=9", 9},
	    {"*menu=9", L"map", 0}, {"*menu=9", L"-h", 0}};

	for (size_t i = 0; i < nelem(kinds); i++) {
		size_t n = 0;

		setup(state);
		isloaded();
		ini = kinds[i].ini;
		while (kinds[i].options[n] != 0)
			n++;
		fromboot(kinds[i].options, n * sizeof(CHAR16));
		assert_int_equal(o.menu, kinds[i].menu);
	}
	setup(state);
	isloaded();
	ini = "*menu=9";
	fromshell("boot *menu=7");
	assert_int_equal(o.menu, 0);
}

/* Asked for by name or as a command; unasked where firmware started a stick. */
static void
where_a_report_goes(void **state)
{
	static const struct {
		const char *shell; /* its words, or NULL */
		const CHAR16 *options;
		const char *ini;
		bool stick;
		const char *path;
	} kinds[] = {
	    {NULL, L"", NULL, false, ""},
	    {NULL, L"", NULL, true, "\\MEM9.TXT"},
	    {NULL, L"", "*end=halt", true, "\\MEM9.TXT"},
	    {NULL, L"", "*report=off", true, ""},
	    {NULL, L"map", NULL, true, ""},
	    {NULL, L"-h", NULL, true, ""},
	    {NULL, L"report", NULL, false, "\\MEM9.TXT"},
	    {NULL, L"-o my.txt", "*report=off", false, "\\my.txt"},
	    {NULL, L"-o my.txt", NULL, true, "\\my.txt"},
	    {"", NULL, NULL, true, ""},
	    {"boot", NULL, NULL, true, ""},
	    {"report", NULL, NULL, false, "\\MEM9.TXT"},
	    {"report *report=off", NULL, NULL, false, "\\MEM9.TXT"},
	    {"map -o /x/y", NULL, NULL, false, "\\x\\y"},
	};

	for (size_t i = 0; i < nelem(kinds); i++) {
		size_t n = 0;

		setup(state);
		isloaded();
		ini = kinds[i].ini;
		stick = kinds[i].stick;
		if (kinds[i].shell != NULL)
			assert_int_equal(fromshell(kinds[i].shell), SHELLOK);
		while (kinds[i].shell == NULL && kinds[i].options[n] != 0)
			n++;
		if (kinds[i].shell == NULL)
			fromboot(kinds[i].options, n * sizeof(CHAR16));
		assert_string_equal(o.report, kinds[i].path);
		assert_int_equal(
		    o.reportown, strcmp(o.report, REPORTFILE) == 0);
		assert_int_equal(o.shell, kinds[i].shell != NULL);
	}
	setup(state);
	stick = true;
	fromboot("", 0); /* nothing is known of the image */
	assert_string_equal(o.report, "");
}

static void
a_file_must_follow(void **state)
{
	(void)state;
	assert_int_equal(fromshell("map -o"), SHELLINVALID);
	assert_said("mem9: -o: expected a file behind it\n");
	setup(state);
	assert_int_equal(fromshell("-o fs1:x"), SHELLINVALID);
	assert_said("mem9: fs1:x: expected a file on mem9's own volume "
		    "(mem9 -h -a shows all)\n");
	setup(state);
	isloaded();
	FROMBOOT(L"*nswap=2 diff");
	assert_said("mem9: diff: expected a file behind it: ignored\n");
	assert_int_equal(o.nswap, 2);
	assert_int_equal(o.command, CMDBOOT);
	setup(state);
	isloaded();
	FROMBOOT(L"diff old.txt");
	assert_said("");
	assert_int_equal(o.command, CMDDIFF);
	assert_string_equal(o.diff, "old.txt");
	setup(state);
	assert_int_equal(fromshell("diff -v"), SHELLINVALID);
	assert_said("mem9: diff: expected a file behind it\n");
	setup(state);
	isloaded();
	FROMBOOT(L"*nswap=1 -o");
	assert_said("mem9: -o: expected a file behind it: ignored\n");
	assert_int_equal(o.nswap, 1);
	assert_string_equal(o.report, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fakeended)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_shells_words_are_obeyed),
	    TEST(help_may_be_asked_for_in_full),
	    TEST(a_wrong_word_of_the_shells_is_an_error),
	    TEST(flags_of_the_map_are_no_way_out_of_firmware),
	    TEST(the_command_line_wins_over_the_file),
	    TEST(load_options_count_without_a_shell_only),
	    TEST(load_options_are_words_between_blanks),
	    TEST(load_options_that_are_no_text_are_left),
	    TEST(load_options_for_another_are_told_of),
	    TEST(of_many_load_options_a_few_are_told),
	    TEST(of_a_long_word_the_beginning_is_told),
	    TEST(words_that_are_too_long_are_told_of),
	    TEST(without_either_it_boots),
	    TEST(who_has_no_shell_gets_a_menu),
	    TEST(where_a_report_goes),
	    TEST(a_file_must_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
