/*
 * text.c - the bytes of a file to lines, and where in them a boot begins.
 */
#include "form.h"

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

/* So many lines are there at most. */
static size_t
countlines(const char *s, size_t n)
{
	size_t lines = 1;

	for (size_t i = 0; i < n; i++)
		lines += s[i] == '\r' || s[i] == '\n';
	return lines;
}

/* Cut the characters in lines, at CR, LF or both. */
static void
cutlines(Text *t, size_t n)
{
	char *s = t->chars;
	char *end = s + n;

	while (s < end) {
		size_t len = textuntil(s, "\r\n");
		bool crlf = s[len] == '\r' && s[len + 1] == '\n';
		Line *l = &t->line[t->nline++];

		t->cut = s[len] == '\0';
		*l = (Line){.s = s, .no = t->nline};
		s[len] = '\0';
		s += len + (crlf ? 2 : 1);
	}
}

/* A program or a kernel that begins to speak of this machine. */
static bool
startsxen(const Line *l)
{
	const char *s = l->s;

	return l->xen && scanword(&s, "Xen version ");
}

static bool
starts(const char *s)
{
	static const char *const first[] = {"mem9: start", "Linux version ",
	    "---<<BOOT>>---", "-- Boot ", "-- Reboot --", "U-Boot 20"};

	for (size_t i = 0; i < nelem(first); i++)
		if (scanword(&s, first[i]))
			return true;
	return false;
}

/* Number the boots. Dom0's Linux starts in the boot that Xen has begun. */
static void
countboots(Text *t)
{
	bool xen = false;
	size_t boot = 0;

	for (size_t i = 0; i < t->nline; i++) {
		Line *l = &t->line[i];

		if (startsxen(l)) {
			xen = true;
			boot++;
		} else if (starts(l->s)) {
			boot += !xen;
			xen = false;
		}
		l->boot = boot;
	}
}

static int
decode(Text *t, Map *m, const uint8_t *bytes, size_t n)
{
	size_t at;
	int code = encoding(bytes, n, &at);
	size_t step = code == ASCII ? 1 : 2;
	size_t len = 0;

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
	t->line = formstake(countlines(t->chars, len) * sizeof *t->line);
	if (t->line == NULL)
		return nomemory(m);
	cutlines(t, len);
	return 0;
}

int
textread(Text *t, Map *m, const uint8_t *bytes, size_t n)
{
	*t = (Text){.chars = formstake(n + 2)};
	if (t->chars == NULL)
		return nomemory(m);
	if (decode(t, m, bytes, n) < 0)
		return -1;
	for (size_t i = 0; i < t->nline; i++)
		linestrip(&t->line[i]);
	if (linesjson(t, m) < 0)
		return -1;
	countboots(t);
	return 0;
}

void
textfree(Text *t)
{
	formsfree(t->chars);
	formsfree(t->line);
}
