/*
 * regionpair.c - which regions of one map are those of the other.
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
#include "regionpair.h"

#include "hooks.h"

typedef struct Cost Cost;
typedef struct Pairing Pairing;
typedef struct Side Side;

/* Places of one table, and of all that are filled: a second's work or two. */
enum { TRAILMAX = 1 << 24, STEPMAX = 1 << 27 };

struct Cost {
	size_t changes;
	uint64_t far; /* pages, of all moves */
};

/* Of a map's regions, those of one type that have no partner yet. */
struct Side {
	Regions *all;
	ptrdiff_t *pick;
	size_t npick;
};

struct Pairing {
	Side was;
	Side now;
	Cost *row[2];
	uint8_t *trail;
	size_t ntrail;
	size_t steps;
};

/* What a step of the trail did. */
enum { GONE, NEW, PAIR };

static size_t
trailneed(size_t nwas, size_t nnow)
{
	return ROUNDUP(MIN((nwas + 1) * (nnow + 1), TRAILMAX), 8);
}

size_t
regionpairneed(size_t nwas, size_t nnow)
{
	return (nwas + nnow) * sizeof(ptrdiff_t) +
	       2 * (nnow + 1) * sizeof(Cost) + trailneed(nwas, nnow);
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
pairsame(Regions *was, Regions *now)
{
	size_t j = 0;

	for (size_t i = 0; i < was->n; i++) {
		const Extent *a = &was->region[i];

		while (j < now->n && now->region[j].pa < a->pa)
			j++;
		if (j < now->n && extentequal(a, &now->region[j])) {
			was->mate[i] = (ptrdiff_t)j;
			now->mate[j] = (ptrdiff_t)i;
		}
	}
}

static void
picktype(Side *s, uint32_t type)
{
	s->npick = 0;
	for (size_t i = 0; i < s->all->n; i++)
		if (s->all->mate[i] == UNPAIRED &&
		    s->all->region[i].type == type)
			s->pick[s->npick++] = (ptrdiff_t)i;
}

static bool
less(Cost a, Cost b)
{
	return a.changes != b.changes ? a.changes < b.changes : a.far < b.far;
}

static const Extent *
picked(const Side *s, size_t i)
{
	return &s->all->region[s->pick[i - 1]];
}

/* The cheapest way to (i, j), from above, from the left, or from both. */
static uint8_t
step(const Pairing *p, size_t i, size_t j, Cost *best)
{
	const Cost *above = p->row[(i - 1) % 2];
	const Cost *row = p->row[i % 2];
	const Extent *a = picked(&p->was, i);
	const Extent *b = picked(&p->now, j);
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
fill(Pairing *p)
{
	size_t n = p->was.npick;
	size_t m = p->now.npick;

	for (size_t j = 0; j <= m; j++)
		p->row[0][j] = (Cost){j, 0};
	for (size_t i = 1; i <= n; i++) {
		p->row[i % 2][0] = (Cost){i, 0};
		for (size_t j = 1; j <= m; j++) {
			Cost best;

			p->trail[i * (m + 1) + j] = step(p, i, j, &best);
			p->row[i % 2][j] = best;
		}
	}
}

/* Back along the trail: how many pairs there are. */
static size_t
goback(Pairing *p)
{
	size_t i = p->was.npick;
	size_t j = p->now.npick;
	size_t m = p->now.npick;
	size_t npair = 0;

	while (i > 0 && j > 0) {
		uint8_t how = p->trail[i * (m + 1) + j];

		if (how == PAIR) {
			ptrdiff_t a = p->was.pick[i - 1];
			ptrdiff_t b = p->now.pick[j - 1];

			p->was.all->mate[a] = b;
			p->now.all->mate[b] = a;
			npair++;
		}
		i -= how != NEW;
		j -= how != GONE;
	}
	return npair;
}

/* Those that are not in order, as one moved past the other, come later. */
static bool
pairtype(Pairing *p, uint32_t type)
{
	do {
		picktype(&p->was, type);
		picktype(&p->now, type);
		size_t n = (p->was.npick + 1) * (p->now.npick + 1);

		if (n > p->ntrail || n > STEPMAX - p->steps)
			return false;
		p->steps += n;
		fill(p);
	} while (goback(p) > 0);
	return true;
}

/* Each type once: where its first region is. */
static bool
pairtypes(Pairing *p)
{
	const Regions *l = p->was.all;
	bool all = true;

	for (size_t i = 0; i < l->n; i++) {
		size_t k = 0;

		while (l->region[k].type != l->region[i].type)
			k++;
		if (k == i)
			all = pairtype(p, l->region[i].type) && all;
	}
	return all;
}

bool
regionpair(Regions *was, Regions *now, void *work)
{
	Pairing p = {.was.all = was, .now.all = now};

	p.was.pick = work;
	p.now.pick = p.was.pick + was->n;
	p.row[0] = (Cost *)(p.now.pick + now->n);
	p.row[1] = p.row[0] + now->n + 1;
	p.trail = (uint8_t *)(p.row[1] + now->n + 1);
	p.ntrail = trailneed(was->n, now->n);
	for (size_t i = 0; i < was->n; i++)
		was->mate[i] = UNPAIRED;
	for (size_t i = 0; i < now->n; i++)
		now->mate[i] = UNPAIRED;
	pairsame(was, now);
	return pairtypes(&p);
}
