/*
 * turn.c - see turn.h.
 *
 *	page 0		the result, in brief
 *	page 1 ...	all of the report, cut into screens
 *
 * Nothing is kept of it: each page is told anew, and what lies outside of it is
 * not shown.
 */
#include "turn.h"
#include "bootinfo.h"
#include "halt.h"
#include "hooks.h"
#include "keyboard.h"
#include "keys.h"
#include "log.h"
#include "patience.h"
#include "screen.h"
#include "tell.h"

enum { PAGEUS = 15000000, FOOT = 3 /* lines below each page */ };

static struct {
	size_t page;
	size_t npages;
	size_t line; /* that is being told, and those that are shown */
	size_t from;
	size_t end;
	bool serial; /* somebody may type there */
	Patience patience;
} turn;

static bool
visible(void)
{
	return turn.line >= turn.from && turn.line < turn.end;
}

/* Lines are shown whole, or not. */
static void
write(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t k = i;

		while (k < n && s[k] != '\n')
			k++;
		k += k < n;
		if (visible())
			screenwrite(s + i, k - i);
		turn.line += s[k - 1] == '\n';
		i = k;
	}
}

static size_t
lines(void)
{
	return screenrows() - FOOT;
}

/* Tell all of it, and show those lines; how many there were. */
static size_t
tellpage(size_t from, size_t n)
{
	const Teller to = {
	    .write = write, .ink = screenink, .cols = screencols()};

	turn.line = 0;
	turn.from = from;
	turn.end = from + n;
	tellagain(&to);
	return turn.line;
}

/* How it goes on: a blank line, this, and where the cursor is. */
static void
foot(const Teller *to)
{
	Cells l = {.n = 0};

	screenwrite("\n", 1);
	lineput(&l, INKDIM,
	    "Page %zu of %zu, turned by itself: no keyboard. %s", turn.page + 1,
	    turn.npages,
	    turn.serial ? "Commands: by the serial line."
			: "To end: the power button.");
	lineend(&l, to);
}

static void
showpage(void)
{
	const Teller to = {.write = screenwrite,
	    .ink = screenink,
	    .cols = screencols(),
	    .rows = screenrows()};

	screenclear();
	if (turn.page == 0)
		tellresult(&to);
	else
		tellpage((turn.page - 1) * lines(), lines());
	foot(&to);
	turn.page = (turn.page + 1) % turn.npages;
}

static void
idle(void)
{
	if (turn.npages == 0)
		turn.npages = 1 + (tellpage(0, 0) + lines() - 1) / lines();
	else if (waited(&turn.patience) < PAGEUS)
		return;
	turn.patience = (Patience){.last = 0};
	showpage();
}

void
turnstart(void)
{
	if (screenrows() <= FOOT || keyboardworks() ||
	    bootinfo->options.verbose)
		return;
	memset(&turn, 0, sizeof turn);
	turn.serial = logsinks() > 1;
	keyidle(idle);
}
