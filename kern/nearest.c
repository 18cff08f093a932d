/*
 * nearest.c - see nearest.h. The distance is that of Damerau and Levenshtein,
 * no letter changed twice.
 */
#include "nearest.h"
#include "hooks.h"
#include "print.h"
#include "value.h"

enum { LONGEST = 24 };

/* Up to a =; more than LONGEST if it is longer. */
static size_t
length(const char *s)
{
	size_t n = 0;

	while (n <= LONGEST && s[n] != '\0' && s[n] != '=')
		n++;
	return n;
}

static bool
same(char a, char b)
{
	return lowercase(a) == lowercase(b);
}

/* Changes from a to b, neither of which is longer than LONGEST. */
static size_t
changes(const char *a, size_t na, const char *b, size_t nb)
{
	uint8_t d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= na; i++)
		for (size_t j = 0; j <= nb; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (uint8_t)(i + j);
				continue;
			}
			size_t least = MIN(d[i - 1][j], d[i][j - 1]) + 1u;

			least = MIN(least,
			    d[i - 1][j - 1] + !same(a[i - 1], b[j - 1]) + 0u);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				least = MIN(least, d[i - 2][j - 2] + 1u);
			d[i][j] = (uint8_t)least;
		}
	return d[na][nb];
}

static const char *
wordat(const void *words, size_t i, size_t stride)
{
	return *(const char *const *)((const char *)words + i * stride);
}

const char *
nearest(const char *word, const void *words, size_t n, size_t stride)
{
	size_t nword = length(word);
	size_t least = MAX(1, nword / 3) + 1;
	const char *found = NULL;

	if (nword < 2 || nword > LONGEST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const char *w = wordat(words, i, stride);
		size_t k = length(w);

		if (k <= LONGEST && (k = changes(word, nword, w, k)) < least) {
			found = w;
			least = k;
		}
	}
	return found;
}

const char *
unknownword(const char *kind, const char *word, const void *words, size_t n,
    size_t stride)
{
	static char said[64];
	const char *meant = nearest(word, words, n, stride);

	snprint(said, sizeof said,
	    meant == NULL ? "unknown %s" : "unknown %s, or is it %s?", kind,
	    meant);
	return said;
}
