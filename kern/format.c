/*
 * format.c - printf's integers and strings, piece by piece and into buffers.
 */
#include "print.h"
#include "hooks.h"

typedef struct Spec Spec;
typedef struct Buffer Buffer;

enum { DIGITS = 24 };

/* One conversion: %[flags][width][.precision][size]letter. */
struct Spec {
	bool sharp;
	bool zero;
	bool left;
	int width;
	int precision; /* -1: none given */
	int size;      /* bytes of the argument */
};

struct Buffer {
	char *p;
	size_t size;
	size_t n;
};

static void
pad(Emit *emit, void *arg, char c, int n)
{
	for (; n > 0; n--)
		emit(arg, &c, 1);
}

static int
number(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		n = n * 10 + (**fmt - '0');
	return n;
}

/* An argument may be negative, which means to the left. */
static void
width(Spec *s, const char **fmt, va_list *ap)
{
	s->width = number(fmt, ap);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
}

static void
flags(Spec *s, const char **fmt)
{
	for (;; (*fmt)++)
		switch (**fmt) {
		case '#':
			s->sharp = true;
			break;
		case '0':
			s->zero = true;
			break;
		case '-':
			s->left = true;
			break;
		default:
			return;
		}
}

/* `long` is what the compiler of this file says it is. */
static void
argsize(Spec *s, const char **fmt)
{
	s->size = sizeof(int);
	for (;; (*fmt)++)
		switch (**fmt) {
		case 'h':
			s->size /= 2;
			break;
		case 'l':
			s->size = (*fmt)[1] == 'l' ? 8 : __SIZEOF_LONG__;
			*fmt += (*fmt)[1] == 'l';
			break;
		case 'j':
		case 'z':
		case 't':
			s->size = 8;
			break;
		default:
			return;
		}
}

static uint64_t
unsignedarg(const Spec *s, va_list *ap)
{
	if (s->size == 8)
		return va_arg(*ap, uint64_t);
	return va_arg(*ap, unsigned) & (0xffffffffu >> (32 - 8 * s->size));
}

static int64_t
signedarg(const Spec *s, va_list *ap)
{
	if (s->size == 8)
		return va_arg(*ap, int64_t);
	int v = va_arg(*ap, int);
	return s->size == 1 ? (int8_t)v : s->size == 2 ? (int16_t)v : v;
}

static void
text(Emit *emit, void *arg, const Spec *s, const char *p)
{
	size_t n = 0;
	size_t max = s->precision < 0 ? SIZE_MAX : (size_t)s->precision;

	if (p == NULL)
		p = "(null)";
	while (n < max && p[n] != '\0')
		n++;
	int fill = s->width - (int)n;
	if (!s->left)
		pad(emit, arg, ' ', fill);
	emit(arg, p, n);
	if (s->left)
		pad(emit, arg, ' ', fill);
}

/* prefix is "-", "0x" or "": before zeros, after blanks. */
static void
digits(Emit *emit, void *arg, const Spec *s, const char *prefix, uint64_t v,
    unsigned base, bool upper)
{
	const char *const set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[DIGITS];
	int n = 0;
	int sign = prefix[0] == '\0' ? 0 : prefix[1] == '\0' ? 1 : 2;

	for (; v != 0 || n == 0; v /= base)
		buf[DIGITS - ++n] = set[v % base];
	int zeros = s->precision - n;
	int fill = s->width - sign - n - MAX(zeros, 0);
	if (s->zero && s->precision < 0 && !s->left) {
		zeros = fill;
		fill = 0;
	}
	if (!s->left)
		pad(emit, arg, ' ', fill);
	emit(arg, prefix, (size_t)sign);
	pad(emit, arg, '0', zeros);
	emit(arg, buf + DIGITS - n, (size_t)n);
	if (s->left)
		pad(emit, arg, ' ', fill);
}

static void
integer(Emit *emit, void *arg, const Spec *s, char letter, va_list *ap)
{
	if (letter == 'd' || letter == 'i') {
		int64_t v = signedarg(s, ap);
		uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

		digits(emit, arg, s, v < 0 ? "-" : "", u, 10, false);
		return;
	}
	uint64_t v = unsignedarg(s, ap);
	if (letter == 'u')
		digits(emit, arg, s, "", v, 10, false);
	else
		digits(
		    emit, arg, s, s->sharp ? "0x" : "", v, 16, letter == 'X');
}

static void
convert(Emit *emit, void *arg, Spec *s, char letter, va_list *ap)
{
	char c[2] = {letter, '\0'};

	switch (letter) {
	case 'c':
		c[0] = (char)va_arg(*ap, int);
		text(emit, arg, s, c);
		break;
	case 's':
		text(emit, arg, s, va_arg(*ap, const char *));
		break;
	case 'p':
		s->size = sizeof(void *);
		s->sharp = true;
		integer(emit, arg, s, 'x', ap);
		break;
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
		integer(emit, arg, s, letter, ap);
		break;
	default:
		emit(arg, c, 1);
	}
}

void
format(Emit *emit, void *arg, const char *fmt, va_list ap)
{
	va_list args;

	va_copy(args, ap);
	while (*fmt != '\0') {
		Spec s = {.precision = -1};
		size_t n = 0;

		while (fmt[n] != '\0' && fmt[n] != '%')
			n++;
		if (n > 0)
			emit(arg, fmt, n);
		fmt += n;
		if (*fmt == '\0')
			break;
		fmt++;
		flags(&s, &fmt);
		width(&s, &fmt, &args);
		if (*fmt == '.') {
			fmt++;
			s.precision = number(&fmt, &args);
		}
		argsize(&s, &fmt);
		if (*fmt == '\0')
			break;
		convert(emit, arg, &s, *fmt++, &args);
	}
	va_end(args);
}

static void
tobuffer(void *arg, const char *s, size_t n)
{
	Buffer *b = arg;

	for (size_t i = 0; i < n && b->n + 1 < b->size; i++)
		b->p[b->n++] = s[i];
}

size_t
vsnprint(char *buf, size_t size, const char *fmt, va_list ap)
{
	Buffer b = {buf, size, 0};

	format(tobuffer, &b, fmt, ap);
	if (size > 0)
		buf[b.n] = '\0';
	return b.n;
}

size_t
snprint(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	size_t n = vsnprint(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
