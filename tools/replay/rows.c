/*
 * rows.c - a map's entries by address, as rows of a page's table.
 *
 * What an entry becomes is what the memmap has there: it may be several things.
 */
#include "markup.h"
#include "efimap.h"
#include "memmap.h"

#include <stdlib.h>
#include <string.h>

typedef struct Row Row;

struct Row {
	Entry e;
	paddr_t last; /* its last byte, unless it has none */
	bool empty;
};

static const char *const e820names[] = {"type 0", "usable", "reserved",
    "ACPI data", "ACPI NVS", "unusable", "type 6", "persistent"};

static int
byaddress(const void *va, const void *vb)
{
	const Row *a = va;
	const Row *b = vb;

	if (a->e.base != b->e.base)
		return a->e.base < b->e.base ? -1 : 1;
	return a->last < b->last ? -1 : a->last > b->last;
}

/* Empty is, too, what goes past 2^64. */
static Row
row(const Form *form, const Entry *e)
{
	paddr_t last = form->efi ? e->base + e->npages * BY2PG - 1 : e->end - 1;
	bool empty = form->efi ? e->npages == 0 || e->npages > NOADDR / BY2PG
			       : e->end == 0;

	return (Row){*e, last, empty || last < e->base};
}

static Row *
rowsof(const Map *m, size_t *n)
{
	const char *line = m->e820;
	size_t most = line != NULL ? strlen(line) : m->nentry;
	Row *rows = calloc(most + 1, sizeof *rows);
	Entry e = {0};

	*n = 0;
	for (size_t i = 0; i < m->nentry; i++)
		rows[(*n)++] = row(m->form, &m->entry[i]);
	while (line != NULL && lineentry(&line, &e))
		rows[(*n)++] = row(m->form, &e);
	qsort(rows, *n, sizeof *rows, byaddress);
	return rows;
}

static void
puttype(FILE *f, const Form *form, uint32_t type)
{
	const char *name = form->efi                 ? efitypename(type)
			   : type < nelem(e820names) ? e820names[type]
			   : type == 12              ? "persistent (legacy)"
			   : type == 0xefffffff      ? "soft reserved"
						     : NULL;

	if (name != NULL)
		fprintf(f, "<td>%s</td>", name);
	else
		fprintf(f, "<td>type 0x%x</td>", type);
}

/* All types of the memmap from pa to last, each once. */
static void
putas(FILE *f, paddr_t pa, paddr_t last)
{
	bool said[NMEMTYPE] = {false};
	const char *and = "";
	Memrange r;

	fputs("<td>", f);
	for (; pa <= last && memmaprange(pa, &r) && r.pa <= last; pa = r.end) {
		if (said[r.type])
			continue;
		said[r.type] = true;
		fprintf(f, "%s%s", and, memtypename(r.type));
		and = ", ";
	}
	fputs(*and == '\0' ? "left out</td>" : "</td>", f);
}

static void
putplace(FILE *f, paddr_t pa, paddr_t last)
{
	fprintf(f,
	    "<td class=\"n\">0x%jx</td><td class=\"n\">0x%jx</td>"
	    "<td class=\"n\">",
	    (uintmax_t)pa, (uintmax_t)last);
	putsize(f, last - pa + 1);
	fputs("</td>", f);
}

static void
putrow(FILE *f, const Form *form, const Row *r)
{
	char attrs[WORDS];

	fputs("<tr>", f);
	if (!r->empty)
		putplace(f, r->e.base, r->last);
	else
		fprintf(f,
		    "<td class=\"n\">0x%jx</td><td></td><td>no memory</td>",
		    (uintmax_t)r->e.base);
	puttype(f, form, r->e.type);
	if (!r->empty)
		putas(f, r->e.base, r->last);
	else
		fputs("<td>left out</td>", f);
	attrsay(r->e.attr, attrs, sizeof attrs);
	if (form->efi)
		fprintf(f, "<td>%s</td>", attrs);
	fputs("</tr>\n", f);
}

void
putrows(FILE *f, const Map *m)
{
	size_t n;
	Row *rows = rowsof(m, &n);
	paddr_t next = 0; /* behind all that came so far */

	fprintf(f,
	    "<div class=\"wide\"><table><tr><th class=\"n\">Start</th>"
	    "<th class=\"n\">End</th><th "
	    "class=\"n\">Size</th><th>Type</th><th>Becomes</th>%s</tr>\n",
	    m->form->efi ? "<th>Attributes</th>" : "");
	for (size_t i = 0; i < n; i++) {
		const Row *r = &rows[i];

		if (!r->empty && r->e.base > next) {
			fputs("<tr class=\"hole\">", f);
			putplace(f, next, r->e.base - 1);
			fprintf(f,
			    "<td colspan=\"%d\">not in the map</td></tr>\n",
			    m->form->efi ? 3 : 2);
		}
		putrow(f, m->form, r);
		if (!r->empty)
			next = MAX(next, r->last + (r->last != NOADDR));
	}
	fputs("</table></div>\n", f);
	free(rows);
}
