/*
 * brk.c - a segment ends earlier or later.
 */
#include "proc.h"
#include "segs.h"

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

/*
 * Others who share it may have passed an address to a system call that is
 * about to use it: so it does not shrink under them.
 */
static const char *
shrink(Segment *s, uintptr_t top)
{
	if (segrefs(s) > 1)
		return Einuse;
	if (mfreeseg(s, top, (s->top - top) / BY2PG) < 0)
		return Enomem;
	segsettop(s, top);
	return NULL;
}

/* Whether those who share it have something there is not looked at. */
static const char *
grow(Proc *p, Segment *s, uintptr_t top)
{
	size_t npages = (top - s->base) / BY2PG;

	if (npages > SEGMAXPAGES)
		return Enovmem;
	if (overlap(p, s->base, top, s) != NULL)
		return Esoverlap;
	if (segroom(s, npages) < 0)
		return Enomem;
	segsettop(s, top);
	return NULL;
}

const char *
ibrk(Proc *p, uintptr_t addr, int n)
{
	Segment *s = p->seg[n];

	if (s == NULL || (s->type != SG_BSS && s->type != SG_SHARED))
		return Ebadarg;
	if (addr < s->base || addr > USTKTOP)
		return Enovmem;
	uintptr_t top = PGROUND(addr);

	qlock(&s->lock);
	const char *why = top < s->top ? shrink(s, top) : grow(p, s, top);
	qunlock(&s->lock);
	return why;
}
