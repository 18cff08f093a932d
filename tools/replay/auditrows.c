/*
 * auditrows.c - what `mem9 audit' said, as a table of a page.
 *
 *	mem9: audit name=null-page result=failed detail="page 0 can be read"
 *
 * The lines stand beside the map that they are about, in the same boot.
 */
#include "markup.h"
#include "scantext.h"

#include <string.h>

enum { NAME = 40 };

/* The word behind those, up to a blank or the end; false if there is none. */
static bool
value(const char **s, const char *key, char word[NAME])
{
	if (!scanword(s, key))
		return false;
	size_t n = strcspn(*s, " ");
	if (n == 0 || n >= NAME)
		return false;
	memcpy(word, *s, n);
	word[n] = '\0';
	*s += n;
	return true;
}

/* One check; a line that is otherwise is none. */
static bool
row(FILE *f, const char *s, const char *before)
{
	char name[NAME];
	char result[NAME];
	char detail[WORDS] = "";

	if (!scanword(&s, "mem9: audit ") || !value(&s, "name=", name) ||
	    !value(&s, " result=", result))
		return false;
	if (scanword(&s, " detail=\""))
		snprintf(
		    detail, sizeof detail, "%.*s", (int)strcspn(s, "\""), s);
	fputs(before, f);
	fputs("<tr><td>", f);
	puttext(f, name);
	fputs("</td><td>", f);
	puttext(f, result);
	fputs("</td><td>", f);
	puttext(f, detail);
	fputs("</td></tr>\n", f);
	return true;
}

void
putaudit(FILE *f, const File *file)
{
	static const char heading[] =
	    "<h2>Audit</h2>\n<div class=\"wide\"><table><tr><th>Check</th>"
	    "<th>Result</th><th>What was seen</th></tr>\n";
	const char *before = heading;

	for (size_t i = 0; i < file->t.nline; i++) {
		const Line *l = &file->t.line[i];

		if (l->boot == file->m->boot && row(f, l->s, before))
			before = "";
	}
	if (before != heading)
		fputs("</table></div>\n", f);
}
