/*
 * monitor.c - a prompt, a line, and so on for ever.
 *
 * Input is polled, as mem9 runs with interrupts off.
 */
#include "monitor.h"
#include "obey.h"
#include "more.h"
#include "readline.h"
#include "tell.h"

void
monitor(void)
{
	char line[EDITMAX];

	tellasked(false); /* a command may have led here */
	morestop();
	for (;;) {
		readline("mem9> ", commandwords, line);
		obey(line);
	}
}
