/*
 * extents.c - a map as a list without overlaps, and as Linux has it.
 *
 * Linux on x86 takes EFI's map as its stub turns it into e820 entries
 * (linuxtype.h), neighbours of one type joined. The kernel then sorts them;
 * where some overlap the highest number wins (e820__update_table). What comes
 * out is printed as BIOS-e820, and is the table that hibernation sums up.
 */
#include "extents.h"

bool
extentequal(const Extent *a, const Extent *b)
{
	return a->pa == b->pa && a->end == b->end && a->type == b->type;
}

static uint32_t
linuxtype(enum mapview view, const Extent *e)
{
	return view == VIEWE820 ? e->type : linuxtypeof(e->type, e->attr);
}

bool
becomelinux(enum mapview view, const Extent *e, uint32_t *type)
{
	*type = linuxtype(view, e);
	return *type != NOTYPE;
}

/* Owners of RAM are EFI's own words: nothing else has their numbers. */
bool
becomeregion(enum mapview view, const Extent *e, uint32_t *type)
{
	uint32_t linux = linuxtype(view, e);

	*type = e->type;
	if (view == VIEWE820)
		return linux != NOTYPE;
	if (linux == E820SOFT)
		*type = TYPESOFT;
	else if (linux == E820RAM && e->type != EFIUNACCEPTED)
		*type = TYPERAM;
	return true;
}

/* Of two at one place the higher wins: Linux's type first, then the rest. */
static bool
above(enum mapview view, const Extent *a, const Extent *b)
{
	uint32_t la = linuxtype(view, a);
	uint32_t lb = linuxtype(view, b);

	if (la != lb)
		return la > lb;
	return a->type != b->type ? a->type > b->type : a->attr > b->attr;
}

/* The kernel keeps the entries of these apart, the stub does not. */
static bool
apart(enum mapview view, uint32_t type)
{
	return view == VIEWE820 && (type == E820PRAM || type == E820SOFT);
}

/* Add e behind the last of n, or to it. */
static size_t
append(Extent *out, size_t n, Extent e, enum mapview view)
{
	Extent *last = out + n - 1;

	if (n == 0 || last->end != e.pa || last->type != e.type ||
	    last->attr != e.attr || apart(view, e.type)) {
		out[n] = e;
		return n + 1;
	}
	last->end = e.end;
	return n;
}

/* Shell sort: maps come nearly in order, but may be long. */
void
extentssort(Extent *e, size_t n)
{
	size_t gap = 1;

	while (gap < n / 3)
		gap = 3 * gap + 1;
	for (; gap > 0; gap /= 3)
		for (size_t i = gap; i < n; i++) {
			Extent x = e[i];
			size_t j = i;

			for (; j >= gap && e[j - gap].pa > x.pa; j -= gap)
				e[j] = e[j - gap];
			e[j] = x;
		}
}

/*
 *	e[0] ... e[lo] ... e[next] ... e[n]
 *	  past    around at   further up
 *
 * From one end of any extent to the next the winner is the same.
 */
size_t
extentsflatten(Extent *out, Mapside *side)
{
	Extent *e = side->extent;
	size_t lo = 0;
	size_t next = 0;
	size_t nout = 0;
	paddr_t at = 0;

	extentssort(e, side->n);
	while (next < side->n || lo < next) {
		if (lo == next)
			at = e[next].pa;
		while (next < side->n && e[next].pa <= at)
			next++;
		paddr_t stop = next < side->n ? e[next].pa : NOADDR;
		Extent best = e[lo];

		for (size_t i = lo; i < next; i++) {
			stop = MIN(stop, e[i].end);
			if (above(side->view, &e[i], &best))
				best = e[i];
		}
		best.pa = at;
		best.end = stop;
		nout = append(out, nout, best, side->view);
		for (size_t i = lo; i < next; i++)
			if (e[i].end <= stop)
				e[i] = e[lo++];
		at = stop;
	}
	return nout;
}

size_t
extentsfold(
    Extent *out, const Extent *in, size_t n, enum mapview view, Become *become)
{
	size_t nout = 0;

	for (size_t i = 0; i < n; i++) {
		Extent e = in[i];

		e.attr = 0;
		if (become(view, &in[i], &e.type))
			nout = append(out, nout, e, view);
	}
	return nout;
}
