/*
 * mapside.h - maps as the sides of a comparison (mapdiff.h), in memory of
 * formstake()'s (forms.h).
 */
#ifndef MAPSIDE_H
#define MAPSIDE_H

#include "efimap.h"
#include "forms.h"
#include "mapdiff.h"

/*
 * A saved map, which may get one more note; s->extent is to be freed in any
 * case. -1 and m->why, m->lineno if its last line may be cut, or there is no
 * memory.
 */
int mapside(Map *m, Mapside *s);

/* One more extent, for which there is room; what wraps or is empty is none. */
void sideextent(Mapside *s, Extent e);
void sidepages(Mapside *s, const Efidesc *d);

#endif
