/*
 * places.c - the addresses that a process's segments have, none twice.
 *
 * A segment that is shared may grow by any of those who share it: not over what
 * one of the others has there. So others look at a process's segments, and one
 * lock is held while anybody's change, or a segment's end. It is held for a
 * look at a few of them.
 */
#include "places.h"
#include "segs.h"

static Lock places;

/* The first segment of p, but for this one, that is in [va, end); or NULL. */
static Segment *
overlap(const Proc *p, uintptr_t va, uintptr_t end, const Segment *but)
{
	for (int i = 0; i < NSEG; i++) {
		Segment *s = p->seg[i];

		if (s != NULL && s != but && va < segtop(s) && s->base < end)
			return s;
	}
	return NULL;
}

Segment *
isoverlap(const Proc *p, uintptr_t va, size_t size)
{
	bool wraps = size > UINTPTR_MAX - va;

	return overlap(p, va, wraps ? UINTPTR_MAX : va + size, NULL);
}

bool
placeseg(Proc *p, int n, Segment *s)
{
	lock(&places);
	bool free = overlap(p, s->base, segtop(s), NULL) == NULL;
	if (free)
		p->seg[n] = s;
	unlock(&places);
	return free;
}

void
unplaceseg(Proc *p, int n)
{
	lock(&places);
	p->seg[n] = NULL;
	unlock(&places);
}

bool
placetop(Segment *s, uintptr_t top)
{
	bool free = true;

	lock(&places);
	for (Seguse *u = s->users; u != NULL && free; u = u->next)
		free = overlap(u->proc, s->base, top, s) == NULL;
	if (free)
		segsettop(s, top);
	unlock(&places);
	return free;
}
