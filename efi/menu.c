/*
 * menu.c - see menu.h.
 *
 * Keys are looked for a few times a second, as every firmware can do that; one
 * that means nothing does not stop the clock: to some a serial port that is
 * not there is a key that is pressed for ever.
 */
#include "menu.h"
#include "commands.h"
#include "firmware.h"
#include "hooks.h"
#include "ink.h"
#include "log.h"

enum { TICK = 50000, TICKS = 20 }; /* microseconds; in a second */

static const struct {
	char letter;
	const char *name;
	const char *what;
} choices[NMENU] = {
    [MENUBOOT] = {'b', "boot", "leave firmware for good, and check it all"},
    [MENUMAP] = {'m', "map", "firmware's memory map, a screen at a time"},
    [MENUAUDIT] = {'a', "audit", "what is wrong with it and with page tables"},
    [MENUREHEARSE] = {'r', "rehearse",
	"the same in borrowed memory, and back here"},
    [MENUREPORT] = {'p', "report",
	"write what is known to a file on this volume"},
    [MENUEXIT] = {'x', "exit", "back to firmware"},
};

static bool
readkey(EFI_INPUT_KEY *key)
{
	SIMPLE_INPUT_INTERFACE *in = fw.st->ConIn;

	return !EFI_ERROR(in->ReadKeyStroke(in, key));
}

static void
clearscreen(void)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.st->ConOut;

	if (out != NULL)
		out->ClearScreen(out);
}

static void
draw(int at, const char *news)
{
	const Teller *to = consoleteller();
	Cells l = {.n = 0};

	clearscreen();
	lineput(&l, INKHEAD, "mem9 " VERSION);
	lineput(&l, INKDIM,
	    "  a PC's memory, from firmware's map to a page allocator");
	lineend(&l, to);
	lineend(&l, to);
	if (news != NULL) {
		linewords(to, INKWARN, 1, news);
		lineend(&l, to);
	}
	for (int i = 0; i < NMENU; i++) {
		enum ink ink = i == at ? INKHEAD : INKPLAIN;

		lineput(&l, ink, " %c %c  %-9s  %s", i == at ? '>' : ' ',
		    choices[i].letter, choices[i].name, choices[i].what);
		lineend(&l, to);
	}
	lineend(&l, to);
	lineput(&l, INKDIM, " arrows and Enter, or a letter");
	lineend(&l, to);
}

/* The line below it, written again each second. */
static void
countdown(unsigned seconds)
{
	const Teller *to = consoleteller();
	Cells l = {.n = 0};

	lineput(&l, INKPLAIN, "\r boots by itself in %u s \b", seconds);
	for (size_t i = 0; i < l.n; i++)
		to->write(&l.cell[i].c, 1);
}

/* Where that key leads from there; *done: it is the choice. */
static int
obey(const EFI_INPUT_KEY *key, int at, bool *done)
{
	CHAR16 c = key->UnicodeChar;

	if (key->ScanCode == SCAN_UP)
		return (at + NMENU - 1) % NMENU;
	if (key->ScanCode == SCAN_DOWN)
		return (at + 1) % NMENU;
	*done = c == '\r' || c == '\n';
	for (int i = 0; i < NMENU && !*done; i++)
		if (c == choices[i].letter || c == choices[i].letter - 32) {
			*done = true;
			at = i;
		}
	return at;
}

enum menuchoice
menu(unsigned *seconds, const char *news)
{
	bool done = false;
	int at = MENUBOOT;

	if (fw.st->ConIn == NULL)
		return MENUBOOT;
	draw(at, news);
	for (unsigned tick = 0; !done; tick++) {
		EFI_INPUT_KEY key = {0, 0};
		int was = at;

		if (*seconds != 0 && tick == *seconds * TICKS)
			break;
		if (*seconds != 0 && tick % TICKS == 0)
			countdown(*seconds - tick / TICKS);
		if (readkey(&key))
			at = obey(&key, at, &done);
		if (done || at != was)
			*seconds = 0;
		if (at != was && !done)
			draw(at, news);
		fw.bs->Stall(TICK);
	}
	clearscreen(); /* for what was chosen */
	return (enum menuchoice)at;
}

void
menupause(void)
{
	static const char text[] = "-- any key for the menu, l for the log --";
	EFI_INPUT_KEY key = {0, 0};

	if (fw.st->ConIn == NULL)
		return;
	for (;;) {
		consoleflows();
		consolewrite(text, sizeof text - 1);
		while (!readkey(&key))
			fw.bs->Stall(TICK);
		consolewrite("\n", 1);
		if (key.UnicodeChar != 'l' && key.UnicodeChar != 'L')
			return;
		consolepages();
		logreplay(consolewrite, SIZE_MAX);
	}
}
