/*
 * procmemcheck.c - what is mapped of a process's segments, held against them.
 */
#include "proc.h"
#include "segs.h"

/* Nothing, or what the segment has there, no wider than it may be. */
static void
checkpage(const Proc *p, const Segment *s, uintptr_t va)
{
	int level = 0;
	const pte_t *pte = mmufind(&p->space, va, &level);

	if (pte == NULL)
		return;
	Page *pg = segpeek(s, va);

	if (pg == NULL || level != 0 || PTEADDR(*pte) != pagepa(pg))
		panic("%#jx is mapped to %#jx, which is not its page",
		    (uintmax_t)va, (uintmax_t)*pte);
	bool text = s->type == SG_TEXT;
	bool alone = segalone(s, va);
	pte_t noexec = mmuallowed(&p->space, text ? 0 : PTENOEXEC);

	if ((*pte & PTEUSER) == 0 || (*pte & PTENOEXEC) != noexec ||
	    ((*pte & PTEWRITE) != 0 && (text || !alone)) ||
	    (!text && !alone && segrefs(s) > 1))
		panic("%#jx is mapped as %#jx in a segment of type %d",
		    (uintmax_t)va, (uintmax_t)*pte, s->type);
}

void
procmemcheck(Proc *p)
{
	for (int i = 0; i < NSEG; i++) {
		Segment *s = p->seg[i];

		if (s == NULL || s->type == SG_PHYSICAL)
			continue;
		qlock(&s->lock);
		for (uintptr_t va = s->base; va < s->top; va += BY2PG)
			checkpage(p, s, va);
		qunlock(&s->lock);
	}
}
