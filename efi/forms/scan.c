/*
 * scan.c - words and numbers in a line.
 */
#include "scantext.h"
#include "print.h"

bool
scanword(const char **s, const char *word)
{
	if (!textstarts(*s, word))
		return false;
	*s += textlength(word);
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
	return textspan(s, "0123456789abcdefABCDEF");
}

bool
textalike(const char *s, const char *as, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] == as[i] && s[i] != '\0')
		i++;
	return i == n || s[i] == as[i];
}

bool
textsame(const char *s, const char *as)
{
	return textalike(s, as, SIZE_MAX);
}

bool
textstarts(const char *s, const char *with)
{
	return textalike(s, with, textlength(with));
}

bool
textisof(char c, const char *set)
{
	while (*set != '\0' && *set != c)
		set++;
	return *set != '\0';
}

size_t
textspan(const char *s, const char *set)
{
	size_t n = 0;

	while (textisof(s[n], set))
		n++;
	return n;
}

size_t
textuntil(const char *s, const char *set)
{
	size_t n = 0;

	while (s[n] != '\0' && !textisof(s[n], set))
		n++;
	return n;
}

const char *
textfind(const char *s, const char *what)
{
	for (; *s != '\0'; s++)
		if (*s == *what && textstarts(s, what))
			return s;
	return NULL;
}
