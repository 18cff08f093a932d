/*
 * html.c - a page about a saved map, to go with a bug report.
 *
 * One file that needs no other, and runs nothing: the policy in its head
 * forbids what the rest does not hold anyway. Light or dark, as the reader's
 * browser is.
 *
 * needs: tools/replay/svg.c tools/replay/rows.c tools/replay/auditrows.c
 */
#include "markup.h"
#include "conf.h"
#include "memmap.h"
#include "scantext.h"

#include <stdlib.h>
#include <string.h>

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
    "<style>\n"
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:0 auto;"
    "padding:1rem;background:#fff;color:#1d2330}\n"
    "h1{font-size:1.5rem;overflow-wrap:anywhere}"
    "h2{font-size:1.2rem;margin-top:2rem}\n"
    "table{border-collapse:collapse}"
    "th,td{padding:.15rem .7rem;text-align:left;border-bottom:1px solid "
    "#d5d9e2;vertical-align:top}\n"
    ".n{text-align:right;font-family:monospace;white-space:nowrap}"
    ".wide{overflow-x:auto}.hole{font-style:italic;opacity:.7}\n"
    "svg{width:100%;height:auto;border:1px solid #d5d9e2}"
    "pre{overflow-x:auto;font-size:.8rem}\n"
    "@media (prefers-color-scheme:dark){"
    "body{background:#14171f;color:#dfe3ec}"
    "th,td,svg{border-color:#3a4150}}\n"
    "</style>\n";

static void
fact(FILE *f, const char *name, const char *text)
{
	fprintf(f, "<tr><th>%s</th><td>", name);
	puttext(f, text);
	fputs("</td></tr>\n", f);
}

/* What a mem9 log calls firmware: up to the last quote of it. */
static void
vendor(FILE *f, const char *s)
{
	const char *at = strstr(s, " firmware=\"");
	const char *end = at != NULL ? strstr(at, "\" descriptors=") : NULL;
	char words[WORDS];

	if (end == NULL)
		return;
	at += strlen(" firmware=\"");
	snprintf(words, sizeof words, "%.*s",
	    (int)MIN((size_t)(end - at), sizeof words), at);
	fact(f, "Firmware", words);
}

/* What the text says of the machine, in the map's own boot. */
static void
machine(FILE *f, const File *file)
{
	for (size_t i = 0; i < file->t.nline; i++) {
		const Line *l = &file->t.line[i];
		const char *s = l->s;

		if (l->boot != file->m->boot)
			continue;
		if (scanword(&s, "mem9: start "))
			vendor(f, s - 1);
		else if (scanword(&s, "DMI: "))
			fact(f, "Machine", s);
		else if (scanword(&s, "efi: EFI v"))
			fact(f, "Firmware", l->s + strlen("efi: "));
	}
}

static void
facts(FILE *f, const File *file)
{
	const Map *m = file->m;
	char words[WORDS];

	fputs("<table>\n", f);
	fact(f, "File", file->name);
	snprintf(words, sizeof words, "%s, from line %zu on", m->form->name,
	    m->first);
	fact(f, "Read as", words);
	machine(f, file);
	for (size_t i = 0; i < MIN(m->nnote, NOTES); i++)
		fact(f, "Note", m->note[i]);
	fputs("</table>\n", f);
}

static void
totals(FILE *f)
{
	Memtotal t;

	memmaptotal(&t);
	fputs(
	    "<h2>Totals</h2>\n<table><tr><th>Type</th><th class=\"n\">Size</th>"
	    "<th class=\"n\">Bytes</th><th>What it is</th></tr>\n",
	    f);
	for (int type = NMEMTYPE - 1; type >= 0; type--) {
		fprintf(f, "<tr><td>%s</td><td class=\"n\">",
		    memtypename((enum memtype)type));
		putsize(f, t.size[type]);
		fprintf(f,
		    "</td><td class=\"n\">%zu</td><td>%s: %s</td></tr>\n",
		    t.size[type], shown[type].name, shown[type].what);
	}
	fputs("</table>\n", f);
}

static void
banks(FILE *f)
{
	fputs("<h2>Banks</h2>\n", f);
	if (conf.nmem == 0) {
		fputs("<p>There is no RAM to use.</p>\n", f);
		return;
	}
	fputs("<div class=\"wide\"><table><tr><th class=\"n\">Bank</th>"
	      "<th class=\"n\">Start</th><th class=\"n\">End</th>"
	      "<th class=\"n\">Pages</th><th class=\"n\">Size</th></tr>\n",
	    f);
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *b = &conf.mem[i];
		size_t size = b->npage * BY2PG;

		fprintf(f,
		    "<tr><td class=\"n\">%zu</td><td class=\"n\">0x%jx</td>"
		    "<td class=\"n\">0x%jx</td><td class=\"n\">%zu</td>"
		    "<td class=\"n\">",
		    i, (uintmax_t)b->base, (uintmax_t)(b->base + size - 1),
		    b->npage);
		putsize(f, size);
		fputs("</td></tr>\n", f);
	}
	fputs("</table></div>\n", f);
}

/* The lines with these words in them, if there are any, under a heading. */
static void
some(FILE *f, const char *heading, const char *lines, const char *words)
{
	bool any = false;

	for (const char *s = lines; *s != '\0'; s += *s == '\n') {
		size_t len = strcspn(s, "\n");

		if (strncmp(s, words, strlen(words)) == 0) {
			char *line = strndup(s, len);

			if (!any)
				fprintf(f, "<h2>%s</h2>\n<pre>", heading);
			puttext(f, line + strlen("mem9: "));
			fputc('\n', f);
			free(line);
			any = true;
		}
		s += len;
	}
	fputs(any ? "</pre>\n" : "", f);
}

void
puthtml(FILE *f, const File *file, const char *picture, const char *lines)
{
	fputs(head, f);
	fputs("<title>Memory map: ", f);
	puttext(f, file->name);
	fputs("</title></head><body>\n<h1>Memory map: ", f);
	puttext(f, file->name);
	fputs("</h1>\n", f);
	facts(f, file);
	fprintf(f, "<h2>Picture</h2>\n%s", picture);
	totals(f);
	banks(f);
	some(f, "Odd", lines, "mem9: odd ");
	some(f, "To be avoided", lines, "mem9: avoid ");
	putaudit(f, file);
	fputs("<h2>Map</h2>\n", f);
	putrows(f, file->m);
	fputs("<details><summary>For programs</summary>\n<pre>", f);
	puttext(f, lines);
	fputs("</pre></details>\n</body></html>\n", f);
}
