/*
 * supply.c - the pages that a visit of a pool brings for its arenas.
 *
 * None is asked for with the pool's lock held: a visit tells what it lacks, and
 * after it that is fetched for the next (visit.c). For more than there can be,
 * and more than 2 MiB, nothing is fetched: no chunk is opened for it, and no
 * cache is emptied.
 */
#include "poolparts.h"
#include "image.h"

/* How many 2 MiB pages fit into [at, end). */
static size_t
hugeplaces(uintptr_t at, uintptr_t end, uintptr_t limit)
{
	size_t n = 0;

	for (at = ROUNDUP(at, 2 * MiB); at < end && hugefits(at, limit);
	     at += 2 * MiB)
		n++;
	return n;
}

/* How many single ones it takes if there are so many of those. */
static size_t
singles(uintptr_t at, uintptr_t end, uintptr_t limit, size_t nhuge)
{
	uintptr_t first = ROUNDUP(at, 2 * MiB);
	size_t n = MIN(nhuge, hugeplaces(at, end, limit));

	if (n == 0)
		return (end - at) / BY2PG;
	uintptr_t behind = MIN(end, first + n * 2 * MiB);
	return (first - at + (end - behind)) / BY2PG;
}

/* How many single ones v needs for what it lacks. */
static size_t
needed(const Visit *v)
{
	return v->extra + singles(v->at, v->end, v->limit, v->nhuge);
}

enum opened
visitneeds(Visit *v, size_t extra, uintptr_t at, uintptr_t end, uintptr_t limit)
{
	v->extra = extra;
	v->at = at;
	v->end = end;
	v->limit = limit;
	if (needed(v) <= v->nsmall)
		return OPENED;
	v->lacks = !v->poor && (v->toomuch == 0 || needed(v) < v->toomuch);
	return v->lacks ? LATER : CLOSED;
}

/* One more for the chain; false if there is none. */
static bool
add(Page **chain, size_t *n, Page *pg)
{
	if (pg == NULL)
		return false;
	pagesetnext(pg, *chain);
	*chain = pg;
	*n += 1;
	return true;
}

/* Than there is. It takes time to ask, so that is not done for few. */
static bool
ismore(const Visit *v)
{
	return needed(v) - v->nsmall > 2 * MiB / BY2PG &&
	       needed(v) - v->nsmall > pagesmost();
}

bool
visitfetch(Visit *v)
{
	if (!v->lacks)
		return false;
	size_t nhuge = hugeplaces(v->at, v->end, v->limit);
	if (ismore(v)) {
		v->toomuch = needed(v);
		return true;
	}
	while (v->nhuge < nhuge &&
	       add(&v->huge, &v->nhuge, newhugepage(2 * MiB, NOCLEAR, 0)))
		;
	while (v->nsmall < needed(v) && !v->poor)
		v->poor = !add(&v->small, &v->nsmall, newpage(NOCLEAR, 0));
	return true;
}

void
visitend(Visit *v)
{
	freemapped(v->small);
	freemapped(v->huge);
	if (v->range != NULL)
		unreserverange(v->range, v->rangesize);
}
