/*
 * scan.c - words and numbers in a line.
 */
#include "forms.h"

#include <string.h>

bool
scanword(const char **s, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*s, word, len) != 0)
		return false;
	*s += len;
	return true;
}

void
scanblanks(const char **s)
{
	while (**s == ' ' || **s == '\t')
		++*s;
}

bool
scanend(const char *s)
{
	scanblanks(&s);
	return *s == '\0';
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool
number(const char **s, unsigned radix, uint64_t *n)
{
	const char *p = *s;
	uint64_t x = 0;

	for (; digit(*p) < (int)radix; p++) {
		unsigned d = (unsigned)digit(*p);

		if (x > (UINT64_MAX - d) / radix)
			return false;
		x = x * radix + d;
	}
	if (p == *s)
		return false;
	*s = p;
	*n = x;
	return true;
}

bool
scanhex(const char **s, uint64_t *n)
{
	const char *p = *s;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	if (!number(&p, 16, n))
		return false;
	*s = p;
	return true;
}

bool
scandec(const char **s, uint64_t *n)
{
	return number(s, 10, n);
}

bool
scanspan(const char **s, uint64_t *from, uint64_t *to)
{
	const char *p = *s;

	if (!scanhex(&p, from) || !scanword(&p, "-") || !scanhex(&p, to))
		return false;
	*s = p;
	return true;
}

size_t
hexdigits(const char *s)
{
	return strspn(s, "0123456789abcdefABCDEF");
}

const char *
message(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	if (at == NULL || (at > line && strchr(" ]>\t", at[-1]) == NULL))
		return NULL;
	return at + strlen(word);
}
