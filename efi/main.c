/*
 * main.c - entry: what the user wants, while firmware is alive.
 *
 *	options --> map             prints and returns to the shell
 *	        --> boot            leaves firmware for good (leave.c)
 */
#include "hooks.h"
#include "log.h"
#include "uefi.h"

enum { EARLYLOG = 64 * 1024 };

Firmware fw;

static void
usage(void)
{
	print(
	    "mem9 " VERSION ": a PC's memory, from firmware's map to a page "
	    "allocator\n\n"
	    "    mem9 [-h] [-v] [-b] [boot|map|e820] [key=value ...]\n\n"
	    "    boot    leave firmware, run the memory system, stay in its "
	    "monitor\n"
	    "    map     print firmware's memory map and return\n"
	    "    -b      stop after each screen    -v  lines for programs\n\n"
	    "    *end=monitor|poweroff|reset|halt  what happens in the end\n"
	    "    *checks=none|quick|full           how much is verified\n"
	    "    *maxmem=SIZE *directmap=SIZE      use less; map less\n"
	    "    *kernelpercent=N *nswap=PAGES     the kernel's share; swap\n"
	    "    *bootscreen=off                   serial line only\n"
	    "    console=off|N [bBAUD]             serial port 0 to 3\n\n"
	    "SIZE is bytes, or with K, M, G or T. mem9.ini beside the program "
	    "may\nhold the same keys, one a line; the command line wins.\n");
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
	logsink(consolewrite, LOGNEW);
	int status = getoptions(&o);
	if (status == SHELLOK && o.pagebreak)
		consolepages();
	if (status == SHELLOK && o.help)
		usage();
	else if (status == SHELLOK && o.command == CMDMAP)
		status = mapcommand(&o);
	else if (status == SHELLOK && o.command == CMDE820)
		status = e820command();
	else if (status == SHELLOK)
		status = bootcommand(&o);
	fwfree(early);
	return (EFI_STATUS)status;
}
