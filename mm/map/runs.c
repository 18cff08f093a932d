/*
 * runs.c - a balanced tree of disjoint runs: see runs.h.
 *
 *	          [4M,8M)                  in address order, left to right;
 *	         /       \                 each knows the longest free run
 *	    [1M,2M)     [9M,64M)           of each type below it, so that a
 *	   /       \            \          search skips what cannot hold one
 *	[0,1M)   [2M,4M)      [64M,1G)
 *
 * The tree is cut in two at an address and two trees are joined, one entirely
 * below the other; every change is made of these. The root of a join is drawn
 * by lot, each run with the same chance, so the tree is as deep as a random
 * one whatever is done to it: 2 log2(runs) or so. A tree built from sorted
 * runs starts as flat as can be.
 *
 * Invariants, verified by runscheck(): runs are not empty, ascending, do not
 * overlap, and neighbours that touch differ in rank; count and most are
 * those of the subtree.
 */
#include "runs.h"
#include "hooks.h"

/* After so many runs that are large enough, but not where they lie. */
enum { FITTRIES = 64 };

/* Stands for a missing child, so that pull need not ask. */
static const Run none;

static void
pull(Run *r)
{
	const Run *a = r->left != NULL ? r->left : &none;
	const Run *b = r->right != NULL ? r->right : &none;

	r->count = a->count + b->count + 1;
	for (int t = 0; t < NMEMTYPE; t++)
		r->most[t] = MAX(a->most[t], b->most[t]);
	if (r->rank < NMEMTYPE)
		r->most[r->rank] = MAX(r->most[r->rank], r->end - r->pa);
}

/* Cut t in runs that start below pa and the others. */
static void
split(Run *t, paddr_t pa, Run **lo, Run **hi)
{
	if (t == NULL) {
		*lo = *hi = NULL;
		return;
	}
	if (t->pa < pa) {
		split(t->right, pa, &t->right, hi);
		*lo = t;
	} else {
		split(t->left, pa, lo, &t->left);
		*hi = t;
	}
	pull(t);
}

static uint32_t
draw(Runs *rs, uint32_t below)
{
	rs->seed = rs->seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(((rs->seed >> 32) * below) >> 32);
}

/* One tree of two, every run of lo below every run of hi. */
static Run *
join(Runs *rs, Run *lo, Run *hi)
{
	if (lo == NULL || hi == NULL)
		return lo == NULL ? hi : lo;
	if (draw(rs, lo->count + hi->count) < lo->count) {
		lo->right = join(rs, lo->right, hi);
		pull(lo);
		return lo;
	}
	hi->left = join(rs, lo, hi->left);
	pull(hi);
	return hi;
}

void
runsgrow(Runs *rs, void *p, size_t size)
{
	while (rs->fresh < rs->limit) {
		rs->fresh->left = rs->freed;
		rs->freed = rs->fresh++;
	}
	rs->fresh = p;
	rs->limit = rs->fresh + size / sizeof(Run);
	rs->nroom += size / sizeof(Run);
}

void *
runsspare(Runs *rs, size_t size)
{
	size_t n = size / sizeof(Run) + (size % sizeof(Run) != 0);

	if (n > (size_t)(rs->limit - rs->fresh))
		return NULL;
	rs->limit -= n;
	rs->nroom -= n;
	return rs->limit;
}

static Run *
newrun(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank)
{
	Run *r = rs->freed;

	rs->nroom--;
	if (r != NULL)
		rs->freed = r->left;
	else
		r = rs->fresh++;
	r->pa = pa;
	r->end = end;
	r->rank = rank;
	r->left = r->right = NULL;
	pull(r);
	return r;
}

static void
freeall(Runs *rs, Run *t)
{
	if (t == NULL)
		return;
	freeall(rs, t->left);
	freeall(rs, t->right);
	t->left = rs->freed;
	rs->freed = t;
	rs->nroom++;
}

/* See to it that no run has pa inside: one that does becomes two. */
static void
border(Runs *rs, paddr_t pa)
{
	Run *r = runat(rs, pa);
	Run *lo;
	Run *hi;
	Run *one;

	if (r == NULL || r->pa == pa)
		return;
	split(rs->root, pa, &lo, &hi);
	split(lo, r->pa, &lo, &one);
	hi = join(rs, newrun(rs, pa, one->end, one->rank), hi);
	one->end = pa;
	pull(one);
	rs->root = join(rs, join(rs, lo, one), hi);
}

/* The run that starts at pa has changed: count again down to it. */
static void
recount(Run *t, paddr_t pa)
{
	if (t->pa != pa)
		recount(pa < t->pa ? t->left : t->right, pa);
	pull(t);
}

/* Two runs that touch now do so at pa. */
static void
moveborder(Runs *rs, Run *lo, Run *hi, paddr_t pa)
{
	lo->end = hi->pa = pa;
	recount(rs->root, lo->pa);
	recount(rs->root, hi->pa);
}

/*
 * Paint without changing the tree's shape, which most allocations can:
 *
 *	[ before )[ r           )[ after )	r is all of [pa, end): its rank
 *	          [pa    end)			before takes the front of r
 *	              [pa    end)		after takes its back
 */
static bool
paintinplace(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank)
{
	Run *r = runat(rs, pa);

	if (r == NULL || end > r->end)
		return false;
	Run *before = pa == r->pa && pa > 0 ? runat(rs, pa - 1) : NULL;
	Run *after = end == r->end ? runat(rs, end) : NULL;
	bool joinsbefore = before != NULL && before->rank == rank;
	bool joinsafter = after != NULL && after->rank == rank;

	if (pa == r->pa && end == r->end && !joinsbefore && !joinsafter) {
		r->rank = rank;
		recount(rs->root, pa);
	} else if (joinsbefore && end < r->end)
		moveborder(rs, before, r, end);
	else if (joinsafter && pa > r->pa)
		moveborder(rs, r, after, pa);
	else
		return false;
	return true;
}

