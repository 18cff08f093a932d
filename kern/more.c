/*
 * more.c - see more.h.
 */
#include "more.h"
#include "keys.h"
#include "screen.h"

enum { FEWEST = 4 /* rows that are worth it */ };

static struct {
	bool on;
	bool quit;
	size_t row; /* since the last stop */
	size_t col;
} more;

static const char question[] = "-- space: more  Enter: a line  q: enough --";
static const char blanks[] = "\r                                            \r";
_Static_assert(sizeof blanks > sizeof question, "nothing of it stays");

void
morestart(void)
{
	more.on = keyatscreen() && screenrows() >= FEWEST;
	more.quit = false;
	more.row = more.col = 0;
}

void
morestop(void)
{
	more.on = more.quit = false;
}

bool
morequit(void)
{
	return more.quit;
}

static void
stop(void)
{
	screenwrite(question, sizeof question - 1);
	switch (keywait()) {
	case '\r':
	case '\n':
	case KEYDOWN:
		more.row--;
		break;
	case 'q':
	case 'Q':
	case KEYESC:
	case CTRL('c'):
		more.quit = true;
		break;
	default:
		more.row = 0;
	}
	screenwrite(blanks, sizeof blanks - 1);
}

/* Of a row that is full the next character begins another. */
static void
count(char c)
{
	if (c == '\n') {
		more.row++;
		more.col = 0;
	} else if (c == '\r')
		more.col = 0;
	else if (++more.col > screencols()) {
		more.row++;
		more.col = 1;
	}
}

void
morewrite(const char *s, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n && more.on && !more.quit; i++) {
		count(s[i]);
		if (s[i] != '\n' || more.row + 1 < screenrows())
			continue;
		screenwrite(s + from, i + 1 - from);
		from = i + 1;
		stop();
	}
	if (!more.quit)
		screenwrite(s + from, n - from);
}
