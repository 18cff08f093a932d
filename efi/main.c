/*
 * main.c - entry: what the user wants, while firmware is alive.
 *
 *	report.c <- the last boot's log, if there is one to save
 *	options --> map, e820       print and return to the shell (map.c)
 *	        --> audit, diff     likewise (audit/, diff.c)
 *	        --> rehearse        borrows memory and returns (rehearse.c)
 *	        --> boot            leaves firmware for good (leave.c)
 *	menu.c  --> one of these, where there is no shell to ask
 */
#include "birth.h"
#include "commands.h"
#include "firmware.h"
#include "hooks.h"
#include "log.h"
#include "menu.h"
#include "report.h"
#include "tell.h"
#include "trap.h"

enum { EARLYLOG = 256 * 1024 };

/* On one screen of 25 rows. */
static const char *const usagetext[] = {
    "mem9 " VERSION ": a PC's memory, from firmware's map to a page allocator",
    "",
    "    mem9 [-h] [-v] [-b] [-a] [-r] [-sfo] [-o FILE]",
    "        [COMMAND] [KEY=VALUE ...]",
    "",
    "boot      leave firmware, run the memory system, stay in its monitor",
    "map       print firmware's memory map and return",
    "audit     check firmware's page tables and memory map; 1 if something",
    "          is wrong",
    "diff FILE hold the map against one saved before (map -v, -o, a dmesg,",
    "          memmap ...): what a hibernated system trips over; 1 if so",
    "rehearse  run it in memory borrowed from firmware, and return",
    "e820      print firmware's map as a line for plan9.ini, and return",
    "report    write what is known to \\MEM9.TXT, or where that is complete to",
    "          the next name, \\MEM9-2.TXT; or as -o says; and return",
    "-b        stop after each screen       -v  lines for programs",
    "-a -r     map: all rows, or in firmware's order; diff -a: owners, too",
    "-sfo      map: lines as the shell's memmap has them (-v: what for, too)",
    "-o FILE   a report into this file of mem9's own volume; after boot and",
    "          a reset the same words add the rest to it",
    "-h -a     this, and all KEY=VALUE words",
};

static const char *const keytext[] = {
    "",
    "*end=monitor|poweroff|reset|halt     what happens in the end",
    "*menu=SECONDS                        a menu so long, without a shell",
    "*report=off                          no report, unless -o asks for one",
    "*checks=none|quick|full              how much is verified",
    "*maxmem=SIZE *directmap=SIZE         use less of the RAM; map less",
    "*kernelpercent=N *nswap=PAGES        the kernel's share; swap",
    "*ncpu=N *nomp=1                      how many CPUs run; one",
    "*e820=MAP umbexclude=A-B,...         in place of firmware's map",
    "*verbose=1                           as -v: on the screen, too",
    "*ramscan=1 *poison=1 *nokaslr=1      try all RAM; spoil what firmware",
    "                                     left; no random addresses",
    "*bootscreen=off console=off|N,bBAUD  no screen; serial port 0 to 3, or",
    "                                     io,ADDR mmio,ADDR mmio32,ADDR",
    "",
    "SIZE is bytes, or with K, M, G or T. \\mem9.ini, and one beside the",
    "program, may hold the same keys, one a line; the command line wins.",
};

static void
usage(bool all)
{
	for (size_t i = 0; i < nelem(usagetext); i++)
		print("%s\n", usagetext[i]);
	for (size_t i = 0; i < nelem(keytext) && all; i++)
		print("%s\n", keytext[i]);
}

typedef struct Run Run;

/* A command under way. */
struct Run {
	const Options *o;
	int status;
};

static void
run(void *arg)
{
	Run *r = arg;

	switch (r->o->command) {
	case CMDMAP:
		r->status = mapcommand(r->o);
		break;
	case CMDAUDIT:
		r->status = auditcommand(r->o);
		break;
	case CMDDIFF:
		r->status = diffcommand(r->o);
		break;
	case CMDE820:
		r->status = e820command();
		break;
	case CMDREHEARSE:
		r->status = rehearsecommand(r->o);
		break;
	case CMDBOOT:
		r->status = bootcommand(r->o);
		break;
	default: /* report, which is not done here */
		break;
	}
}

/* As long as firmware lives a panic ends here, and then in its shell. */
static int
docommand(const Options *o)
{
	Run r = {.o = o};
	Caught what;

	trapinit();
	if (!faults(run, &r, &what))
		return r.status;
	print("mem9: back to firmware\n");
	return SHELLABORTED;
}

/* With a report of it, if there is to be one. */
static int
reported(const Options *o)
{
	int status = docommand(o);

	if (!reportwrite(o) && status == SHELLOK)
		status = SHELLDEVICEERROR;
	return status;
}