/* How many runs more there are, for a while, when [pa, end) is painted. */
static size_t
paintroom(const Runs *rs, paddr_t pa, paddr_t end)
{
	const Run *first = runfrom(rs, pa);
	const Run *last = runat(rs, end);

	if (first == NULL || first->pa >= end)
		return 1;
	return (first->pa < pa) + (last != NULL && last->pa < end);
}

/* Cut the tree at both ends and put one run in place of what is between. */
static int
paintanew(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank)
{
	const Run *before = pa > 0 ? runat(rs, pa - 1) : NULL;
	const Run *after = runat(rs, end);
	Run *lo;
	Run *old;
	Run *hi;

	if (before != NULL && before->rank == rank)
		pa = before->pa;
	if (after != NULL && after->rank == rank)
		end = after->end;
	if (rs->nroom < paintroom(rs, pa, end))
		return -1;
	border(rs, pa);
	border(rs, end);
	split(rs->root, pa, &lo, &old);
	split(old, end, &old, &hi);
	freeall(rs, old);
	lo = join(rs, lo, newrun(rs, pa, end, rank));
	rs->root = join(rs, lo, hi);
	return 0;
}

int
runspaint(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank)
{
	return paintinplace(rs, pa, end, rank) ? 0
					       : paintanew(rs, pa, end, rank);
}

void
runsappend(Runs *rs, paddr_t pa, paddr_t end, uint32_t rank)
{
	Run *r = rs->fresh;

	if (r == rs->limit)
		panic("no memory for [%#jx, %#jx)", pa, end);
	r->pa = pa;
	r->end = end;
	r->rank = rank;
	rs->fresh++;
	rs->nroom--;
}

/* The n appended runs from r on, at least one, the middle one on top. */
static Run *
balanced(Run *r, size_t n)
{
	Run *top = r + n / 2;
	size_t above = n - n / 2 - 1;

	top->left = top > r ? balanced(r, n / 2) : NULL;
	top->right = above > 0 ? balanced(top + 1, above) : NULL;
	pull(top);
	return top;
}

void
runsbalance(Runs *rs, Run *first)
{
	if (first < rs->fresh)
		rs->root = balanced(first, (size_t)(rs->fresh - first));
}

Run *
runat(const Runs *rs, paddr_t pa)
{
	Run *r = rs->root;

	while (r != NULL && (pa < r->pa || pa >= r->end))
		r = pa < r->pa ? r->left : r->right;
	return r;
}

Run *
runafter(const Runs *rs, paddr_t pa)
{
	Run *best = NULL;

	for (Run *r = rs->root; r != NULL;) {
		if (r->pa > pa) {
			best = r;
			r = r->left;
		} else
			r = r->right;
	}
	return best;
}

Run *
runfrom(const Runs *rs, paddr_t pa)
{
	Run *r = runat(rs, pa);

	return r != NULL ? r : runafter(rs, pa);
}

static bool
fits(const Run *r, size_t size, size_t align, enum memtype type)
{
	size_t skip = -r->pa & (align - 1);

	return r->rank == type && r->end - r->pa >= size &&
	       r->end - r->pa - size >= skip;
}

/* The lowest that fits; looking at *tries at most that are large enough. */
static Run *
fit(Run *r, size_t size, size_t align, enum memtype type, size_t *tries)
{
	Run *found;

	if (r == NULL || r->most[type] < size || *tries == 0)
		return NULL;
	if ((found = fit(r->left, size, align, type, tries)) != NULL)
		return found;
	if (fits(r, size, align, type))
		return r;
	if (*tries > 0 && r->rank == type && r->end - r->pa >= size)
		--*tries;
	return fit(r->right, size, align, type, tries);
}

Run *
runfit(const Runs *rs, size_t size, size_t align, enum memtype type)
{
	size_t tries = FITTRIES;
	Run *r = fit(rs->root, size, align, type, &tries);

	if (r != NULL || tries > 0)
		return r;
	/* No overflow: so many runs are no smaller than size. */
	tries = 1;
	r = fit(rs->root, size + align - 1, 1, type, &tries);
	tries = SIZE_MAX;
	return r != NULL ? r : fit(rs->root, size, align, type, &tries);
}

/* Check the subtree; *last is the run before it, and then its last. */
static void
check(const Run *r, const Run **last)
{
	if (r == NULL)
		return;
	check(r->left, last);
	if (r->pa >= r->end || r->rank >= NRANK ||
	    (r->rank & TYPEMASK) >= NMEMTYPE)
		panic("[%#jx, %#jx) of rank %u", r->pa, r->end, r->rank);
	if (*last != NULL && (*last)->end > r->pa)
		panic(
		    "%#jx overlaps [%#jx, %#jx)", (*last)->end, r->pa, r->end);
	if (*last != NULL && (*last)->end == r->pa && (*last)->rank == r->rank)
		panic("rank %u is cut at %#jx", r->rank, r->pa);

	Run copy = *r;

	pull(&copy);
	if (memcmp(&copy, r, sizeof copy) != 0)
		panic("[%#jx, %#jx) miscounts", r->pa, r->end);
	*last = r;
	check(r->right, last);
}

void
runscheck(const Runs *rs)
{
	const Run *last = NULL;

	check(rs->root, &last);
}
