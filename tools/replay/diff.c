/*
 * diff.c - two saved maps beside each other: kern/mapdiff.c compares them.
 *
 * needs: kern/mapdiff.c kern/mapchange.c kern/extents.c
 * needs: kern/linuxtype.c
 */
#include "replay.h"
#include "hooks.h"
#include "mapdiff.h"

#include <stdlib.h>
#include <string.h>

/* What wraps or is empty is no memory. */
static void
addextent(Mapside *s, const Entry *e, paddr_t end, uint64_t attr)
{
	if (end > e->base)
		s->extent[s->n++] = (Extent){e->base, end, e->type, attr};
}

/* Pages past 2^64 wrap, too: their number may have any of 64 bits. */
static paddr_t
efiend(const Entry *e)
{
	return e->npages > NOADDR / BY2PG ? 0 : e->base + e->npages * BY2PG;
}

static Mapside
side(const Map *m)
{
	Mapside s = {.view = m->form->efi ? VIEWEFI : VIEWE820};
	const char *line = m->e820;
	size_t n = line != NULL ? strlen(line) : m->nentry;
	Entry e = {0};

	s.extent = calloc(n + 1, sizeof *s.extent);
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *en = &m->entry[i];

		addextent(&s, en, m->form->efi ? efiend(en) : en->end,
		    m->form->efi ? en->attr : 0);
	}
	while (line != NULL && lineentry(&line, &e))
		addextent(&s, &e, e.end, 0);
	return s;
}

/* These are what a kernel made of firmware's map, or was told. */
static void
secondhand(const File *f)
{
	static const Form *const made[] = {&iomem, &dom0, &plan9ini};

	for (size_t i = 0; i < nelem(made); i++)
		if (f->m->form == made[i])
			fprintf(stderr,
			    "replay: %s:%zu: note: %s is not what firmware "
			    "gave, which is what Linux compares\n",
			    f->name, f->m->first, f->m->form->name);
}

static int
whole(const File *f)
{
	Map why = {.lineno = f->m->last};

	secondhand(f);
	if (!f->m->unsure)
		return 0;
	mapfail(&why, "the last line has no end, nothing is compared");
	return filefailed(f, &why);
}

static void
printchange(void *arg, const Mapchange *c)
{
	(void)arg;
	mapchangeprint(c);
}

/* For people. */
static void
conclude(const Mapdiff *d)
{
	const char *what =
	    !d->linuxsame ? "A hibernated Linux would not resume: it compares "
			    "these maps, and they differ."
	    : !mapdiffsame(d)
		? "To Linux's hibernation the maps are the same, but not all "
		  "regions are."
	    : d->n[CHANGEOWNER] > 0
		? "The maps are the same, but for who owned some of the RAM."
		: "The maps are the same.";

	print("%s\n", what);
}

int
diff(const File *was, const File *now)
{
	Mapdiff d;

	if (whole(was) < 0 || whole(now) < 0)
		return 2;
	Mapside a = side(was->m);
	Mapside b = side(now->m);
	void *work = malloc(mapdiffneed(a.n, b.n));

	mapdiff(&d, &a, &b, work, printchange, NULL);
	mapdiffprint(&d);
	conclude(&d);
	free(work);
	free(a.extent);
	free(b.extent);
	return mapdiffsame(&d) ? 0 : 1;
}
