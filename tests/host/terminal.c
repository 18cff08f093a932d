/*
 * terminal.c - see terminal.h.
 */
#include "terminal.h"
#include "hooks.h"

#include <string.h>

static void
put(Terminal *t, char c)
{
	if (c == '\b') {
		if (t->at == 0)
			panic("a backspace in the first column");
		t->at--;
		return;
	}
	if (c < ' ' || c > '~')
		panic("byte %#x", (unsigned)(unsigned char)c);
	if (t->at == TERMINALCOLS)
		panic("a line has more than %d columns", TERMINALCOLS);
	t->text[t->at++] = c;
	t->most = MAX(t->most, t->at);
}

void
terminal(Terminal *t, const char *said)
{
	const char *line = strrchr(said, '\n');

	*t = (Terminal){.at = 0};
	memset(t->text, ' ', TERMINALCOLS);
	for (const char *p = line != NULL ? line + 1 : said; *p != '\0'; p++)
		put(t, *p);
	size_t n = TERMINALCOLS;
	while (n > 0 && t->text[n - 1] == ' ')
		n--;
	t->text[n] = '\0';
}