/* What people are told above the menu, or NULL. */
static const char *
news(const Options *o, enum home home)
{
	if (home == HOMESTUCK)
		return "The last boot's log is in memory and could not be "
		       "saved: report tries again. boot loses it, and exit "
		       "may.";
	if (home == HOMENONE)
		return NULL;
	return o->reportown ? "The last boot's report is complete and can be "
			      "taken home."
			    : "The last boot's report is complete and can be "
			      "taken home. boot replaces it.";
}

/* One that has just come home is complete, and stays. */
static void
menureport(Options *o, Home *home)
{
	if (home->what == HOMESTUCK)
		reporthome(o, home);
	else if (home->what == HOMECAME)
		print("report: %s is complete: it is the last boot's, and "
		      "can be taken home\n",
		    home->path);
	else {
		if (o->report[0] == '\0')
			reportown(o);
		reportwrite(o);
	}
}

/*
 * Whoever sits there chooses, until mem9 has left firmware or goes back to it;
 * nobody does, and it boots. Each command finds the image as it was born, but
 * for what is known already: one memory system may have run in it before. A
 * boot's screen shows nothing of that, but what was said before the menu, which
 * has cleared it away, if there is nothing else.
 */
static int
frommenu(Options *o, Home *home)
{
	static const enum command commands[NMENU] = {[MENUBOOT] = CMDBOOT,
	    [MENUMAP] = CMDMAP,
	    [MENUAUDIT] = CMDAUDIT,
	    [MENUREHEARSE] = CMDREHEARSE,
	    [MENUREPORT] = CMDREPORT};
	unsigned seconds = home->what != HOMENONE ? 0 : (unsigned)o->menu;
	o->menu = MAX(o->menu, 1); /* there is one, each time */
	void *kept = birthkeep();
	int status = SHELLOK;
	bool ran = false; /* a command did */

	for (;;) {
		/* Only once, if it cannot begin anew. */
		enum menuchoice c = kept != NULL
					? menu(&seconds, news(o, home->what))
				    : home->what == HOMENONE ? MENUBOOT
							     : MENUEXIT;

		if (c == MENUEXIT)
			break;
		o->command = commands[c];
		if (c == MENUMAP || c == MENUAUDIT)
			consolepages();
		if (c == MENUREPORT)
			menureport(o, home);
		else if (c == MENUBOOT) {
			if (ran)
				logfresh();
			status = reported(o);
		} else
			status = docommand(o);
		if (seconds != 0)
			break;
		ran = true;
		birthagain(kept);
		menupause();
	}
	fwfree(kept);
	return status;
}

/*
 * In a shell whoever sits there says what is next. One that has just come home
 * is replaced only by the same words again.
 */
static int
shellhome(enum home home)
{
	if (home == HOMECAME) {
		print(
		    "report: nothing else was done; the same again for more\n");
		return SHELLOK;
	}
	print("report: nothing else was done; the same again tries once more, "
	      "and anything else may lose the log\n");
	return SHELLDEVICEERROR;
}

/* Nobody is asked. */
static int
alonehome(Options *o, enum home home)
{
	if (home == HOMESTUCK && o->command == CMDBOOT)
		print("report: the log is given up, as there is no menu\n");
	if (home == HOMESTUCK || !o->reportown) {
		print("report: so that it stays, none is written now\n");
		o->report[0] = '\0';
	}
	return reported(o);
}

/*
 * What was asked for, or is chosen now: before a log is lost somebody must have
 * said so, if there is anybody.
 */
static int
choose(Options *o, Home *home)
{
	bool waits = home->what != HOMENONE && o->command == CMDBOOT &&
		     !o->nomenu && fw.st->ConIn != NULL;

	if (home->what == HOMENONE)
		return !o->shell && o->menu > 0 ? frommenu(o, home)
						: reported(o);
	if (o->shell)
		return shellhome(home->what);
	return waits ? frommenu(o, home) : alonehome(o, home->what);
}

static int
go(Options *o)
{
	Home home = {.what = HOMENONE};

	reporthome(o, &home);
	int status = choose(o, &home);
	savedgive(&home);
	return status;
}

EFI_STATUS
efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
	static Options o; /* large */
	void *early = NULL;

	fw = (Firmware){image, st, st->BootServices};
	fw.bs->SetWatchdogTimer(0, 0, 0, NULL);
	early = fwtake(EARLYLOG);
	if (early != NULL)
		logcreate(early, EARLYLOG);
	consolepeople();
	int status = getoptions(&o);
	if (o.verbose) {
		lognosinks();
		logsink(consolewrite, LOGNEW);
		tellto(NULL);
	}
	if (status == SHELLOK && o.pagebreak)
		consolepages();
	if (status == SHELLOK && o.help)
		usage(o.all);
	else if (status == SHELLOK)
		status = go(&o);
	fwfree(early);
	return (EFI_STATUS)status;
}
