/*
 * segment.c - segments: made, shared, copied, cut, and given back.
 *
 * What is mapped of a segment, in whatever space:
 *
 *	to be written	only a page that this segment alone has
 *	to be read	any page of a segment with one reference; of one with
 *			several, those that it alone has, and text
 *
 * So when a page is replaced by a copy, nobody has the old one mapped but the
 * process that does it. The lock is held for all of that: from what is found
 * out about a page until it is mapped; and here, from what is changed until no
 * CPU knows what was mapped before.
 */
#include "program.h"
#include "proc.h"
#include "pool.h"
#include "pte.h"
#include "segs.h"

static size_t
ptesfor(size_t npages)
{
	return ROUNDUP(npages, (size_t)PTEPERTAB) / PTEPERTAB;
}

static size_t
segpages(const Segment *s)
{
	return (s->top - s->base) / BY2PG;
}

Segment *
newseg(enum segtype type, uintptr_t base, size_t npages)
{
	if (base % BY2PG != 0 || base < BY2PG || base > USTKTOP ||
	    npages > SEGMAXPAGES || npages * BY2PG > USTKTOP - base)
		panic("%zu pages at %#jx are no segment", npages,
		    (uintmax_t)base);
	Segment *s = malloc(sizeof *s);

	if (s == NULL)
		return NULL;
	s->ref = 1;
	s->type = type;
	s->base = base;
	s->top = base + npages * BY2PG;
	s->map = s->ssegmap;
	s->mapsize = SSEGMAPSIZE;
	if (segroom(s, npages) < 0) {
		free(s);
		return NULL;
	}
	return s;
}

Segment *
newphysseg(const Physseg *ps, uintptr_t base)
{
	Segment *s = newseg(SG_PHYSICAL, base, ps->npages);

	if (s != NULL)
		s->pseg = ps;
	return s;
}

int
segroom(Segment *s, size_t npages)
{
	size_t n = ptesfor(npages);

	if (n <= s->mapsize)
		return 0;
	n = MAX(n, MIN(2 * s->mapsize, (size_t)SEGMAPSIZE));
	Pte **map = malloc(n * sizeof map[0]);

	if (map == NULL)
		return -1;
	memcpy(map, s->map, s->mapsize * sizeof map[0]);
	if (s->map != s->ssegmap)
		free(s->map);
	s->map = map;
	s->mapsize = n;
	return 0;
}

/* One reference less; how many there are. A text with none is not found. */
static uint32_t
segderef(Segment *s)
{
	Program *p = s->image;

	if (p == NULL)
		return __atomic_sub_fetch(&s->ref, 1, __ATOMIC_ACQ_REL);
	lock(&p->lock);
	uint32_t n = __atomic_sub_fetch(&s->ref, 1, __ATOMIC_ACQ_REL);
	if (n == 0 && p->text == s)
		p->text = NULL;
	unlock(&p->lock);
	return n;
}

void
putseg(Segment *s)
{
	if (segderef(s) > 0)
		return;
	if (s->users != NULL)
		panic("segment %#jx is mapped still", (uintmax_t)s->base);
	for (size_t i = 0; i < s->mapsize; i++)
		if (s->map[i] != NULL)
			freepte(s->map[i]);
	if (s->image != NULL)
		putprogram(s->image);
	if (s->map != s->ssegmap)
		free(s->map);
	free(s);
}

static Segment *
segref(Segment *s)
{
	__atomic_add_fetch(&s->ref, 1, __ATOMIC_RELAXED);
	return s;
}

/* Its text, if it is the same as s, with a reference. */
static Segment *
sametext(Program *p, const Segment *s)
{
	Segment *t = p->text;

	if (t == NULL || t->base != s->base || t->top != s->top ||
	    t->file.start != s->file.start || t->file.len != s->file.len)
		return NULL;
	return segref(t);
}

/* s, a new text, or the one that there is; s is found by others then. */
static Segment *
sharetext(Segment *s)
{
	Program *p = s->image;

	lock(&p->lock);
	Segment *t = sametext(p, s);
	if (p->text == NULL)
		p->text = s;
	unlock(&p->lock);
	if (t == NULL)
		return s;
	putseg(s);
	return t;
}

Segment *
attachimage(
    enum segtype type, const Filepart *file, uintptr_t base, size_t npages)
{
	Program *p = program(file->chan);

	if (p == NULL)
		return NULL;
	Segment *s = newseg(type, base, npages);

	if (s == NULL) {
		putprogram(p);
		return NULL;
	}
	s->file = *file;
	s->image = p;
	return type == SG_TEXT ? sharetext(s) : s;
}

void
seguse(Segment *s, Seguse *use, Proc *p)
{
	*use = (Seguse){p, s->users};
	s->users = use;
}

void
segunuse(Segment *s, Seguse *use)
{
	Seguse **link = &s->users;

	while (*link != use)
		link = &(*link)->next;
	*link = use->next;
}

void
segunmapfrom(Proc *p, uintptr_t va, size_t size)
{
	/* that it fails cannot be reached: no page is large in user space */
	if (size > 0 && punmap(&p->space, va, size) < 0)
		panic("%#jx is mapped by a large page", (uintmax_t)va);
}

