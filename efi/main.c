/*
 * main.c - entry: what the user wants, while firmware is alive.
 *
 *	options --> map, e820       print and return to the shell (map.c)
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
#include "tell.h"
#include "trap.h"

enum { EARLYLOG = 64 * 1024 };

static const char *const usagetext[] = {
    "mem9 " VERSION ": a PC's memory, from firmware's map to a page allocator",
    "",
    "    mem9 [-h] [-v] [-b] [-a] [-r] [-sfo] [COMMAND] [KEY=VALUE ...]",
    "",
    "boot      leave firmware, run the memory system, stay in its monitor",
    "map       print firmware's memory map and return",
    "rehearse  run it in memory borrowed from firmware, and return",
    "e820      print firmware's map as a line for plan9.ini, and return",
    "-b        stop after each screen       -v  lines for programs",
    "-a -r     map: all rows, or in firmware's order, too",
    "-sfo      map: lines as the shell's memmap has them (-v: what for, too)",
    "",
    "*end=monitor|poweroff|reset|halt     what happens in the end",
    "*menu=SECONDS                        a menu so long, without a shell",
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
usage(void)
{
	for (size_t i = 0; i < nelem(usagetext); i++)
		print("%s\n", usagetext[i]);
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
	case CMDE820:
		r->status = e820command();
		break;
	case CMDREHEARSE:
		r->status = rehearsecommand(r->o);
		break;
	case CMDBOOT:
		r->status = bootcommand(r->o);
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

/*
 * Whoever sits there chooses, until mem9 has left firmware or goes back to it;
 * nobody does, and it boots. Each command finds the image as it was born, but
 * for what is known already: one memory system may have run in it before.
 */
static int
frommenu(Options *o)
{
	static const enum command commands[NMENU] = {[MENUBOOT] = CMDBOOT,
	    [MENUMAP] = CMDMAP,
	    [MENUREHEARSE] = CMDREHEARSE};
	unsigned seconds = (unsigned)o->menu;
	void *kept = birthkeep();
	int status = SHELLOK;

	for (;;) {
		/* Only once, if it cannot begin anew. */
		enum menuchoice c = kept != NULL ? menu(&seconds) : MENUBOOT;

		if (c == MENUEXIT)
			break;
		o->command = commands[c];
		if (c == MENUMAP)
			consolepages();
		status = docommand(o);
		if (seconds != 0)
			break;
		birthagain(kept);
		menupause();
	}
	fwfree(kept);
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
		usage();
	else if (status == SHELLOK && o.menu > 0)
		status = frommenu(&o);
	else if (status == SHELLOK)
		status = docommand(&o);
	fwfree(early);
	return (EFI_STATUS)status;
}
