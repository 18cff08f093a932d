/*
 * entry.c - what is done of what was asked for, in a shell, at a menu and with
 * nobody there; what becomes of a log that comes home, and which report is
 * written when.
 *
 * Each command, each key and each report is played, and says its name.
 *
 * needs: tests/host/fakefw.c tests/host/told.c
 * covers: efi/main.c
 */
#include "unit.h"
#include "fakefw.h"
#include "options.h"
#include "told.h"

#include "../../efi/main.c"

static struct {
	char did[400];                /* names, a blank after each */
	Options o;                    /* what was asked for */
	int asked;                    /* what came of reading that */
	const enum menuchoice *chose; /* at the menu, one after the other */
	const enum home *homes;       /* what a log comes to, each time */
	const char *news;             /* what the menu said last */
	unsigned waited;              /* seconds that it would have, first */
	int status;                   /* of each command */
	bool breaks;                  /* each command, by a panic */
	bool unwritten;               /* reports cannot be */
	bool nokeep;                  /* no memory for variables */
	bool takes;                   /* the menu's time runs out */
	jmp_buf caught;
} play;

static void
did(const char *name)
{
	strcat(play.did, name);
	strcat(play.did, " ");
	assert_in_range(strlen(play.did), 1, sizeof play.did - 40);
}

static int
command(const char *name)
{
	did(name);
	if (play.breaks)
		longjmp(play.caught, 1);
	return play.status;
}

int
mapcommand(const Options *o)
{
	(void)o;
	return command("map");
}

int
auditcommand(const Options *o)
{
	(void)o;
	return command("audit");
}

int
diffcommand(const Options *o)
{
	(void)o;
	return command("diff");
}

int
e820command(void)
{
	return command("e820");
}

int
rehearsecommand(const Options *o)
{
	(void)o;
	return command("rehearse");
}

int
bootcommand(const Options *o)
{
	assert_int_equal(o->command, CMDBOOT);
	return command("boot");
}

void
trapinit(void)
{
	did("traps");
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	(void)what;
	if (setjmp(play.caught) != 0)
		return true;
	fn(arg);
	return false;
}

int
getoptions(Options *o)
{
	*o = play.o;
	return play.asked;
}

void
reporthome(const Options *o, Home *h)
{
	(void)o;
	if (play.homes == NULL)
		return;
	did("home");
	h->what = *play.homes++;
	strcpy(h->path, "\\HOME.TXT");
}

void
savedgive(Home *h)
{
	did(h->what == HOMESTUCK ? "giveup" : "give");
}

bool
reportwrite(const Options *o)
{
	if (o->report[0] == '\0')
		return true;
	did(o->reportown ? "own" : "write");
	did(o->report);
	return !play.unwritten;
}

enum menuchoice
menu(unsigned *seconds, const char *news)
{
	did("menu");
	if (play.news == NULL)
		play.waited = *seconds;
	play.news = news != NULL ? news : "";
	if (!play.takes)
		*seconds = 0;
	return *play.chose++;
}

void
menupause(void)
{
	did("pause");
}

void *
birthkeep(void)
{
	return play.nokeep ? NULL : fwtake(10);
}

void
birthagain(const void *kept)
{
	assert_non_null(kept);
	did("again");
}

void
consolewrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

void
consolepeople(void)
{
}

void
consolepages(void)
{
	did("pages");
}

void
logcreate(void *mem, size_t size)
{
	assert_non_null(mem);
	assert_int_equal(size, EARLYLOG);
	did("log");
}

void
lognosinks(void)
{
	did("nosinks");
}

void
logsink(Sink *sink, enum logreplay how)
{
	assert_ptr_equal(sink, consolewrite);
	assert_int_equal(how, LOGNEW);
	did("lines");
}

void
reportown(Options *o)
{
	strcpy(o->report, REPORTFILE);
	o->reportown = true;
}

void
logfresh(void)
{
	did("fresh");
}

static EFI_STATUS
watchdog(UINTN seconds, UINT64 code, UINTN size, CHAR16 *data)
{
	(void)code;
	(void)size;
	assert_int_equal(seconds, 0);
	assert_null(data);
	return EFI_SUCCESS;
}

static int
setup(void **state)
{
	static SIMPLE_INPUT_INTERFACE in;

	(void)state;
	hostquiet();
	memset(&play, 0, sizeof play);
	fakestart();
	fakeservices.SetWatchdogTimer = watchdog;
	fakesystem.ConIn = &in;
	return 0;
}

/* As it is started; what was done, after the log. */
static void
does(const char *what, int status)
{
	char all[sizeof play.did];

	play.did[0] = '\0';
	assert_int_equal(efi_main(fw.image, &fakesystem), status);
	sprintf(all, "log %s", what);
	assert_string_equal(play.did, all);
}

