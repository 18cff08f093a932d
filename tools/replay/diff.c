/*
 * diff.c - two saved maps beside each other: kern/mapdiff.c compares them.
 *
 * needs: efi/forms/side.c kern/mapdiff.c kern/mapchange.c kern/extents.c
 * needs: kern/linuxtype.c
 */
#include "replay.h"
#include "hooks.h"
#include "mapside.h"

#include <stdlib.h>

/* Its notes are said, and why it cannot be compared. */
static int
side(File *f, Mapside *s)
{
	int result = mapside(f->m, s);

	filenotes(f);
	return result < 0 ? filefailed(f, f->m) : 0;
}

static void
printchange(void *arg, const Mapchange *c)
{
	(void)arg;
	mapchangeprint(c);
}

static int
compare(Mapside *a, Mapside *b)
{
	Mapdiff d;
	void *work = malloc(mapdiffneed(a->n, b->n));

	if (work == NULL) {
		fputs("replay: no memory to compare them\n", stderr);
		return 2;
	}
	mapdiff(&d, a, b, work, printchange, NULL);
	mapdiffprint(&d);
	print("%s\n", mapdiffwords(&d));
	free(work);
	return mapdiffsame(&d) ? 0 : 1;
}

int
diff(File *was, File *now)
{
	Mapside a = {0};
	Mapside b = {0};
	int result = 2;

	if (side(was, &a) == 0 && side(now, &b) == 0)
		result = compare(&a, &b);
	formsfree(a.extent);
	formsfree(b.extent);
	return result;
}
