/*
 * procmem.c - the memory of a process: made, given segments, copied, ended.
 */
#include "places.h"
#include "pte.h"
#include "segs.h"
#include "stage.h"
#include "tables.h"

int
procmeminit(Proc *p)
{
	needstage(SPAGES);
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

/* Nobody unmaps p's nth segment from its space any more, nor looks at p. */
static void
unuse(Proc *p, int n, Segment *s)
{
	qlock(&s->lock);
	segunuse(s, &p->use[n]);
	qunlock(&s->lock);
}

const char *
setseg(Proc *p, int n, Segment *s)
{
	if (p->seg[n] != NULL)
		panic("there is a segment %d already", n);
	qlock(&s->lock);
	seguse(s, &p->use[n], p);
	qunlock(&s->lock);
	if (placeseg(p, n, s))
		return NULL;
	unuse(p, n, s);
	return Esoverlap;
}

void
clearseg(Proc *p, int n)
{
	Segment *s = p->seg[n];

	qlock(&s->lock);
	segunmapfrom(p, s->base, s->top - s->base);
	segunuse(s, &p->use[n]);
	qunlock(&s->lock);
	cpubarrier();
	unplaceseg(p, n);
	putseg(s);
}

/* Whoever shares s with the parent has not let it grow over what that has. */
static void
give(Proc *child, int n, Segment *s)
{
	/* so that this fails cannot be reached */
	if (setseg(child, n, s) != NULL)
		panic("segment %d at %#jx: another is there", n,
		    (uintmax_t)s->base);
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
		give(child, i, s);
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

void
procmemfree(Proc *p)
{
	if (p->privatemem)
		zeroprivatepages(p);
	for (int i = 0; i < NSEG; i++)
		if (p->seg[i] != NULL)
			unuse(p, i, p->seg[i]);
	spacefree(&p->space);
	tablesgive(p);
	for (int i = 0; i < NSEG; i++)
		if (p->seg[i] != NULL)
			putseg(p->seg[i]);
	memset(p->seg, 0, sizeof p->seg);
}
