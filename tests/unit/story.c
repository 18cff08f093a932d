/*
 * story.c - what people are told: the very text, that its sums add up, that it
 * fits on 80 columns, and its colours.
 *
 * needs: kern/tell/story.c kern/tell/storychecks.c kern/tell/account.c
 * needs: kern/tell/line.c kern/tell/bigword.c kern/tell/sizetext.c
 * needs: kern/check/checkwords.c kern/format.c kern/value.c
 */
#include "unit.h"
#include "../../kern/tell/bigword.h"
#include "../../kern/tell/story.h"
#include "sizetext.h"

enum { COLS = 80, ROWS = 25 };

static char said[1 << 14];
static char inks[1 << 14]; /* 'a' + ink of each character */
static size_t nsaid;
static enum ink now;

static void
write(const char *s, size_t n)
{
	assert_true(nsaid + n < sizeof said);
	memcpy(said + nsaid, s, n);
	memset(inks + nsaid, 'a' + (int)now, n);
	nsaid += n;
	said[nsaid] = '\0';
}

static void
dip(enum ink ink)
{
	now = ink;
}

static Teller to;
static Facts facts;
static Checkresult checks[MOSTCHECKS];

static void
addcheck(const char *name, enum verdict v, const char *detail)
{
	Checkresult *r = &checks[facts.ncheck++];

	*r = (Checkresult){.name = name, .verdict = v};
	strcpy(r->detail, detail);
}

static int
setup(void **state)
{
	(void)state;
	nsaid = 0;
	said[0] = '\0';
	now = INKPLAIN;
	to = (Teller){write, dip, COLS, ROWS, false};
	facts = (Facts){
	    .firmware = "EDK II",
	    .account = {.installed = true,
		.total = 512 * MiB,
		.share = {[SHAREUSED] = 510 * MiB,
		    [SHAREMEM9] = 2 * MiB - 12 * KiB,
		    [SHAREACPI] = 12 * KiB}},
	    .nstore = 2,
	    .store = {{"pages", 300 * MiB, 4096, false},
		{"malloc", 0, 0, false}},
	    .check = checks,
	};
	addcheck("memmap", OK, "");
	addcheck("mtrr", OK, "0 of 1 KiB");
	addcheck("ram", OK, "8 of 502 MiB tried");
	return 0;
}

static void
mentions(const char *words)
{
	if (strstr(said, words) == NULL)
		fail_msg("'%s' lacks '%s'", said, words);
}

/* The ink of the first character of these words. */
static enum ink
inkof(const char *words)
{
	const char *p = strstr(said, words);

	if (p == NULL)
		fail_msg("'%s' lacks '%s'", said, words);
	return (enum ink)(inks[p - said] - 'a');
}

static size_t
count(char c)
{
	size_t n = 0;

	for (const char *p = said + 1; *p != '\0' && *p != '\n'; p++)
		n += *p == c;
	return n;
}

/* A line of 80 would be followed by an empty one, where consoles wrap. */
static void
fits(void)
{
	for (const char *p = said; *p != '\0';) {
		size_t n = strcspn(p, "\n");

		if (n >= COLS)
			fail_msg("%zu columns: %.*s", n, (int)n, p);
		p += n + (p[n] == '\n');
	}
}

static void
the_machine_in_rows_and_their_sum(void **state)
{
	(void)state;
	storymachine(&facts, &to);
	mentions("This machine's memory  as EDK II has it\n");
	mentions("\n  UU        522,240 KB   510 MB  99.6 %  "
		 "a kernel can use\n");
	mentions("\n  AA             12 KB    12 KB  <0.1 %  ACPI tables\n");
	mentions("\n            524,288 KB   512 MB   100 %  installed, none "
		 "of it lost\n\n");
	assert_null(strstr(said, "below 1 MB"));
	assert_int_equal(inkof("UU "), INKGREEN);
	assert_int_equal(inkof("  522"), INKPLAIN);
	assert_int_equal(inkof("none of it"), INKGOOD);
	assert_int_equal(now, INKPLAIN);
	fits();
}

