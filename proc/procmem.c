/*
 * procmem.c - the memory of a process: made, given segments, copied, ended.
 */
#include "proc.h"
#include "pte.h"
#include "segs.h"
#include "tables.h"

int
procmeminit(Proc *p)
{
	*p = (Proc){.tables = {.head = NOADDR},
	    .space = {.direct = kspace.direct,
		.directend = kspace.directend,
		.limits = kspace.limits}};
	p->space.tables = &p->tables;
	p->space.lock = &p->spacelock;
	/* the top, and with five levels the table of the lower half */
	if (tablestake(p, p->space.limits.levels - 3) < 0)
		return -1;
	/* that there is none cannot be reached */
	if (spaceinit(&p->space, &kspace, NULL) < 0)
		panic("no table for a space, though reserved");
	return 0;
}

void
setseg(Proc *p, int n, Segment *s)
{
	const Segment *other = isoverlap(p, s->base, s->top - s->base);

	if (p->seg[n] != NULL || other != NULL)
		panic(
		    "segment %d at %#jx: there is one", n, (uintmax_t)s->base);
	qlock(&s->lock);
	seguse(s, &p->use[n], &p->space);
	qunlock(&s->lock);
	p->seg[n] = s;
}

void
clearseg(Proc *p, int n)
{
	Segment *s = p->seg[n];

	qlock(&s->lock);
	segunmapfrom(&p->space, s->base, s->top - s->base);
	segunuse(s, &p->use[n]);
	qunlock(&s->lock);
	cpubarrier();
	p->seg[n] = NULL;
	putseg(s);
}

const char *
procmemdup(Proc *child, Proc *p, enum dup how)
{
	for (int i = 0; i < NSEG; i++) {
		if (p->seg[i] == NULL)
			continue;
		Segment *s = dupseg(p->seg[i], how);

		if (s == NULL) {
			while (i-- > 0)
				if (child->seg[i] != NULL)
					clearseg(child, i);
			return Enomem;
		}
		setseg(child, i, s);
	}
	child->privatemem = p->privatemem;
	return NULL;
}

/* Those that no copy of the segment has, and no image's cache. */
static void
zeroprivate(Segment *s)
{
	for (size_t i = 0; i < s->mapsize; i++) {
		const Pte *pte = s->map[i];

		if (pte == NULL || pteshared(pte))
			continue;
		for (size_t j = pte->first; j < pte->end; j++)
			if (pte->pages[j] != NULL &&
			    pagerefs(pte->pages[j]) == 1)
				zeropage(pte->pages[j]);
	}
}

void
zeroprivatepages(Proc *p)
{
	for (int i = 0; i < NSEG; i++) {
		Segment *s = p->seg[i];

		if (s == NULL || s->type == SG_TEXT || segrefs(s) > 1)
			continue;
		qlock(&s->lock);
		zeroprivate(s);
		qunlock(&s->lock);
	}
}

/* Nobody unmaps p's nth segment from its space any more. */
static void
unuse(Proc *p, int n)
{
	Segment *s = p->seg[n];

	qlock(&s->lock);
	segunuse(s, &p->use[n]);
	qunlock(&s->lock);
}

void
procmemfree(Proc *p)
{
	if (p->privatemem)
		zeroprivatepages(p);
	for (int i = 0; i < NSEG; i++)
		if (p->seg[i] != NULL)
			unuse(p, i);
	spacefree(&p->space);
	tablesgive(p);
	for (int i = 0; i < NSEG; i++)
		if (p->seg[i] != NULL)
			putseg(p->seg[i]);
	memset(p->seg, 0, sizeof p->seg);
}
