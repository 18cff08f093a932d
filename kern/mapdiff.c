/*
 * mapdiff.c - which regions are the same, and what became of the others.
 *
 * Those that are at the same place in both maps are the same. The others are
 * paired, type by type and in order of address, so that as few changes as can
 * be explain what there is: a pair (moved, if they are of one size; grown or
 * shrunk, if they overlap) is one, a region without a partner is one. Of ways
 * with equally many the one with the shortest moves is taken. What that leaves
 * is paired in the same way.
 *
 *		now:	-   N1   N2   N3
 *		was: -	0
 *		     W1		(W1, N1) a pair
 *		     W2			 \ (W2, N2)
 *
 * The best ways up to each place of that table come from the three next to it;
 * trail says which, to go back by.
 */
#include "extents.h"
#include "hooks.h"

typedef struct Cost Cost;
typedef struct List List;
typedef struct Work Work;

/* EFI's WP, RP, XP and RO. */
#define PROTECTIONS (7ull << 12 | 1ull << 17)

/* Places of one table, and of all that are filled: a second's work or two. */
enum { TRAILMAX = 1 << 24, STEPMAX = 1 << 27, UNPAIRED = -1 };

struct Cost {
	size_t changes;
	uint64_t far; /* pages, of all moves */
};

/* One map: as it is, as regions, and for each region its partner. */
struct List {
	Extent *detail;
	Extent *region;
	size_t ndetail;
	size_t nregion;
	ptrdiff_t *mate; /* index in the other list, or UNPAIRED */
	ptrdiff_t *pick; /* those of one type that are not the same */
	size_t npick;
};

struct Work {
	uint8_t *free;
	List was;
	List now;
	Cost *row[2];
	uint8_t *trail;
	size_t ntrail;
	size_t steps;
	Mapdiff *d;
	void (*fn)(void *arg, const Mapchange *c);
	void *arg;
};

/* What a step of the trail did. */
enum { GONE, NEW, PAIR };

static size_t
trailneed(size_t nwas, size_t nnow)
{
	size_t n = (2 * nwas + 1) * (2 * nnow + 1);

	return ROUNDUP(MIN(n, TRAILMAX), 8);
}

/* Flattened there are twice as many, at most. */
static size_t
listneed(size_t n)
{
	return 2 * n * (2 * sizeof(Extent) + 2 * sizeof(ptrdiff_t));
}

size_t
mapdiffneed(size_t nwas, size_t nnow)
{
	return listneed(nwas) + listneed(nnow) +
	       2 * (2 * nnow + 1) * sizeof(Cost) + trailneed(nwas, nnow);
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
	l->region = carve(w, n * sizeof *l->region);
	l->mate = carve(w, n * sizeof *l->mate);
	l->pick = carve(w, n * sizeof *l->pick);
	l->ndetail = extentsflatten(l->detail, side);
}

/* An EFI map beside one of e820 becomes one, too. */
static void
makeregions(List *l, enum mapview from, enum mapview view)
{
	if (from != view)
		l->ndetail = extentsfold(
		    l->detail, l->detail, l->ndetail, from, becomelinux);
	l->nregion =
	    extentsfold(l->region, l->detail, l->ndetail, view, becomeregion);
	for (size_t i = 0; i < l->nregion; i++)
		l->mate[i] = UNPAIRED;
}

static bool
equal(const Extent *a, const Extent *b)
{
	return a->pa == b->pa && a->end == b->end && a->type == b->type;
}

static bool
pairable(const Extent *a, const Extent *b)
{
	return extentsize(a) == extentsize(b) ||
	       (a->pa < b->end && b->pa < a->end);
}

static uint64_t
distance(const Extent *a, const Extent *b)
{
	return (a->pa < b->pa ? b->pa - a->pa : a->pa - b->pa) / BY2PG;
}

/* Those that did not change have each other. Both lists are in order. */
static void
pairsame(Work *w)
{
	size_t j = 0;

	for (size_t i = 0; i < w->was.nregion; i++) {
		const Extent *a = &w->was.region[i];

		while (j < w->now.nregion && w->now.region[j].pa < a->pa)
			j++;
		if (j < w->now.nregion && equal(a, &w->now.region[j])) {
			w->was.mate[i] = (ptrdiff_t)j;
			w->now.mate[j] = (ptrdiff_t)i;
		}
	}
}

static void
picktype(List *l, uint32_t type)
{
	l->npick = 0;
	for (size_t i = 0; i < l->nregion; i++)
		if (l->mate[i] == UNPAIRED && l->region[i].type == type)
			l->pick[l->npick++] = (ptrdiff_t)i;
}