/* The exact size in a row, in KiB; what it is stands at WHAT. */
enum { WHAT = 41 };
static uint64_t
exact(const char *row)
{
	uint64_t v = 0;

	for (const char *p = row + 4; strncmp(p, " KB", 3) != 0; p++)
		if (*p >= '0' && *p <= '9')
			v = v * 10 + (uint64_t)(*p - '0');
	return v;
}

/* Every share has its words, and a part of the bar, whatever its size. */
static void
all_shares_at_once(void **state)
{
	uint64_t sum = 0;

	(void)state;
	facts.account.total = 0;
	for (int s = 0; s < NSHARE; s++) {
		facts.account.share[s] = (s == SHARESILENT ? GiB : 1) * BY2PG;
		facts.account.total += facts.account.share[s];
	}
	facts.account.total -= BY2PG;
	facts.account.extra = BY2PG;
	facts.rehearsal = true;
	storymachine(&facts, &to);
	fits();
	const char *bar = strchr(said, '\n') + 1;
	assert_int_equal(strcspn(bar, "\n"), 2 + 76);
	assert_int_equal(strspn(bar + 2, "UMfb=ARK-x"), 76);
	assert_int_equal(strspn(bar + 2, "UMfb=ARK"), 8);
	assert_int_equal(strcspn(bar, "x"), 2 + 76 - 6);
	for (const char *p = strchr(bar, '\n') + 1; *p != '\n';
	     p = strchr(p, '\n') + 1) {
		uint64_t v = exact(p);

		if (strncmp(p + WHAT, "minus", 5) == 0)
			sum -= v;
		else if (strncmp(p + WHAT, "installed", 9) == 0)
			assert_int_equal(v, sum);
		else
			sum += v;
	}
	assert_int_equal(sum, facts.account.total / KiB);
	mentions(" has it now\n");
	mentions("borrowed for this rehearsal\n");
	mentions("  minus: more than there is\n");
	mentions("installed, 24 KB of the map lost\n");
	assert_int_equal(inkof("lost: bad"), INKBAD);
	assert_int_equal(inkof("24 KB of"), INKBAD);
}

/* RAM that is not there is none of what is installed: nothing of that is lost.
 */
static void
what_was_too_much_is_not_lost_of_what_is_installed(void **state)
{
	(void)state;
	facts.account = (Account){.installed = true,
	    .total = GiB,
	    .extra = 16 * MiB,
	    .share = {[SHAREUSED] = GiB, [LOSTBAD] = 16 * MiB}};
	storymachine(&facts, &to);
	mentions("installed, 16 MB of the map lost\n");
	facts.account.extra = 0;
	facts.account.share[SHAREUSED] -= 16 * MiB;
	storymachine(&facts, &to);
	mentions("installed, 16 MB of it lost\n");
}

/* No map at all: nothing to tell. */
static void
no_memory_is_no_story(void **state)
{
	(void)state;
	facts.account = (Account){.total = 0};
	storymachine(&facts, &to);
	assert_string_equal(said, "");
}

static void
who_installed_it_may_be_unknown(void **state)
{
	(void)state;
	facts.account.installed = false;
	storymachine(&facts, &to);
	mentions(" has it\n");
	mentions("   100 %  in firmware's map, none of it lost\n");
}

static void
allocators_with_bars(void **state)
{
	(void)state;
	facts.store[facts.nstore++] = (Store){"full", GiB, GiB, false};
	facts.store[facts.nstore++] = (Store){"half", GiB, GiB / 2, false};
	storymemory(&facts, &to);
	mentions("\n  pages              300 MB     4 KB   299 MB  #....");
	mentions("\n  malloc               0 KB     0 KB     0 KB  nobody has "
		 "asked for any\n");
	mentions("  ###############################\n");
	mentions("  ###############................\n");
	assert_int_equal(inkof("#"), INKCYAN);
	assert_int_equal(inkof("....."), INKDIM);
	fits();
}

/* Before it was used, and since; with the largest sizes there is room. */
static void
how_much_ram_was_tried(void **state)
{
	(void)state;
	facts.ram = (Ramtry){2000, 128500, 76533};
	storychecks(&facts, &to);
	mentions(
	    "\n  [ ok ]  RAM           1 of 1    7.8 MB before use, 298 MB "
	    "since, of 501 MB\n");
	fits();
	nsaid = 0;
	facts.ram = (Ramtry){1023 << 8, 1023 << 8, 1023 << 8};
	storychecks(&facts, &to);
	mentions(" 1023 MB before use, 1023 MB since, of 1023 MB\n");
	fits();
}

