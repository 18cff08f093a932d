/*
 * print.c - print(): formatted text into the log.
 */
#include "print.h"
#include "hooks.h"
#include "log.h"

typedef struct Line Line;

enum { LINESIZE = 256 };

/* What has been formatted and not yet logged. */
struct Line {
	char p[LINESIZE];
	size_t n;
};

/* Collected, so that a sink is called once a print, not once a piece. */
static void
toline(void *arg, const char *s, size_t n)
{
	Line *l = arg;

	while (n > 0) {
		size_t k = MIN(n, sizeof l->p - l->n);

		memcpy(l->p + l->n, s, k);
		l->n += k;
		s += k;
		n -= k;
		if (l->n == sizeof l->p) {
			logwrite(l->p, l->n);
			l->n = 0;
		}
	}
}

void
print(const char *fmt, ...)
{
	Line line; /* not cleared: only what is written is read */
	va_list ap;

	line.n = 0;
	va_start(ap, fmt);
	format(toline, &line, fmt, ap);
	va_end(ap);
	logwrite(line.p, line.n);
}
