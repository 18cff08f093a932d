/*
 * address.c - see address.h.
 */
#include "address.h"
#include "hooks.h"
#include "print.h"
#include "symbol.h"
#include "value.h"

static const char nonumber[] = "is no hexadecimal address and no function";

/* n hexadecimal digits, of which 16 count at most. */
static bool
readhex(const char *s, size_t n, uintptr_t *v)
{
	*v = 0;
	for (size_t i = 0; i < n; i++) {
		char c = lowercase(s[i]);
		int d = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
					       : -1;

		if (d < 0 || *v >> 60 != 0)
			return false;
		*v = *v << 4 | (uintptr_t)d;
	}
	return n > 0;
}

static bool
readprefixed(const char *s, size_t n, uintptr_t *v)
{
	bool prefix = n > 2 && afterword(s, "0x") != NULL;

	return prefix ? readhex(s + 2, n - 2, v) : readhex(s, n, v);
}

/* Characters before that one, or to the end. */
static size_t
upto(const char *s, size_t n, char c)
{
	size_t i = 0;

	while (i < n && s[i] != c)
		i++;
	return i;
}

/* n characters are an address. */
static const char *
readone(const char *s, size_t n, uintptr_t *va)
{
	size_t name = upto(s, n, '+');
	uintptr_t offset = 0;

	if (readprefixed(s, n, va))
		return NULL;
	size_t found = symboladdr(s, name, va);
	if (found > 1)
		return "is the name of more than one function: which, only an "
		       "address can tell";
	if (found == 0)
		return nonumber;
	if (name < n && !readprefixed(s + name + 1, n - name - 1, &offset))
		return "has no hexadecimal digits after its +";
	if (*va + offset < *va)
		return "is beyond the last address";
	*va += offset;
	return NULL;
}

const char *
readaddress(const char *text, uintptr_t *va)
{
	return readone(text, textlength(text), va);
}

const char *
readspan(const char *text, Span *span)
{
	size_t n = textlength(text);
	size_t first = upto(text, n, ' ');
	size_t dash = upto(text, first, '-');
	const char *why = readone(text, dash, &span->at);
	uintptr_t last = 0;

	span->size = 0;
	if (why != NULL)
		return why;
	if (dash < first) {
		why = readone(text + dash + 1, first - dash - 1, &last);
		if (why != NULL || first < n)
			return why != NULL ? why : "has a size and an end";
		if (last < span->at)
			return "ends before it begins";
		span->size = last - span->at + 1;
		return span->size == 0 ? "is all there is" : NULL;
	}
	while (text[first] == ' ')
		first++;
	if (first == n)
		return NULL;
	if (!readsize(text + first, &span->size) || span->size == 0)
		return "has no size behind it";
	return span->at + (span->size - 1) < span->at
		   ? "is beyond the last address"
		   : NULL;
}