static void
checks_by_group(void **state)
{
	(void)state;
	addcheck("text-write", FAILED, "nothing happened");
	addcheck("null-read", FAILED, "");
	addcheck("user-read", SKIPPED, "no SMAP");
	addcheck("services", SKIPPED, "none");
	addcheck("unheard-of", FAILED, "");
	storychecks(&facts, &to);
	mentions("Checks\n  [ ok ]  memory map    2 of 2    ");
	mentions("\n  [ ok ]  RAM           1 of 1    8 of 502 MiB tried\n");
	mentions("\n  [FAIL]  protection    0 of 3    code, data, ");
	mentions("\n          text-write failed: it does not hold that code "
		 "cannot be written:\n          nothing happened\n");
	mentions("\n          null-read failed: it does not hold that address "
		 "0 cannot be read\n");
	mentions("\n          user-read skipped: no SMAP\n");
	mentions("\n  [FAIL]  firmware      0 of 2    its services answer\n"
		 "          services skipped: none\n");
	mentions("unheard-of failed: it does not hold that all is as it should "
		 "be\n");
	assert_null(strstr(said, "page tables"));
	assert_int_equal(inkof("[ ok ]"), INKGOOD);
	assert_int_equal(inkof("[FAIL]"), INKBAD);
	assert_int_equal(inkof("text-write"), INKBAD);
	assert_int_equal(inkof("user-read"), INKDIM);
	fits();
	setup(state);
	addcheck("services", SKIPPED, "none");
	storychecks(&facts, &to);
	mentions("\n  [skip]  firmware      0 of 1");
	assert_int_equal(inkof("[skip]"), INKWARN);
}

/* They are said in their group's row, where all of them fit. */
static void
those_that_were_skipped_take_no_row(void **state)
{
	addcheck("cpus", SKIPPED, "there is one");
	addcheck("user-read", SKIPPED, "no SMAP");
	addcheck("user-run", SKIPPED, "no SMEP");
	storychecks(&facts, &to);
	mentions(" allocators    0 of 1    skipped cpus: there is one\n");
	mentions(" protection    0 of 2    "
		 "skipped user-read: no SMAP; user-run: no SMEP\n");
	assert_null(strstr(said, "          user-read"));
	fits();
	setup(state);
	addcheck("user-read", SKIPPED, "no SMAP");
	addcheck("user-run", SKIPPED, "no SMEP!");
	storychecks(&facts, &to);
	mentions("\n          user-read skipped: no SMAP\n"
		 "          user-run skipped: no SMEP!\n");
	fits();
}

/* However much a check has to say of itself. */
static void
long_reasons_are_folded(void **state)
{
	char detail[CHECKDETAIL];

	(void)state;
	memset(detail, 'x', sizeof detail - 1);
	for (size_t i = 20; i < sizeof detail; i += 21)
		detail[i] = ' ';
	detail[sizeof detail - 1] = '\0';
	addcheck("nmi", FAILED, detail);
	storychecks(&facts, &to);
	fits();
	mentions("\n          xxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxx "
		 "xxxxxxxxxxxxxxxxxxxx\n");
}

static void
no_checks_are_no_pass(void **state)
{
	const Ending e = {.us = 1};

	(void)state;
	facts.ncheck = 0;
	storychecks(&facts, &to);
	storyend(&e, &to);
	assert_string_equal(
	    said, "Checks  none: *checks=none\n\nNothing was checked.\n");
}

/* In so many rows, and with what a check has failed. */
static bool
shown(unsigned rows)
{
	nsaid = 0;
	to.rows = rows;
	return storyshown(&facts, &to);
}

/*
 * 17 rows of its own, 5 of large letters, and 5 more: in full where that many
 * are on the screen, otherwise without what can be left out.
 */
