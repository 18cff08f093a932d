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
#include "serial.h"

enum {
	FEWEST = 4, /* rows that are worth it */
	TERMROWS = 24,
	TERMCOLS = 80,
};

static struct {
	Sink *at; /* where it stops; NULL: nowhere */
	size_t rows;
	size_t cols;
	bool quit;
	bool asks;
	uint32_t reports; /* that there were when it began */
	size_t row;       /* since the last stop */
	size_t col;
} more;

static const char question[] = "-- space: more  Enter: a line  q: enough --";
static const char brief[] = "-- space Enter q --"; /* for narrow screens */

void
morestart(enum morewhere where)
{
	morestop();
	more.reports = reports();
	if (keyatscreen()) {
		more.rows = screenrows();
		more.cols = screencols();
		more.at = more.rows >= FEWEST ? screenwrite : NULL;
	} else if (where == MOREANYWHERE) {
		more.rows = TERMROWS;
		more.cols = TERMCOLS;
		more.at = serialwrite;
	}
}

void
morestop(void)
{
	more.at = NULL;
	more.quit = more.asks = false;
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
	return more.at != NULL && !more.quit && !more.asks &&
	       more.reports == reports();
}

/* Write over what stands there. */
static void
erase(size_t n)
{
	more.at("\r", 1);
	for (size_t i = 0; i < n; i++)
		more.at(" ", 1);
	more.at("\r", 1);
}

static int
ask(void)
{
	bool wide = more.cols >= sizeof question;
	size_t n = (wide ? sizeof question : sizeof brief) - 1;

	more.at(wide ? question : brief, n);
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
		more.at = NULL;
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
	else if (++more.col > more.cols) {
		more.row++;
		more.col = 1;
	}
}

/* Where it stops. */
static void
paged(Sink *write, const char *s, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n && stops(); i++) {
		count(s[i]);
		if (s[i] != '\n' || more.row + 1 < more.rows)
			continue;
		write(s + from, i + 1 - from);
		from = i + 1;
		stop();
	}
	if (!morequit())
		write(s + from, n - from);
}

static void
feed(Sink *write, const char *s, size_t n)
{
	if (more.at == write)
		paged(write, s, n);
	else
		write(s, n);
}

void
morewrite(const char *s, size_t n)
{
	feed(screenwrite, s, n);
}

void
moreserial(const char *s, size_t n)
{
	feed(serialwrite, s, n);
}