static bool
less(Cost a, Cost b)
{
	return a.changes != b.changes ? a.changes < b.changes : a.far < b.far;
}

static const Extent *
picked(const List *l, size_t i)
{
	return &l->region[l->pick[i - 1]];
}

/* The cheapest way to (i, j), from above, from the left, or from both. */
static uint8_t
step(const Work *w, size_t i, size_t j, Cost *best)
{
	const Cost *above = w->row[(i - 1) % 2];
	const Cost *row = w->row[i % 2];
	const Extent *a = picked(&w->was, i);
	const Extent *b = picked(&w->now, j);
	uint8_t how = GONE;

	*best = above[j];
	if (less(row[j - 1], *best)) {
		*best = row[j - 1];
		how = NEW;
	}
	Cost pair = above[j - 1];

	pair.far += distance(a, b);
	if (pairable(a, b) && !less(*best, pair)) {
		*best = pair;
		how = PAIR;
	}
	best->changes++;
	return how;
}

/* Fill the table of one type. */
static void
fill(Work *w)
{
	size_t n = w->was.npick;
	size_t m = w->now.npick;

	for (size_t j = 0; j <= m; j++)
		w->row[0][j] = (Cost){j, 0};
	for (size_t i = 1; i <= n; i++) {
		w->row[i % 2][0] = (Cost){i, 0};
		for (size_t j = 1; j <= m; j++) {
			Cost best;

			w->trail[i * (m + 1) + j] = step(w, i, j, &best);
			w->row[i % 2][j] = best;
		}
	}
}

/* Back along the trail: how many pairs there are. */
static size_t
goback(Work *w)
{
	size_t i = w->was.npick;
	size_t j = w->now.npick;
	size_t m = w->now.npick;
	size_t npair = 0;

	while (i > 0 && j > 0) {
		uint8_t how = w->trail[i * (m + 1) + j];

		if (how == PAIR) {
			ptrdiff_t a = w->was.pick[i - 1];
			ptrdiff_t b = w->now.pick[j - 1];

			w->was.mate[a] = b;
			w->now.mate[b] = a;
			npair++;
		}
		i -= how != NEW;
		j -= how != GONE;
	}
	return npair;
}

/* Those that are not in order, as one moved past the other, come later. */
static void
pairtype(Work *w, uint32_t type)
{
	do {
		picktype(&w->was, type);
		picktype(&w->now, type);
		size_t n = (w->was.npick + 1) * (w->now.npick + 1);

		w->steps += n;
		if (n > w->ntrail || w->steps > STEPMAX) {
			w->d->crowded = true;
			return;
		}
		fill(w);
	} while (goback(w) > 0);
}

/* Each type once: where its first region without a partner is. */
static void
pairtypes(Work *w)
{
	const List *l = &w->was;

	for (size_t i = 0; i < l->nregion; i++) {
		bool first = l->mate[i] == UNPAIRED;

		for (size_t k = 0; k < i && first; k++)
			first = l->mate[k] != UNPAIRED ||
				l->region[k].type != l->region[i].type;
		if (first)
			pairtype(w, l->region[i].type);
	}
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
	if (equal(was, now))
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
	const List *was = &w->was;
	const List *now = &w->now;
	size_t i = 0;
	size_t j = 0;

	while (i < was->nregion || j < now->nregion) {
		const Extent *a = &was->region[i];
		const Extent *b = &now->region[j];

		if (j == now->nregion || (i < was->nregion && a->pa <= b->pa)) {
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
		w->d->linuxsame = equal(&was->detail[i], &now->detail[i]);
}

void
mapdiff(Mapdiff *d, Mapside *was, Mapside *now, void *work,
    void (*fn)(void *arg, const Mapchange *c), void *arg)
{
	Work w = {.free = work, .d = d, .fn = fn, .arg = arg};

	*d = (Mapdiff){.view = MAX(was->view, now->view)};
	makelist(&w, &w.was, was);
	makelist(&w, &w.now, now);
	for (int i = 0; i < 2; i++)
		w.row[i] = carve(&w, (2 * now->n + 1) * sizeof(Cost));
	w.ntrail = trailneed(was->n, now->n);
	w.trail = carve(&w, w.ntrail);
	makeregions(&w.was, was->view, d->view);
	makeregions(&w.now, now->view, d->view);
	pairsame(&w);
	pairtypes(&w);
	giveregions(&w);
	givedetails(&w);
	comparelinux(&w);
}