static void
in_brief_where_it_would_scroll_off(void **state)
{
	(void)state;
	facts.store[1].within = true;
	addcheck("services", SKIPPED, "none");
	addcheck("pages", OK, "");
	storyall(&facts, &to);
	char *full = strdup(said);
	assert_true(shown(ROWS + 1));
	assert_string_equal(said, full);
	shown(0);
	assert_string_equal(said, full);
	to.pages = true;
	shown(ROWS - 1);
	assert_string_equal(said, full);
	to.pages = false;
	free(full);
	assert_false(shown(ROWS));
	mentions("none of it lost\nThe kernel's memory ");
	mentions("free\n  pages ");
	mentions("\n  [ ok ]  memory map, allocators, RAM\n"
		 "  [skip]  firmware\n");
	assert_null(strstr(said, "malloc"));
	assert_null(strstr(said, "Checks"));
	assert_null(strstr(said, "\n\n"));
	assert_string_equal(said + nsaid - 9, "firmware\n");
	fits();
}

/* What failed is named, however little room there is. */
static void
in_brief_failures_are_told(void **state)
{
	(void)state;
	addcheck("nmi", FAILED, "nothing happened");
	shown(1);
	mentions("\n  [ ok ]  memory map, RAM\n  [FAIL]  faults        0 of 1");
	mentions("\n          nmi failed: it does not hold that ");
	assert_null(strstr(said, "[skip]"));
	facts.ncheck = 0;
	shown(1);
	mentions("\nChecks  none: *checks=none\n");
	assert_null(strstr(said, "[ ok ]"));
}

static const char *const pass[] = {
    "  ########      ######      ########    ########",
    "  ##      ##  ##      ##  ##          ##",
    "  ########    ##########    ######      ######",
    "  ##          ##      ##          ##          ##",
    "  ##          ##      ##  ########    ########",
};

static void
it_passed_in_large_letters(void **state)
{
	const Ending e = {
	    .passed = 21, .skipped = 1, .us = 1999999, .more = "more: log"};

	(void)state;
	storyend(&e, &to);
	assert_null(strstr(said, "reset"));
	for (const char *const *row = pass; row < pass + nelem(pass); row++)
		mentions(*row);
	assert_int_equal(inkof("####"), INKGREEN);
	mentions("  PASS: nothing failed\n");
	mentions("  21 checks passed, 1 skipped\n");
	mentions("  in 1.9 s\n");
	mentions("  more: log\n\n");
	fits();
}

/* By a key where there is one. */
static void
a_reset_saves_the_report(void **state)
{
	Ending e = {.passed = 1, .saves = true};

	(void)state;
	storyend(&e, &to);
	mentions("  reset to save the report\n");
	setup(state);
	e.more = "more: log, on the serial line";
	e.key = true;
	storyend(&e, &to);
	mentions("  reset (R) to save the report\n");
	mentions("  more: log, on the serial line\n");
	fits();
}

static void
it_failed_and_why(void **state)
{
	Ending e = {.passed = 1, .failed = 2, .us = 100000};

	(void)state;
	storyend(&e, &to);
	assert_int_equal(inkof("####"), INKRED);
	mentions("  ##########    ######      ######    ##          FAIL: 2 "
		 "checks failed\n");
	mentions("  1 check passed\n");
	setup(state);
	e.failed = 1;
	storyend(&e, &to);
	mentions("  FAIL: 1 check failed\n");
	setup(state);
	e.failed = 0;
	e.why = "some memory is not back";
	storyend(&e, &to);
	assert_int_equal(inkof("####"), INKRED);
	mentions("  FAIL: some memory is not back\n");
	fits();
}

/* The report above it must stay on the screen. */
static void
what_broke_off_leaves_room_for_the_report(void **state)
{
	const Ending e = {.broken = true, .why = "it broke off"};

	(void)state;
	storyend(&e, &to);
	assert_string_equal(said, "FAIL: it broke off\n");
	to.rows = 37;
	storyend(&e, &to);
	mentions("##          FAIL: it broke off\n");
	assert_null(strstr(said, "passed"));
}

