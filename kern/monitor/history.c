/*
 * history.c - see history.h. It outlives a command that panics.
 */
#include "history.h"
#include "edit.h"
#include "hooks.h"

static struct {
	size_t n; /* ever */
	char line[HISTORYMAX][EDITMAX];
} history;

static bool
samelines(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

void
historyadd(const char *line)
{
	const char *last = historyline(1);

	if (*line == '\0' || (last != NULL && samelines(line, last)))
		return;
	char *to = history.line[history.n++ % HISTORYMAX];
	size_t n = 0;
	for (; n < EDITMAX - 1 && line[n] != '\0'; n++)
		to[n] = line[n];
	to[n] = '\0';
}

const char *
historyline(size_t n)
{
	if (n == 0 || n > MIN(history.n, (size_t)HISTORYMAX))
		return NULL;
	return history.line[(history.n - n) % HISTORYMAX];
}
