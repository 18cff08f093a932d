/*
 * strip.c - a line without what stands around its message.
 *
 *	> > kern  :info  : [    0.000000] efi: mem00: ...	quoted
 *	^[[32m[    0.000000] ^[[0m efi: mem00: ...		in colours
 *	Jan  1 00:00:00 host kernel: <6>[    0.000000] ...	a system's log
 *	(XEN) [0000001b4a3297f3]  [0000, 9ffff] (usable)
 *	<pre><code>efi: mem00: ...	...[/code]		marked up
 *
 * It is done in place. What is not known stays: the forms look for their own
 * words behind it.
 */
#include "form.h"

enum { TAB = 8, LOGPREFIX = 120, LINENO = 6, ESC = 0x1b };

static bool
isdigit10(char c)
{
	return c >= '0' && c <= '9';
}

/* Behind the rest of ESC [ parameters letter, or of ESC letter. */
static const char *
sequence(const char *s)
{
	if (*s != '[')
		return *s == '\0' ? s : s + 1;
	for (s++; *s != '\0' && (*s < '@' || *s > '~'); s++)
		;
	return *s == '\0' ? s : s + 1;
}

/*
 * Behind a colour code, or NULL: with its escape, with that spelt ^[, or with
 * the escape lost on the way, when it must end in m.
 */
static const char *
colour(const char *s)
{
	if (*s == ESC)
		return sequence(s + 1);
	if (s[0] == '^' && s[1] == '[' && s[2] == '[')
		return sequence(s + 2);
	if (s[0] != '[' || !isdigit10(s[1]))
		return NULL;
	s += 1 + textspan(s + 1, "0123456789;");
	return *s == 'm' ? s + 1 : NULL;
}

static void
uncolour(char *to)
{
	const char *s = to;

	while (*s != '\0') {
		const char *behind = colour(s);

		if (behind != NULL)
			s = behind;
		else
			*to++ = *s++;
	}
	*to = '\0';
}

/* Letters in either case; name has small ones. */
static bool
named(const char *s, const char *name)
{
	while (*name != '\0' && (*s == *name || (*s | ('a' - 'A')) == *name)) {
		s++;
		name++;
	}
	return *name == '\0';
}

/* How long the mark at s is: <pre>, <code class="x">, </code>, [/quote] ... */
static size_t
markup(const char *s)
{
	static const char *const names[] = {"pre", "code", "br", "quote"};
	bool tag = *s == '<';
	const char *p = s + 1;

	if (!tag && *s != '[')
		return 0;
	p += *p == '/';
	for (size_t i = 0; i < nelem(names); i++) {
		size_t n = textlength(names[i]);
		size_t len = textuntil(p, tag ? ">" : "]");

		if (named(p, names[i]) && p[len] != '\0' &&
		    textisof(p[n], tag ? " />" : "=]"))
			return (size_t)(p - s) + len + 1;
	}
	return 0;
}

/* Blanks and marks. */
static void
striptail(char *s)
{
	size_t n = textlength(s);
	bool more = true;

	while (more) {
		for (; n > 0 && textisof(s[n - 1], " \t"); n--)
			;
		s[n] = '\0';
		size_t mark = n;

		while (mark > 0 && !textisof(s[mark - 1], "<["))
			mark--;
		more = mark > 0 && markup(s + mark - 1) == n - (mark - 1);
		if (more)
			n = mark - 1;
	}
}

/* The columns of blanks at *s, stepping over them. */
static int
columns(char **s)
{
	int n = 0;

	for (; **s == ' ' || **s == '\t'; ++*s)
		n += **s == '\t' ? TAB - n % TAB : 1;
	return n;
}

/* Is "    0.000000", "T0", or what has only the characters of a date? */
static bool
istime(const char *s, size_t len)
{
	size_t blank = textspan(s, " ");
	const char *p = s + blank;

	if ((*p == 'T' || *p == 'C') && isdigit10(p[1]))
		return blank + 1 + textspan(p + 1, "0123456789") == len;
	if (textuntil(s, ".:") >= len)
		return false;
	return isdigit10(*p) && textspan(s, "0123456789.:- ") == len;
}