/* A tenth of the screen at least, and never too wide for it. */
static void
letters_grow_with_the_screen(void **state)
{
	static const unsigned sizes[][3] = {{80, 25, 1}, {100, 37, 1},
	    {160, 50, 1}, {160, 45, 1}, {240, 67, 2}, {160, 135, 3},
	    {80, 60, 1}, {0, 0, 1}, {20, 4, 1}};

	(void)state;
	for (size_t i = 0; i < nelem(sizes); i++) {
		to.cols = sizes[i][0];
		to.rows = sizes[i][1];
		assert_int_equal(bigscale(&to, 4), sizes[i][2]);
	}
	to = (Teller){write, dip, 240, 67, false};
	storyend(&(Ending){.passed = 1}, &to);
	mentions("  ################            ############  ");
	assert_int_equal(count('#'), 2 * (8 + 6 + 8 + 8));
}

static void
marks_as_the_checks_go(void **state)
{
	(void)state;
	storymark(OK, &to);
	storymark(FAILED, &to);
	storymark(SKIPPED, &to);
	assert_string_equal(said, ".Fs");
	assert_int_equal(inkof("."), INKGOOD);
	assert_int_equal(inkof("F"), INKBAD);
	assert_int_equal(inkof("s"), INKWARN);
	assert_int_equal(now, INKPLAIN);
}

/* In a file, or on a serial line. */
static void
colours_are_not_needed(void **state)
{
	(void)state;
	storymachine(&facts, &to);
	char *with = strdup(said);
	setup(state);
	to.ink = NULL;
	storymachine(&facts, &to);
	storymark(OK, &to);
	assert_memory_equal(said, with, strlen(with));
	free(with);
}

static void
a_line_holds_what_it_can(void **state)
{
	Cells l = {.n = 0};

	(void)state;
	linefill(&l, INKPLAIN, 'a', LINECELLS - 1);
	lineput(&l, INKHEAD, "bc%d", 1);
	linetab(&l, 3);
	linefill(&l, INKPLAIN, 'd', 2);
	assert_int_equal(l.n, LINECELLS);
	lineend(&l, &to);
	assert_int_equal(nsaid, LINECELLS + 1);
	assert_int_equal(said[LINECELLS - 1], 'b');
	assert_int_equal(l.n, 0);
	linewords(&to, INKPLAIN, 3, "");
	assert_int_equal(nsaid, LINECELLS + 1);
	assert_panics(bigrow(&l, INKPLAIN, "X", 1, 0), "letter X");
}

static void
sizes_as_people_read_them(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {{0, "   0 KB"}, {512, " 0.5 KB"}, {100 * KiB, " 100 KB"},
	    {99 * KiB + 1000, "99.9 KB"}, {1023 * KiB, "1023 KB"},
	    {MiB + 205 * KiB, " 1.2 MB"}, {TiB, "   1 TB"},
	    {UINT64_MAX, "15.9 EB"}};
	static const struct {
		uint64_t n;
		const char *text;
	} groups[] = {{0, "0"}, {999, "999"}, {1000, "1,000"},
	    {1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
	char text[GROUPTEXT];

	(void)state;
	for (size_t i = 0; i < nelem(sizes); i++)
		assert_string_equal(
		    sizetext(text, sizes[i].bytes), sizes[i].text);
	for (size_t i = 0; i < nelem(groups); i++)
		assert_string_equal(
		    grouptext(text, groups[i].n), groups[i].text);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_machine_in_rows_and_their_sum),
	    TEST(all_shares_at_once),
	    TEST(what_was_too_much_is_not_lost_of_what_is_installed),
	    TEST(no_memory_is_no_story),
	    TEST(who_installed_it_may_be_unknown),
	    TEST(allocators_with_bars),
	    TEST(how_much_ram_was_tried),
	    TEST(checks_by_group),
	    TEST(those_that_were_skipped_take_no_row),
	    TEST(long_reasons_are_folded),
	    TEST(in_brief_where_it_would_scroll_off),
	    TEST(in_brief_failures_are_told),
	    TEST(no_checks_are_no_pass),
	    TEST(it_passed_in_large_letters),
	    TEST(a_reset_saves_the_report),
	    TEST(it_failed_and_why),
	    TEST(what_broke_off_leaves_room_for_the_report),
	    TEST(letters_grow_with_the_screen),
	    TEST(marks_as_the_checks_go),
	    TEST(colours_are_not_needed),
	    TEST(a_line_holds_what_it_can),
	    TEST(sizes_as_people_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
