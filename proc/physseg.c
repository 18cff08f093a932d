/*
 * physseg.c - devices' memory that programs may have: the kernel names it, and
 * a program attaches it where it wants, as one of the segments behind bss. All
 * who do have the same memory.
 */
#include "process.h"

enum { MOSTPHYSSEGS = 4 };

static const Physseg *physsegs[MOSTPHYSSEGS];

/* The one of that name, or where there is none yet. */
static const Physseg **
physsegat(const char *name)
{
	for (size_t i = 0; i < MOSTPHYSSEGS; i++)
		if (physsegs[i] == NULL || samename(physsegs[i]->name, name))
			return &physsegs[i];
	panic("%s is one device too many", name);
}

void
addphysseg(const Physseg *ps)
{
	if (ps->pa % BY2PG != 0 || ps->npages == 0 || ps->npages > SEGMAXPAGES)
		panic("%zu pages at %#jx are no segment", ps->npages,
		    (uintmax_t)ps->pa);
	*physsegat(ps->name) = ps;
}

const Physseg *
findphysseg(const char *name)
{
	for (size_t i = 0; i < MOSTPHYSSEGS && physsegs[i] != NULL; i++)
		if (samename(physsegs[i]->name, name))
			return physsegs[i];
	return NULL;
}

const char *
segattach(Proc *p, const Physseg *ps, uintptr_t va)
{
	int n = SEG1;

	if (va % BY2PG != 0 || va < BY2PG || va > USTKTOP ||
	    ps->npages > (USTKTOP - va) / BY2PG)
		return Ebadarg;
	while (n < NSEG && p->seg[n] != NULL)
		n++;
	if (n == NSEG)
		return Enovmem;
	Segment *s = newphysseg(ps, va);

	if (s == NULL)
		return Enomem;
	const char *why = setseg(p, n, s);
	if (why != NULL)
		putseg(s);
	return why;
}

const char *
segdetach(Proc *p, uintptr_t va)
{
	for (int n = SEG1; n < NSEG; n++)
		if (p->seg[n] != NULL && p->seg[n] == seg(p, va)) {
			clearseg(p, n);
			return NULL;
		}
	return Ebadarg;
}