/* A time in brackets: those above, "Thu Jan  1 00:00:00 2026", Xen's hex. */
static size_t
stamp(const char *s, bool xen)
{
	enum { DATE = 24, XENHEX = 16 };
	size_t len = *s == '[' ? textuntil(s + 1, "]") : 0;

	if (len == 0 || s[1 + len] != ']')
		return 0;
	if (istime(s + 1, len) ||
	    (len == DATE && s[4] == ' ' && s[14] == ':' && s[17] == ':') ||
	    (xen && len == XENHEX && hexdigits(s + 1) == XENHEX))
		return len + 2;
	return 0;
}

/* "kern  :info  : " of dmesg -x. */
static size_t
facility(const char *s)
{
	const char *p = s;

	if (!scanword(&p, "kern"))
		return 0;
	scanblanks(&p);
	if (*p++ != ':')
		return 0;
	p += textspan(p, "abcdefghijklmnopqrstuvwxyz");
	scanblanks(&p);
	return *p == ':' ? (size_t)(p + 1 - s) : 0;
}

/* "2026-11-26T10:28:52,123456+01:00 " */
static size_t
isodate(const char *s)
{
	size_t len = textspan(s, "0123456789-+:.,TZ");

	return len >= 19 && s[4] == '-' && s[10] == 'T' && s[len] == ' ' ? len
									 : 0;
}

/* "Jan  1 00:00:00 host kernel: ", or anything like it but JSON. */
static size_t
syslog(const char *s)
{
	size_t n = 0;

	while (!textstarts(s + n, " kernel: "))
		if (n == LOGPREFIX || s[n] == '\0' || textisof(s[n++], "\"{"))
			return 0;
	return n + textlength(" kernel: ");
}

/* "<6>" */
static size_t
level(const char *s)
{
	size_t digits = *s == '<' ? textspan(s + 1, "0123456789") : 0;

	return digits > 0 && s[1 + digits] == '>' ? digits + 2 : 0;
}

/* "12:" of grep -n, "/proc/iomem:" of grep. */
static size_t
grepped(const char *s)
{
	const char *p = s;
	size_t digits = textspan(s, "0123456789");

	if (scanword(&p, "/proc/iomem:"))
		return (size_t)(p - s);
	if (digits == 0 || digits > LINENO || s[digits] != ':')
		return 0;
	p = s + digits + 1;
	return *p == '[' || *p == ' ' ? digits + 1 : 0;
}

/* How much of what a log adds is at s. */
static size_t
logged(Line *l)
{
	const char *s = l->s;
	size_t n = stamp(s, l->xen);

	if (n == 0)
		n = level(l->s);
	if (n == 0)
		n = grepped(l->s);
	if (n == 0)
		n = facility(l->s);
	if (n == 0)
		n = isodate(l->s);
	if (n == 0)
		n = syslog(l->s);
	if (n > 0 || !scanword(&s, "(XEN)"))
		return n;
	l->xen = true;
	return (size_t)(s - l->s);
}

void
linestrip(Line *l)
{
	size_t n;

	l->raw = l->s;
	uncolour(l->s);
	l->indent = columns(&l->s);
	while (*l->s == '>' || *l->s == '|' || markup(l->s) > 0) {
		l->s += MAX(markup(l->s), (size_t)1);
		l->indent = columns(&l->s);
	}
	while ((n = logged(l)) > 0) {
		l->s += n;
		l->indent = columns(&l->s);
	}
	striptail(l->s);
}

const char *
message(const char *line, const char *word)
{
	const char *at = textfind(line, word);

	if (at == NULL || (at > line && !textisof(at[-1], " ]>\t")))
		return NULL;
	return at + textlength(word);
}
