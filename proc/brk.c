/*
 * brk.c - a segment ends earlier or later.
 */
#include "places.h"
#include "segs.h"

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

static const char *
grow(Segment *s, uintptr_t top)
{
	size_t npages = (top - s->base) / BY2PG;

	if (npages > SEGMAXPAGES)
		return Enovmem;
	if (segroom(s, npages) < 0)
		return Enomem;
	return placetop(s, top) ? NULL : Esoverlap;
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
	const char *why = top < s->top ? shrink(s, top) : grow(s, top);
	qunlock(&s->lock);
	return why;
}