/* Locked: nobody maps any of it before every CPU has dropped what it kept. */
static void
segunmap(Segment *s, uintptr_t va, size_t size)
{
	for (Seguse *u = s->users; u != NULL; u = u->next)
		segunmapfrom(u->proc, va, size);
	cpubarrier();
}

/* Locked: a segment that has the same Ptes. */
static Segment *
copyseg(Segment *s)
{
	Segment *n = newseg(s->type, s->base, segpages(s));

	if (n == NULL)
		return NULL;
	if (s->image != NULL) {
		n->image = programref(s->image);
		n->file = s->file;
	}
	for (size_t i = 0; i < n->mapsize; i++) /* s's is no smaller */
		if (s->map[i] != NULL)
			n->map[i] = pteref(s->map[i]);
	return n;
}

Segment *
dupseg(Segment *s, enum dup how)
{
	if (s->type == SG_TEXT || s->type == SG_SHARED ||
	    s->type == SG_PHYSICAL)
		return segref(s);
	qlock(&s->lock);
	bool share = how == SHARESEG && s->type != SG_STACK;
	Segment *n = share ? segref(s) : copyseg(s);
	if (n != NULL)
		segunmap(s, s->base, s->top - s->base);
	qunlock(&s->lock);
	return n;
}

Page *
segpeek(const Segment *s, uintptr_t va)
{
	const Pte *pte = s->map[(va - s->base) / PTEMAPMEM];

	return pte == NULL ? NULL : pte->pages[pteslot(va - s->base)];
}

bool
segalone(const Segment *s, uintptr_t va)
{
	return !pteshared(s->map[(va - s->base) / PTEMAPMEM]) &&
	       pagerefs(segpeek(s, va)) == 1;
}

/* Make *link a Pte that s alone has; -1 if there is no memory. */
static int
ownpte(Pte **link)
{
	Pte *pte = *link;

	if (pte != NULL && !pteshared(pte))
		return 0;
	Pte *own = pte == NULL ? ptealloc() : ptecpy(pte);

	if (own == NULL)
		return -1;
	if (pte != NULL)
		freepte(pte);
	*link = own;
	return 0;
}

int
segput(Segment *s, uintptr_t va, Page *pg, Page **old)
{
	Pte **link = &s->map[(va - s->base) / PTEMAPMEM];

	if (ownpte(link) < 0)
		return -1;
	*old = segpeek(s, va);
	pteset(*link, pteslot(va - s->base), pg);
	return 0;
}

int
segpage(Segment *s, Page *pg)
{
	uintptr_t va = pageva(pg);
	Page *old = NULL;

	qlock(&s->lock);
	bool fits = va >= s->base && va < s->top && segpeek(s, va) == NULL;
	int e = fits ? segput(s, va, pg, &old) : -1;
	qunlock(&s->lock);
	if (!fits)
		panic("no place for a page at %#jx", (uintmax_t)va);
	return e;
}

size_t
mcountseg(Segment *s)
{
	size_t n = 0;

	qlock(&s->lock);
	for (size_t i = 0; i < s->mapsize; i++)
		if (s->map[i] != NULL)
			n += ptecount(s->map[i]);
	qunlock(&s->lock);
	return n;
}

/* The Pte of which some pages from off on go, but not all; or NULL. */
static Pte **
cutpte(Segment *s, size_t off, size_t end)
{
	Pte **link = &s->map[off / PTEMAPMEM];
	size_t last = MIN(ROUNDUP(off + 1, PTEMAPMEM), s->top - s->base);

	if (*link == NULL || (off % PTEMAPMEM == 0 && end >= last))
		return NULL;
	return link;
}

/* Pages [off, end) go, and Ptes that have no others. */
static void
droppages(Segment *s, size_t off, size_t end)
{
	for (size_t next; off < end; off = next) {
		Pte **link = &s->map[off / PTEMAPMEM];

		next = MIN(ROUNDUP(off + 1, PTEMAPMEM), end);
		if (*link == NULL)
			continue;
		if (cutpte(s, off, end) != NULL) {
			ptedrop(*link, pteslot(off), pteslot(next - 1) + 1);
			continue;
		}
		freepte(*link);
		*link = NULL;
	}
}

int
mfreeseg(Segment *s, uintptr_t va, size_t npages)
{
	size_t off = va - s->base;
	size_t end = off + npages * BY2PG;

	if (va < s->base || va > s->top || npages * BY2PG > s->top - va)
		panic("%zu pages at %#jx are not all of the segment", npages,
		    (uintmax_t)va);
	if (npages == 0)
		return 0;
	Pte **first = cutpte(s, off, end);
	Pte **last = cutpte(s, ROUNDDOWN(end - 1, PTEMAPMEM), end);

	if ((first != NULL && ownpte(first) < 0) ||
	    (last != NULL && ownpte(last) < 0))
		return -1;
	segunmap(s, va, npages * BY2PG);
	droppages(s, off, end);
	return 0;
}
