/*
 * line.c - see ink.h.
 */
#include "ink.h"
#include "print.h"

enum { LONGEST = 320 }; /* text at once */

static void
append(Cells *l, enum ink ink, char c)
{
	if (l->n < LINECELLS)
		l->cell[l->n++] = (Cell){c, (uint8_t)ink};
}

void
lineput(Cells *l, enum ink ink, const char *fmt, ...)
{
	char text[LONGEST];
	va_list ap;

	va_start(ap, fmt);
	vsnprint(text, sizeof text, fmt, ap);
	va_end(ap);
	for (const char *p = text; *p != '\0'; p++)
		append(l, ink, *p);
}

void
linefill(Cells *l, enum ink ink, char c, size_t n)
{
	while (n-- > 0 && l->n < LINECELLS)
		append(l, ink, c);
}

void
linetab(Cells *l, size_t col)
{
	if (col > l->n)
		linefill(l, INKPLAIN, ' ', col - l->n);
}

/* Cells of one colour are written at once. */
void
lineend(Cells *l, const Teller *to)
{
	char text[LINECELLS];

	for (size_t i = 0; i < l->n;) {
		uint8_t ink = l->cell[i].ink;
		size_t n = 0;

		while (i < l->n && l->cell[i].ink == ink)
			text[n++] = l->cell[i++].c;
		if (to->ink != NULL)
			to->ink((enum ink)ink);
		to->write(text, n);
	}
	if (to->ink != NULL)
		to->ink(INKPLAIN);
	to->write("\n", 1);
	l->n = 0;
}

/* The length of the word at p. */
static size_t
wordlength(const char *p)
{
	size_t n = 0;

	while (p[n] != '\0' && p[n] != ' ')
		n++;
	return n;
}

void
linewords(const Teller *to, enum ink ink, size_t col, const char *words)
{
	Cells l = {.n = 0};

	for (const char *p = words; *p != '\0';) {
		size_t n = wordlength(p);

		if (l.n > col && l.n + 1 + n >= to->cols)
			lineend(&l, to);
		if (l.n > col)
			append(&l, ink, ' ');
		linetab(&l, col);
		while (n-- > 0)
			append(&l, ink, *p++);
		while (*p == ' ')
			p++;
	}
	if (l.n > 0)
		lineend(&l, to);
}
