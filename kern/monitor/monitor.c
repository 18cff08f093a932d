/*
 * monitor.c - a prompt, a line, and so on for ever.
 *
 * Input is polled, as mem9 runs with interrupts off.
 */
#include "monitor.h"
#include "hooks.h"
#include "kept.h"
#include "keyboard.h"
#include "keys.h"
#include "more.h"
#include "obey.h"
#include "progress.h"
#include "readline.h"
#include "scan.h"
#include "tell.h"

/* No prompt, then; but a screen may show one thing after another (turn.h). */
static void
nobody(void)
{
	print("nobody can type here; %s\n", keptopened()
						? "reset to save the report"
						: "to end: the power button");
	while (!keyscome())
		keywait();
}

void
monitor(void)
{
	char line[EDITMAX];

	tellasked(false); /* a command may have led here */
	morestop();
	progresswatched();
	scanabandoned();
	for (;;) {
		if (keyboardlost())
			print("the keyboard sends without end: it is not "
			      "listened to any more\n");
		if (!keyscome())
			nobody();
		readline("mem9> ", commandwords, line);
		obey(line);
	}
}
