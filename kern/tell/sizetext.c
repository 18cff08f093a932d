/*
 * sizetext.c - see sizetext.h.
 */
#include "sizetext.h"
#include "print.h"

const char *
sizetext(char text[SIZETEXT], uint64_t bytes)
{
	static const char unit[] = "KMGTPE";
	uint64_t tenths = bytes / KiB * 10 + bytes % KiB * 10 / KiB;
	int u = 0;

	for (; tenths >= 10240; u++) /* 64 bits end at 16 EiB */
		tenths /= 1024;
	if (tenths >= 1000 || tenths % 10 == 0)
		snprint(text, SIZETEXT, "%4ju %cB", (uintmax_t)tenths / 10,
		    unit[u]);
	else
		snprint(text, SIZETEXT, "%2ju.%ju %cB", (uintmax_t)tenths / 10,
		    (uintmax_t)tenths % 10, unit[u]);
	return text;
}

const char *
sizeword(char text[SIZETEXT], uint64_t bytes)
{
	const char *s = sizetext(text, bytes);

	while (*s == ' ')
		s++;
	return s;
}

const char *
grouptext(char text[GROUPTEXT], uint64_t n)
{
	char digits[GROUPTEXT];
	size_t len = snprint(digits, sizeof digits, "%ju", (uintmax_t)n);
	size_t k = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[k++] = ',';
		text[k++] = digits[i];
	}
	text[k] = '\0';
	return text;
}