static void
fromshell(enum command c)
{
	play.o.shell = true;
	play.o.command = c;
}

/* As a stick is, by default. */
static void
fromstick(void)
{
	play.o = (Options){.menu = 5, .reportown = true, .report = REPORTFILE};
}

static void
a_shells_command(void **state)
{
	static const struct {
		enum command c;
		const char *does;
	} kinds[] = {{CMDMAP, "traps map give "}, {CMDE820, "traps e820 give "},
	    {CMDAUDIT, "traps audit give "}, {CMDDIFF, "traps diff give "},
	    {CMDREHEARSE, "traps rehearse give "},
	    {CMDBOOT, "traps boot give "}, {CMDREPORT, "traps give "}};

	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		fromshell(kinds[i].c);
		play.status = kinds[i].c == CMDREPORT ? 0 : 3;
		does(kinds[i].does, play.status);
	}
}

static void
with_a_report_of_it(void **state)
{
	(void)state;
	fromshell(CMDMAP);
	strcpy(play.o.report, "\\a");
	does("traps map write \\a give ", SHELLOK);
	play.unwritten = true;
	does("traps map write \\a give ", SHELLDEVICEERROR);
	play.status = SHELLERROR;
	does("traps map write \\a give ", SHELLERROR);
	play.unwritten = false;
	play.breaks = true;
	hostquiet();
	does("traps map write \\a give ", SHELLABORTED);
	assert_said("mem9: back to firmware\n");
}

static void
words_before_it(void **state)
{
	(void)state;
	fromshell(CMDMAP);
	play.o.pagebreak = true;
	does("pages traps map give ", SHELLOK);
	play.o.verbose = true;
	does("nosinks lines pages traps map give ", SHELLOK);
	assert_null(told.to);
	play.asked = SHELLINVALID;
	does("nosinks lines ", SHELLINVALID);
	setup(state);
	play.o.help = true;
	hostquiet();
	does("", SHELLOK);
	assert_mentioned("\nrehearse  run it in memory borrowed ");
	/* Without memory for a log there is none. */
	fakefw.most = 0;
	play.did[0] = '\0';
	assert_int_equal(efi_main(fw.image, &fakesystem), SHELLOK);
	assert_string_equal(play.did, "");
}

static void
a_menus_choices_one_after_the_other(void **state)
{
	static const enum menuchoice chose[] = {
	    MENUMAP, MENUAUDIT, MENUREHEARSE, MENUREPORT, MENUREPORT, MENUEXIT};

	(void)state;
	fromstick();
	play.chose = chose;
	does("menu pages traps map again pause menu pages traps audit again "
	     "pause menu traps rehearse again pause menu own \\MEM9.TXT again "
	     "pause menu own \\MEM9.TXT again pause "
	     "menu give ",
	    SHELLOK);
	assert_int_equal(play.waited, 5);
	assert_string_equal(play.news, "");
}

/* Its screen has what was said before the menu, unless more was said since. */
static void
a_boot_after_a_command_begins_a_new_story(void **state)
{
	static const enum menuchoice chose[] = {MENUREPORT, MENUBOOT, MENUEXIT};

	(void)state;
	fromstick();
	play.chose = chose;
	does("menu own \\MEM9.TXT again pause menu fresh traps boot own "
	     "\\MEM9.TXT again pause menu give ",
	    SHELLOK);
}

/* Under its own name, too, where no report would be written unasked. */
static void
a_report_that_is_asked_for(void **state)
{
	static const enum menuchoice chose[] = {MENUREPORT, MENUEXIT};

	(void)state;
	play.o.menu = 5;
	play.chose = chose;
	does("menu own \\MEM9.TXT again pause menu give ", SHELLOK);
}

/* It may say why: by its report, where it is the only one who knows. */
static void
a_boot_that_cannot_leave_firmware_is_reported(void **state)
{
	static const enum menuchoice chose[] = {MENUBOOT, MENUEXIT};

	(void)state;
	fromstick();
	play.chose = chose;
	play.status = SHELLUNSUPPORTED;
	does("menu traps boot own \\MEM9.TXT again pause menu give ",
	    SHELLUNSUPPORTED);
	play.chose = chose;
	play.breaks = true;
	does("menu traps boot own \\MEM9.TXT again pause menu give ",
	    SHELLABORTED);
	play.breaks = false;
	play.takes = true; /* nobody is there */
	play.chose = chose;
	does("menu traps boot own \\MEM9.TXT give ", SHELLUNSUPPORTED);
	play.o.menu = 0;
	does("traps boot own \\MEM9.TXT give ", SHELLUNSUPPORTED);
}

