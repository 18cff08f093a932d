/*
 * format.c - any conversions of numbers and texts, one after another, into a
 * buffer of any size.
 *
 * needs: kern/format.c tests/model/formatted.c
 */
#include "fuzz.h"
#include "formatted.h"
#include "print.h"

enum { MOST = 400 };

/* The text is cut where the buffer ends, and nothing behind it is touched. */
static void
cut(const Conversion *c, const char *format, uint64_t v, const char *want,
    size_t size)
{
	char got[MOST + 1];
	size_t n = MIN(strlen(want), MAX(size, (size_t)1) - 1);

	memset(got, 0x7e, sizeof got);
	if (conversionprint(c, format, v, got, size) != n)
		panic("%s of %#jx into %zu: another length", format,
		    (uintmax_t)v, size);
	if (size > 0 && (memcmp(got, want, n) != 0 || got[n] != '\0'))
		panic("%s of %#jx: '%s', not '%s'", format, (uintmax_t)v, got,
		    want);
	for (size_t i = size; i < sizeof got; i++)
		if (got[i] != 0x7e)
			panic(
			    "%s: byte %zu of %zu is written", format, i, size);
}

static void
number(Input *in)
{
	unsigned flags = (unsigned)take(in, 1);
	Conversion c = {.letter = "diuxX"[take(in, 1) % 5],
	    .sharp = flags & 1,
	    .zero = flags & 2,
	    .left = flags & 4,
	    .width = flags & 8 ? (int)(take(in, 1)) : -1,
	    .precision = flags & 16 ? (int)(take(in, 1) % 100) : -1,
	    .size = take(in, 1) % nelem(conversionsizes)};
	uint64_t v = take(in, 8);
	char format[32], want[MOST];

	conversionformat(&c, format);
	formatted(&c, v, want);
	cut(&c, format, v, want, MOST);
	cut(&c, format, v, want, take(in, 1));
}

/* Texts are as the C library has them; NULL and %p are not asked. */
static void
textof(Input *in)
{
	char s[40], want[MOST], got[MOST];
	size_t n = take(in, 1) % sizeof s;
	int width = (int)(int8_t)take(in, 1);
	int precision = (int)(int8_t)take(in, 1);

	for (size_t i = 0; i < n; i++)
		s[i] = (char)(1 + take(in, 1) % 255);
	s[n] = '\0';
	snprintf(want, sizeof want, "a%*.*sb%-*sc%.*s%%", width, precision, s,
	    MAX(width, 0), s, precision, s);
	snprint(got, sizeof got, "a%*.*sb%-*sc%.*s%%", width, precision, s,
	    MAX(width, 0), s, precision, s);
	if (strcmp(got, want) != 0)
		panic("width %d precision %d: '%s', not '%s'", width, precision,
		    got, want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = {data, size};

	while (in.n > 0)
		if (take(&in, 1) % 4 == 0)
			textof(&in);
		else
			number(&in);
	return 0;
}
