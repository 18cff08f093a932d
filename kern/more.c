/*
 * more.c - see more.h.
 *
 * A report ends it, from its first character on: it is shown as it comes, and
 * so is what another CPU writes while a key is waited for.
 */
#include "more.h"
#include "keys.h"
#include "log.h"
#include "panic.h"
#include "screen.h"

enum { FEWEST = 4 /* rows that are worth it */ };

static struct {
	bool on;
	bool quit;
	bool asks;
	uint32_t reports; /* that there were when it began */
	size_t row;       /* since the last stop */
	size_t col;
} more;

static const char question[] = "-- space: more  Enter: a line  q: enough --";
static const char brief[] = "-- space Enter q --"; /* for narrow screens */

void
morestart(void)
{
	morestop();
	more.on = keyatscreen() && screenrows() >= FEWEST;
	more.reports = reports();
}

void
morestop(void)
{
	more.on = more.quit = more.asks = false;
	more.row = more.col = 0;
}

bool
morequit(void)
{
	return more.quit && more.reports == reports();
}

bool
morebreak(void)
{
	return keybreak() || morequit();
}

/* Is it to stop, now? */
static bool
stops(void)
{
	return more.on && !more.quit && !more.asks && more.reports == reports();
}

/* Write over what stands there. */
static void
erase(size_t n)
{
	screenwrite("\r", 1);
	for (size_t i = 0; i < n; i++)
		screenwrite(" ", 1);
	screenwrite("\r", 1);
}

static int
ask(void)
{
	bool wide = screencols() >= sizeof question;
	size_t n = (wide ? sizeof question : sizeof brief) - 1;

	screenwrite(wide ? question : brief, n);
	more.asks = true;
	bool writing = logpause();
	int key = keywait();
	if (writing)
		loggoon();
	more.asks = false;
	erase(n);
	return key;
}

static void
stop(void)
{
	switch (ask()) {
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
	case NOKEY: /* the keyboard is heard no more */
		more.on = false;
		break;
	default:
		more.row = 0;
	}
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

	for (size_t i = 0; i < n && stops(); i++) {
		count(s[i]);
		if (s[i] != '\n' || more.row + 1 < screenrows())
			continue;
		screenwrite(s + from, i + 1 - from);
		from = i + 1;
		stop();
	}
	if (!morequit())
		screenwrite(s + from, n - from);
}