/* Then there is a menu that waits, whoever would have booted at once. */
static void
a_log_that_came_home_is_waited_with(void **state)
{
	static const enum menuchoice chose[] = {
	    MENUREPORT, MENUMAP, MENUBOOT, MENUEXIT};
	static const enum home came[] = {HOMECAME};

	for (int menu = 0; menu <= 5; menu += 5) {
		setup(state);
		fromstick();
		play.o.menu = menu;
		play.chose = chose;
		play.homes = came;
		does("home menu again pause menu pages traps map again pause "
		     "menu fresh traps boot own \\MEM9.TXT again pause menu "
		     "give ",
		    SHELLOK);
		assert_mentioned(
		    "report: \\HOME.TXT is complete: it is the last boot");
		assert_string_equal(play.news, "The last boot's report is "
					       "complete and can be taken "
					       "home.");
		assert_int_equal(play.waited, 0);
	}
	/* Under a name of the user's it would be replaced. */
	play.o.reportown = false;
	play.chose = chose + 3;
	play.homes = came;
	does("home menu give ", SHELLOK);
	assert_non_null(strstr(play.news, "home. boot replaces it."));
}

/* Its memory is given back when it is home, or when firmware goes on. */
static void
a_log_that_is_stuck_is_tried_again(void **state)
{
	static const enum menuchoice chose[] = {
	    MENUREHEARSE, MENUREPORT, MENUREPORT, MENUREPORT, MENUEXIT};
	static const enum home homes[] = {HOMESTUCK, HOMESTUCK, HOMECAME};

	(void)state;
	fromstick();
	play.chose = chose;
	play.homes = homes;
	does("home menu traps rehearse again pause menu home again pause menu "
	     "home again pause menu again pause menu give ",
	    SHELLOK);
	assert_mentioned("report: \\HOME.TXT is complete: it is the last boot");
	play.chose = chose + 4;
	play.homes = homes;
	does("home menu giveup ", SHELLOK);
	assert_string_equal(play.news,
	    "The last boot's log is in memory and could not be saved: report "
	    "tries again. boot loses it, and exit may.");
}

static void
in_a_shell_nothing_else_is_done(void **state)
{
	static const enum home homes[] = {HOMECAME, HOMESTUCK};

	(void)state;
	fromshell(CMDBOOT);
	strcpy(play.o.report, "\\a");
	play.homes = homes;
	does("home give ", SHELLOK);
	assert_said("report: nothing else was done; the same again for more\n");
	hostquiet();
	does("home giveup ", SHELLDEVICEERROR);
	assert_said("report: nothing else was done; the same again tries once "
		    "more, and anything else may lose the log\n");
}

/* Where nobody can be asked, or nobody wants to be: *menu=0. */
static void
with_nobody_there_what_is_in_a_file_stays(void **state)
{
	static const enum home came[] = {HOMECAME}, stuck[] = {HOMESTUCK};
	static const char stays[] =
	    "report: so that it stays, none is written now\n";

	for (int which = 0; which < 2; which++) {
		setup(state);
		fromstick();
		play.o.menu = which ? 5 : 0;
		play.o.nomenu = !which;
		if (which)
			fakesystem.ConIn = NULL;
		play.homes = came;
		does("home traps boot own \\MEM9.TXT give ", SHELLOK);
		assert_said("");
		play.o.reportown = false;
		play.homes = came;
		does("home traps boot give ", SHELLOK);
		assert_said(stays);
		hostquiet();
		play.homes = stuck;
		play.o.reportown = true;
		does("home traps boot giveup ", SHELLOK);
		assert_mentioned(
		    "report: the log is given up, as there is no menu\n");
		assert_mentioned(stays);
		/* What comes back gives nothing up. */
		hostquiet();
		play.o.command = CMDMAP;
		play.homes = stuck;
		does("home traps map giveup ", SHELLOK);
		assert_said(stays);
	}
}

/* What cannot begin anew is done once, or not at all. */
static void
without_memory_there_is_no_menu(void **state)
{
	static const enum home stuck[] = {HOMESTUCK};

	(void)state;
	fromstick();
	play.o.menu = 5;
	play.nokeep = true;
	play.takes = true;
	does("traps boot own \\MEM9.TXT give ", SHELLOK);
	play.homes = stuck;
	does("home giveup ", SHELLOK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fakeended)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_shells_command),
	    TEST(with_a_report_of_it),
	    TEST(words_before_it),
	    TEST(a_menus_choices_one_after_the_other),
	    TEST(a_boot_after_a_command_begins_a_new_story),
	    TEST(a_report_that_is_asked_for),
	    TEST(a_boot_that_cannot_leave_firmware_is_reported),
	    TEST(a_log_that_came_home_is_waited_with),
	    TEST(a_log_that_is_stuck_is_tried_again),
	    TEST(in_a_shell_nothing_else_is_done),
	    TEST(with_nobody_there_what_is_in_a_file_stays),
	    TEST(without_memory_there_is_no_menu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
