/*
 * space.c - address spaces: made, shared, taken apart.
 *
 *	4 levels	entries 0-255 of the top are user space, 256-511 the
 *			kernel half; top = upper = lower
 *
 *	5 levels	top[511] -> upper	top[0] -> lower
 *
 * Sharing a half means having the same top-level entries: with four levels
 * half of a table, with five the entries of 256 tables. A half is shared whole
 * or not at all, and a kernel half of ours has its last entry, for the image.
 * No instruction here, so that the host tests it, with five levels too, which
 * no firmware at hand hands over with. SDM volume 3A, 4.5.
 */
#include "space.h"
#include "hooks.h"
#include "mmu.h"

enum { HALF = PTENTRIES / 2 };

paddr_t
spacetop(const Space *s)
{
	return paddr(s->top);
}

/* What this entry of the top table leads to, NULL if nothing. */
static pte_t *
half(const Space *s, size_t entry)
{
	if ((s->top[entry] & PTEVALID) == 0)
		return NULL;
	return kaddr(PTEADDR(s->top[entry]));
}

void
spaceadopt(Space *s, paddr_t top)
{
	bool five = s->limits.levels == 5;

	s->top = kaddr(top);
	s->upper = five ? half(s, PTENTRIES - 1) : s->top;
	s->lower = five ? half(s, 0) : s->top;
}

/* An empty level-3 table under this entry of a fifth level. */
static int
fill(Space *s, size_t entry, pte_t flags)
{
	if (s->top[entry] & PTEVALID)
		return 0;
	void *table = tablepage(s->tables);
	if (table == NULL)
		return -1;
	s->top[entry] = paddr(table) | flags;
	return 0;
}

bool
spacesameupper(const Space *a, const Space *b)
{
	pte_t e = a->top[PTENTRIES - 1];
	pte_t other = b->top[PTENTRIES - 1];

	return (e & other & PTEVALID) && PTEADDR(e) == PTEADDR(other);
}

bool
spacenoupper(const Space *s)
{
	for (size_t i = HALF; i < PTENTRIES; i++)
		if (s->top[i] & PTEVALID)
			return false;
	return true;
}

int
spaceinit(Space *s, Space *upper, const Space *lower)
{
	const pte_t flags = PTEVALID | PTEWRITE;

	s->shared = upper != NULL;
	s->lent = lower != NULL;
	s->top = tablepage(s->tables);
	if (s->top == NULL)
		return -1;
	for (size_t i = 0; i < HALF; i++) {
		s->top[i] = lower != NULL ? lower->top[i] : 0;
		s->top[HALF + i] = upper != NULL ? upper->top[HALF + i] : 0;
	}
	if (s->limits.levels == 5 && (fill(s, PTENTRIES - 1, flags) < 0 ||
					 fill(s, 0, flags | PTEUSER) < 0)) {
		if (upper == NULL && half(s, PTENTRIES - 1) != NULL)
			tablefree(s->tables, half(s, PTENTRIES - 1));
		tablefree(s->tables, s->top);
		s->top = s->upper = s->lower = NULL;
		return -1;
	}
	spaceadopt(s, spacetop(s));
	if (upper != NULL && !upper->shared)
		upper->shared = true;
	return 0;
}

void
spacefree(Space *s)
{
	if (!s->shared || s->lent)
		panic("only user space can be given back, and only one's own");
	mmurelease(s);
	if (s->lower != s->top)
		tablefree(s->tables, s->lower);
	tablefree(s->tables, s->top);
	s->top = s->upper = s->lower = NULL;
}
