/*
 * mapdiff.c - what became of each region from one map to another.
 *
 * Regions are paired first (regionpair.c). A pair at one place and of one type
 * is the same; another moved, if it is of one size, grew or shrank. One without
 * a partner is gone, or new. What is the same region in both may still have
 * changed hands or attributes: that is found descriptor by descriptor.
 */
#include "hooks.h"
#include "regionpair.h"

typedef struct List List;
typedef struct Work Work;

/* EFI's WP, RP, XP and RO. */
#define PROTECTIONS (7ull << 12 | 1ull << 17)

/* One map: as it is, and as regions. */
struct List {
	Extent *detail;
	size_t ndetail;
	Regions r;
};

struct Work {
	uint8_t *free;
	List was;
	List now;
	Mapdiff *d;
	void (*fn)(void *arg, const Mapchange *c);
	void *arg;
};

/* Flattened there are twice as many, at most. */
static size_t
listneed(size_t n)
{
	return 2 * n * (2 * sizeof(Extent) + sizeof(ptrdiff_t));
}

size_t
mapdiffneed(size_t nwas, size_t nnow)
{
	return listneed(nwas) + listneed(nnow) +
	       regionpairneed(2 * nwas, 2 * nnow);
}

static void *
carve(Work *w, size_t size)
{
	void *p = w->free;

	w->free += size;
	return p;
}

static void
makelist(Work *w, List *l, Mapside *side)
{
	size_t n = 2 * side->n;

	l->detail = carve(w, n * sizeof *l->detail);
	l->r.region = carve(w, n * sizeof *l->r.region);
	l->r.mate = carve(w, n * sizeof *l->r.mate);
	l->ndetail = extentsflatten(l->detail, side);
}

/* An EFI map beside one of e820 becomes one, too. */
static void
makeregions(List *l, enum mapview from, enum mapview view)
{
	if (from != view)
		l->ndetail = extentsfold(
		    l->detail, l->detail, l->ndetail, from, becomelinux);
	l->r.n =
	    extentsfold(l->r.region, l->detail, l->ndetail, view, becomeregion);
}

static void
give(Work *w, enum changekind kind, Extent was, Extent now)
{
	Mapchange c = {kind, w->d->view, was, now};

	w->d->n[kind]++;
	w->fn(w->arg, &c);
}

static void
givepair(Work *w, const Extent *was, const Extent *now)
{
	if (extentequal(was, now))
		return;
	give(w,
	    extentsize(now) == extentsize(was)  ? CHANGEMOVED
	    : extentsize(now) > extentsize(was) ? CHANGEGROWN
						: CHANGESHRUNK,
	    *was, *now);
}

/* By address: of those that are gone the one they had. */
static void
giveregions(Work *w)
{
	const Regions *was = &w->was.r;
	const Regions *now = &w->now.r;
	size_t i = 0;
	size_t j = 0;

	while (i < was->n || j < now->n) {
		const Extent *a = &was->region[i];
		const Extent *b = &now->region[j];

		if (j == now->n || (i < was->n && a->pa <= b->pa)) {
			if (was->mate[i++] == UNPAIRED)
				give(w, CHANGEGONE, *a, *a);
		} else if (now->mate[j] == UNPAIRED) {
			give(w, CHANGENEW, *b, *b);
			j++;
		} else
			givepair(w, &was->region[now->mate[j++]], b);
	}
}

/* What is the same region in both, looked at closely. */
static bool
detailkind(
    enum mapview view, const Extent *a, const Extent *b, enum changekind *kind)
{
	uint32_t atype;
	uint32_t btype;

	if (!becomeregion(view, a, &atype) || !becomeregion(view, b, &btype) ||
	    atype != btype)
		return false;
	*kind = a->type != b->type ? CHANGEOWNER : CHANGEATTR;
	return a->type != b->type || (a->attr ^ b->attr) & ~PROTECTIONS;
}

/* Both maps along each other, where both say something. */
static void
givedetails(Work *w)
{
	const List *was = &w->was;
	const List *now = &w->now;
	enum changekind kind;
	size_t i = 0;
	size_t j = 0;

	while (i < was->ndetail && j < now->ndetail) {
		Extent a = was->detail[i];
		Extent b = now->detail[j];
		paddr_t end = MIN(a.end, b.end);

		i += a.end == end;
		j += b.end == end;
		a.pa = b.pa = MAX(a.pa, b.pa);
		a.end = b.end = end;
		if (a.pa < end && detailkind(w->d->view, &a, &b, &kind))
			give(w, kind, a, b);
	}
}

/* Hibernation sums up number, addresses, sizes and types. */
static void
comparelinux(Work *w)
{
	List *was = &w->was;
	List *now = &w->now;
	enum mapview view = w->d->view;
	size_t n = extentsfold(
	    was->detail, was->detail, was->ndetail, view, becomelinux);
	size_t m = extentsfold(
	    now->detail, now->detail, now->ndetail, view, becomelinux);

	w->d->nlinux[0] = n;
	w->d->nlinux[1] = m;
	w->d->linuxsame = n == m;
	for (size_t i = 0; i < n && w->d->linuxsame; i++)
		w->d->linuxsame = extentequal(&was->detail[i], &now->detail[i]);
}

void
mapdiff(Mapdiff *d, Mapside *was, Mapside *now, void *work,
    void (*fn)(void *arg, const Mapchange *c), void *arg)
{
	Work w = {.free = work, .d = d, .fn = fn, .arg = arg};

	*d = (Mapdiff){.view = MAX(was->view, now->view)};
	makelist(&w, &w.was, was);
	makelist(&w, &w.now, now);
	makeregions(&w.was, was->view, d->view);
	makeregions(&w.now, now->view, d->view);
	d->crowded = !regionpair(&w.was.r, &w.now.r, w.free);
	giveregions(&w);
	givedetails(&w);
	comparelinux(&w);
}
