/*
 * side.c - a saved map as one side of a comparison (mapdiff.h).
 */
#include "form.h"
#include "mapside.h"

void
sideextent(Mapside *s, Extent e)
{
	if (e.pa < e.end)
		s->extent[s->n++] = e;
}

/* Pages past 2^64 wrap, too: their number may have any of 64 bits. */
void
sidepages(Mapside *s, const Efidesc *d)
{
	paddr_t end =
	    d->npages > NOADDR / BY2PG ? 0 : d->base + d->npages * BY2PG;

	sideextent(s, (Extent){d->base, end, d->type, d->attr});
}

/* Half a map would differ where it is cut. */
static int
whole(Map *m)
{
	if (m->form->made)
		mapnote(m,
		    "%s is not what firmware gave, which is what Linux "
		    "compares",
		    m->form->name);
	if (!m->unsure)
		return 0;
	m->lineno = m->last;
	return mapfail(m, "the last line has no end");
}

int
mapside(Map *m, Mapside *s)
{
	const char *line = m->e820;
	size_t n = line != NULL ? textlength(line) : m->nentry;
	Entry e = {0};

	*s = (Mapside){.view = m->form->efi ? VIEWEFI : VIEWE820};
	if (whole(m) < 0)
		return -1;
	m->lineno = m->first;
	s->extent = formstake((n + 1) * sizeof *s->extent);
	if (s->extent == NULL)
		return nomemory(m);
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *en = &m->entry[i];

		if (m->form->efi)
			sidepages(s, &(Efidesc){en->type, en->base, en->npages,
					 en->attr});
		else
			sideextent(s, (Extent){en->base, en->end, en->type, 0});
	}
	while (line != NULL && lineentry(&line, &e))
		sideextent(s, (Extent){e.base, e.end, e.type, 0});
	return 0;
}
