/*
 * glass.c - see glass.h.
 */
#include "glass.h"
#include "host.h"

#include <stdlib.h>
#include <string.h>

static void
blank(char row[GLASSCOLS + 1])
{
	memset(row, ' ', GLASSCOLS);
	row[GLASSCOLS] = '\0';
}

void
glassclear(Glass *t)
{
	memset(t, 0, sizeof *t);
	t->rows = GLASSROWS;
	for (size_t i = 0; i < GLASSROWS; i++)
		blank(t->text[i]);
}

static void
newline(Glass *t)
{
	t->col = 0;
	if (++t->row < t->rows)
		return;
	t->row--;
	t->scrolled++;
	memmove(t->text[0], t->text[1], sizeof t->text - sizeof t->text[0]);
	blank(t->text[t->row]);
}

/* Up, but not beyond the top: there it would scroll. */
static void
escaped(Glass *t, char c)
{
	t->escape = false;
	if (c != 'M' || t->row == 0)
		abort();
	t->row--;
}

static void
put(Glass *t, char c)
{
	if (t->escape)
		escaped(t, c);
	else if (c == '\x1b')
		t->escape = true;
	else if (c == '\n')
		newline(t);
	else if (c == '\r')
		t->col = 0;
	else if (c == '\b')
		t->col -= t->col > 0;
	else {
		if (t->col == GLASSCOLS)
			newline(t);
		t->text[t->row][t->col++] = c;
	}
}

void
glasswrite(Glass *t, const char *s, size_t n)
{
	t->wrote += n;
	for (size_t i = 0; i < n; i++)
		put(t, s[i]);
}

size_t
glassfind(const Glass *t, const char *text)
{
	size_t row = 0;

	while (
	    row < GLASSROWS && strncmp(t->text[row], text, strlen(text)) != 0)
		row++;
	return row;
}
