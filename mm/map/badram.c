/*
 * badram.c - the list of RAM that does not hold what is written to it.
 *
 * Ascending, and no two ranges touch. It is of a fixed size, as bad memory is
 * no place to write down where bad memory is: what finds no room is counted.
 */
#include "badram.h"
#include "hooks.h"

enum { NRANGE = 64 };

static struct {
	Lock lock;
	size_t n;
	size_t unlisted; /* pages that found no room */
	size_t inmap;
	Badrange range[NRANGE];
} bad;

void
badraminit(void)
{
	memset(&bad, 0, sizeof bad);
}

/* Put r in the place of those from i to j - 1, all that it touches. */
static void
replace(size_t i, size_t j, Badrange r)
{
	memmove(
	    &bad.range[i + 1], &bad.range[j], (bad.n - j) * sizeof(Badrange));
	bad.range[i] = r;
	bad.n = bad.n + 1 - (j - i);
}

void
badram(paddr_t pa, size_t npages, enum badkeeper keeper)
{
	Badrange r = {pa, pa + npages * BY2PG};
	size_t i = 0;

	lock(&bad.lock);
	if (keeper == BADINMAP)
		bad.inmap += npages;
	while (i < bad.n && bad.range[i].end < r.pa)
		i++;
	size_t j = i;
	for (; j < bad.n && bad.range[j].pa <= r.end; j++) {
		r.pa = MIN(r.pa, bad.range[j].pa);
		r.end = MAX(r.end, bad.range[j].end);
	}
	if (i == j && bad.n == NRANGE)
		bad.unlisted += npages;
	else
		replace(i, j, r);
	unlock(&bad.lock);
}

size_t
badrampages(void)
{
	lock(&bad.lock);
	size_t n = bad.unlisted;

	for (size_t i = 0; i < bad.n; i++)
		n += (bad.range[i].end - bad.range[i].pa) / BY2PG;
	unlock(&bad.lock);
	return n;
}

size_t
badraminmap(void)
{
	return bad.inmap;
}

bool
badramnext(paddr_t pa, Badrange *r)
{
	bool found = false;

	lock(&bad.lock);
	for (size_t i = 0; i < bad.n && !found; i++)
		if (bad.range[i].end > pa) {
			*r = bad.range[i];
			found = true;
		}
	unlock(&bad.lock);
	return found;
}
