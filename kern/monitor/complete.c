/*
 * complete.c - see complete.h.
 */
#include "complete.h"
#include "hooks.h"
#include "print.h"

enum { LISTED = 60, GAP = 2 };

/* Characters that both begin with. */
static size_t
alike(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

static bool
begins(const char *word, const char *begun, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word[i] != begun[i])
			return false;
	return true;
}

/* Has it come before? Functions of several files may have the same name. */
static bool
again(Words *words, size_t i)
{
	const char *word = words(i);

	for (size_t j = 0; j < i; j++) {
		const char *other = words(j);
		size_t n = alike(word, other);

		if (word[n] == '\0' && other[n] == '\0')
			return true;
	}
	return false;
}

size_t
complete(
    const char *begun, size_t n, Words *words, const char **first, size_t *more)
{
	size_t found = 0;
	const char *word;

	for (size_t i = 0; (word = words(i)) != NULL; i++) {
		if (!begins(word, begun, n) || again(words, i))
			continue;
		if (found++ == 0) {
			*first = word;
			*more = textlength(word) - n;
		} else
			*more = MIN(*more, alike(*first, word) - n);
	}
	return found;
}

void
completions(const char *begun, size_t n, Words *words, size_t cols)
{
	size_t width = 0;
	size_t at = 0;
	size_t found = 0;
	const char *word;

	for (size_t i = 0; (word = words(i)) != NULL; i++)
		if (begins(word, begun, n))
			width = MAX(width, textlength(word) + GAP);
	for (size_t i = 0; (word = words(i)) != NULL; i++) {
		if (!begins(word, begun, n) || again(words, i) ||
		    found++ >= LISTED)
			continue;
		if (at + width > cols) {
			print("\n");
			at = 0;
		}
		print("%-*s", (int)width, word);
		at += width;
	}
	if (found > LISTED)
		print("\n... and %zu more", found - LISTED);
	print("\n");
}
