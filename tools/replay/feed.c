/*
 * feed.c - the entries into the memmap, and what must not be used of them.
 */
#include "replay.h"
#include "e820.h"
#include "efimap.h"

#include <stdlib.h>

/* The descriptor as firmware would lay it out. */
typedef struct Rawdesc Rawdesc;
struct Rawdesc {
	uint32_t type;
	uint32_t pad;
	uint64_t base;
	uint64_t virtual;
	uint64_t npages;
	uint64_t attr;
	uint64_t more; /* real ones are longer than the fields, too */
};

static int
feedefi(const Map *m, int physbits)
{
	Rawdesc *raw = calloc(m->nentry, sizeof *raw);
	Efimap map = {
	    raw, m->nentry * sizeof *raw, sizeof *raw, physbits, 0, 0};

	for (size_t i = 0; i < m->nentry; i++) {
		raw[i].type = m->entry[i].type;
		raw[i].base = m->entry[i].base;
		raw[i].npages = m->entry[i].npages;
		raw[i].attr = m->entry[i].attr;
	}
	int result = efimapadd(&map);

	free(raw);
	return result;
}

int
mapfeed(Map *m, int physbits)
{
	Badword bad;

	if (m->form->efi)
		return feedefi(m, physbits);
	if (m->e820 != NULL) {
		if (e820add(m->e820, physbits, &bad) == 0)
			return 0;
		m->lineno = m->first;
		return mapfail(m, "'%.*s' should be %s", (int)MIN(bad.len, 40),
		    bad.word, bad.want);
	}
	e820begin();
	for (size_t i = 0; i < m->nentry; i++)
		e820range(m->entry[i].type, m->entry[i].base, m->entry[i].end,
		    physbits);
	memmapsettle();
	return 0;
}

/* The pages of [pa, last], as far as the width goes. */
static void
avoid(paddr_t pa, paddr_t last, int physbits)
{
	const paddr_t width = (paddr_t)1 << physbits;

	if (pa <= last && pa < width)
		memmapavoid(
		    ROUNDDOWN(pa, BY2PG), PGROUND(MIN(last, width - 1) + 1));
}

/* The same of a descriptor: what is empty or goes past 2^64 is nothing. */
static void
avoidpages(const Entry *e, int physbits)
{
	if (e->npages > 0 && e->npages <= UINT64_MAX / BY2PG + 1)
		avoid(e->base, e->base + e->npages * BY2PG - 1, physbits);
}

/* The entries of type 5 of a *e820= line. */
static void
avoidline(const char *s, int physbits)
{
	enum { UNUSABLE = 5 };
	Entry e;

	while (lineentry(&s, &e))
		if (e.type == UNUSABLE && e.end > 0)
			avoid(e.base, e.end - 1, physbits);
}

void
mapavoid(const Map *m, int physbits)
{
	enum { EFIUNUSABLE = 8, E820UNUSABLE = 5 };

	if (m->e820 != NULL)
		avoidline(m->e820, physbits);
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *e = &m->entry[i];

		if (m->form->efi && e->type == EFIUNUSABLE)
			avoidpages(e, physbits);
		if (!m->form->efi && e->type == E820UNUSABLE && e->end > 0)
			avoid(e->base, e->end - 1, physbits);
	}
	for (size_t i = 0; i < m->nbad; i++)
		avoidpages(&m->bad[i], physbits);
}
