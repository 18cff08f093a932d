/*
 * scan.c - text to lines, and words and numbers in a line.
 */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

enum { UTF16LE, UTF16BE, ASCII };

/* Two bytes a character? By the mark in front, or by the first character. */
static int
encoding(const uint8_t *b, size_t n, size_t *skip)
{
	*skip = 2;
	if (n >= 2 && b[0] == 0xff && b[1] == 0xfe)
		return UTF16LE;
	if (n >= 2 && b[0] == 0xfe && b[1] == 0xff)
		return UTF16BE;
	*skip = 0;
	if (n >= 2 && b[0] != 0 && b[1] == 0)
		return UTF16LE;
	if (n >= 2 && b[0] == 0 && b[1] != 0)
		return UTF16BE;
	if (n >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0)
		*skip = 3;
	return ASCII;
}

/* Cut the characters in lines, at CR, LF or both. */
static void
cutlines(Text *t, size_t n)
{
	char *s = t->chars;
	char *end = s + n;

	t->line = malloc((n + 1) * sizeof *t->line);
	while (s < end) {
		size_t len = strcspn(s, "\r\n");
		bool crlf = s[len] == '\r' && s[len + 1] == '\n';

		t->line[t->nline++] = s;
		s[len] = '\0';
		s += len + (crlf ? 2 : 1);
	}
}

int
textread(Text *t, Map *m, const uint8_t *bytes, size_t n)
{
	size_t at;
	int code = encoding(bytes, n, &at);
	size_t step = code == ASCII ? 1 : 2;
	size_t len = 0;

	*t = (Text){.chars = malloc(n + 2)};
	m->lineno = 1;
	for (; at + step <= n; at += step) {
		unsigned c = bytes[at];

		if (code == UTF16LE)
			c |= bytes[at + 1] << 8;
		if (code == UTF16BE)
			c = c << 8 | bytes[at + 1];
		if (c == 0)
			return mapfail(m, "a zero byte: this is not text");
		m->lineno += c == '\n';
		t->chars[len++] = (char)(c < 0x80 ? c : '?');
	}
	if (at != n)
		return mapfail(m, "half a UTF-16 character at the end");
	t->chars[len] = t->chars[len + 1] = '\0';
	cutlines(t, len);
	return 0;
}

void
textfree(Text *t)
{
	free(t->chars);
	free(t->line);
}

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
