/*
 * markup.c - text and sizes into SVG and HTML.
 */
#include "markup.h"

#include <string.h>

enum { DEL = 0x7f };

/* What is not printable, in ASCII, is nothing that a browser must see. */
void
puttext(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '<')
			fputs("&lt;", f);
		else if (c == '>')
			fputs("&gt;", f);
		else if (c == '&')
			fputs("&amp;", f);
		else if (c == '"')
			fputs("&quot;", f);
		else if (c == '\'')
			fputs("&#39;", f);
		else if (c == '\n' || (c >= ' ' && c < DEL))
			fputc(c, f);
		else
			fputc('?', f);
	}
}

void
putsize(FILE *f, uint64_t size)
{
	static const char *const units[] = {
	    "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t u = 0;
	uint64_t unit = 1;

	while (u + 1 < nelem(units) && size / unit >= KiB) {
		unit *= KiB;
		u++;
	}
	if (size % unit == 0)
		fprintf(f, "%ju %s", (uintmax_t)(size / unit), units[u]);
	else
		fprintf(f, "%.2f %s", (double)size / (double)unit, units[u]);
}
