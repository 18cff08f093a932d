/*
 * formatted.c - see formatted.h.
 *
 * Numbers go through the C library's plainest conversions and no others.
 */
#include "formatted.h"
#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
conversionformat(const Conversion *c, char *format)
{
	char width[12] = "";
	char precision[12] = "";

	if (c->width >= 0)
		snprintf(width, sizeof width, "%d", c->width);
	if (c->precision >= 0)
		snprintf(precision, sizeof precision, ".%d", c->precision);
	snprintf(format, 32, "%%%s%s%s%s%s%s%c", c->left ? "-" : "",
	    c->sharp ? "#" : "", c->zero ? "0" : "", c->width > 0 ? width : "",
	    precision, conversionsizes[c->size].name, c->letter);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
size_t
conversionprint(const Conversion *c, const char *format, uint64_t value,
    char *text, size_t size)
{
	if (conversionsizes[c->size].bytes == 8)
		return snprint(text, size, format, value);
	return snprint(text, size, format, (unsigned)value);
}
#pragma GCC diagnostic pop

/* The digits alone, and what stands before them. */
static const char *
parts(const Conversion *c, uint64_t value, char *digits)
{
	size_t bits = 8 * conversionsizes[c->size].bytes;
	uint64_t mask = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;
	uint64_t v = value & mask;

	if (c->letter == 'x' || c->letter == 'X') {
		sprintf(digits, c->letter == 'x' ? "%" PRIx64 : "%" PRIX64, v);
		return c->sharp ? "0x" : "";
	}
	if (c->letter != 'u' && v > mask / 2) {
		sprintf(digits, "%" PRIu64, mask - v + 1);
		return "-";
	}
	sprintf(digits, "%" PRIu64, v);
	return "";
}

static void
repeat(char *text, char c, int n)
{
	size_t end = strlen(text);

	for (; n > 0; n--)
		text[end++] = c;
	text[end] = '\0';
}

void
formatted(const Conversion *c, uint64_t value, char *text)
{
	char digits[24];
	const char *prefix = parts(c, value, digits);
	int zeros = c->precision - (int)strlen(digits);
	int whole = (int)(strlen(prefix) + strlen(digits));
	int blanks = c->width - whole - (zeros > 0 ? zeros : 0);

	if (c->zero && !c->left && c->precision < 0) {
		zeros = blanks;
		blanks = 0;
	}
	text[0] = '\0';
	repeat(text, ' ', c->left ? 0 : blanks);
	strcat(text, prefix);
	repeat(text, '0', zeros);
	strcat(text, digits);
	repeat(text, ' ', c->left ? blanks : 0);
}
