/*
 * turn.c - see turn.h.
 *
 *	page 0		the result, in brief
 *	page 1 ...	all of the report, cut into screens
 *
 * or page 0 alone, where the result has room for all of it; or nothing but
 * screens of the log. Nothing is kept of it: each page is told anew, and what
 * lies outside of it is not shown.
 */
#include "turn.h"
#include "bootinfo.h"
#include "hooks.h"
#include "kept.h"
#include "keyboard.h"
#include "keys.h"
#include "log.h"
#include "patience.h"
#include "screen.h"
#include "tell.h"

enum { PAGEUS = 15000000, FOOT = 3 /* lines below each page */ };

static struct {
	bool log; /* that is what is shown, its last bytes */
	size_t bytes;
	size_t page;
	size_t npages;
	size_t line; /* that is being told, and those that are shown */
	size_t col;
	size_t from;
	size_t end;
	Patience patience;
} turn;

static uint64_t wrote; /* of the log, when nothing had gone wrong yet */

static bool
visible(void)
{
	return turn.line >= turn.from && turn.line < turn.end;
}

/* As much of it as is of one row; what a row has no room for is of the next. */
static size_t
rowof(const char *s, size_t n)
{
	size_t k = 0;

	while (k < n && s[k] != '\n' && turn.col < screencols()) {
		turn.col++;
		k++;
	}
	return k;
}

/* Rows are shown whole, or not. */
static void
write(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t k = rowof(s + i, n - i);
		bool full = i + k < n;

		k += full && s[i + k] == '\n';
		if (visible())
			screenwrite(s + i, k);
		i += k;
		if (full) {
			turn.line++;
			turn.col = 0;
		}
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

	turn.line = turn.col = 0;
	turn.from = from;
	turn.end = from + n;
	if (turn.log)
		logreplay(write, turn.bytes);
	else
		tellagain(&to);
	return turn.line;
}

/* How it goes on: a blank line, this, and where the cursor is. */
static void
foot(const Teller *to)
{
	Cells l = {.n = 0};

	screenwrite("\n", 1);
	if (turn.npages > 1)
		lineput(&l, INKDIM, "Page %zu of %zu, turned by itself. ",
		    turn.page + 1, turn.npages);
	lineput(&l, INKDIM, "No keyboard. %s",
	    keyscome()     ? "Commands: by the serial line."
	    : keptopened() ? "Reset to save the report."
			   : "To end: the power button.");
	lineend(&l, to);
}

/* As a screen has room for it. */
static bool
result(Sink *sink)
{
	const Teller to = {.write = sink,
	    .ink = screenink,
	    .cols = screencols(),
	    .rows = screenrows()};

	return tellresult(&to);
}

static void
nowhere(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

static size_t
countpages(void)
{
	size_t n = (tellpage(0, 0) + lines() - 1) / lines();

	if (turn.log)
		return n;
	return result(nowhere) ? 1 : 1 + n;
}

static void
showpage(void)
{
	const Teller to = {
	    .write = screenwrite, .ink = screenink, .cols = screencols()};

	screenclear();
	if (turn.log)
		tellpage(turn.page * lines(), lines());
	else if (turn.page == 0)
		result(screenwrite);
	else
		tellpage((turn.page - 1) * lines(), lines());
	foot(&to);
	turn.page = (turn.page + 1) % turn.npages;
}

/* The log is on the screen already: its end, or all of it. */
static void
idle(void)
{
	if (!turn.log)
		wrote = logwrote();
	if (screenrows() <= FOOT || keyboardworks())
		return;
	if (turn.npages == 0) {
		turn.npages = countpages();
		if (turn.log)
			return;
	} else if (turn.npages == 1 || waited(&turn.patience) < PAGEUS)
		return;
	turn.patience = (Patience){.last = 0};
	showpage();
}

static void
start(bool log, size_t bytes)
{
	memset(&turn, 0, sizeof turn);
	turn.log = log;
	turn.bytes = bytes;
	keyidle(idle);
}

void
turnstart(void)
{
	start(bootinfo->options.verbose, SIZE_MAX);
}

void
turnreport(void)
{
	start(true, logwrote() - wrote);
}
