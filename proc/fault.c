/*
 * fault.c - a page is missing, or not for that: make it so.
 *
 *	fault -> fixfault -> tablesreserve	memory for the tables,
 *			     bring -> pio	for the page: zeros, the file's,
 *			     copy		or a copy, if it is to be
 *						written and others have it too,
 *			     segput		and for the segment's Pte;
 *			     putmmu		which then cannot fail
 *
 * In a segment that several processes have, what others have too is copied
 * even if it is only read: see segment.c.
 */
#include "program.h"
#include "proc.h"
#include "segs.h"
#include "tables.h"

typedef struct Found Found;

/* What is to be mapped at an address. */
struct Found {
	Page *pg;
	bool new;   /* not in the segment yet */
	bool alone; /* nobody else has it */
	Page *old;  /* what it took the place of, to be put when it is mapped */
	pte_t pte;
};

/* A page with n bytes of the segment's file from off on, and zeros. */
static const char *
load(const Segment *s, size_t off, size_t n, Page **pg)
{
	Page *new = newpage(n < BY2PG ? CLEAR : NOCLEAR, s->base + off);
	Chan *c = s->file.chan;
	size_t got = 0;

	if (new == NULL)
		return Enomem;
	if (n > 0) {
		void *p = kmap(new);

		got = c->read(c, p, n, s->file.start + off);
		kunmap(p);
	}
	if (got != n) {
		putpage(new);
		return Eioload;
	}
	*pg = new;
	return NULL;
}

/*
 * The page of the file at off, which is the segment's first page's at most, is
 * found in the image's cache, or read, and then is there. A page that the part
 * of the file ends in is not cached: another part may go on there.
 */
static const char *
pio(const Segment *s, size_t off, Page **pg)
{
	size_t n = off < s->file.len ? MIN(s->file.len - off, BY2PG) : 0;
	uint64_t daddr = s->file.start + off;

	if (n < BY2PG)
		return load(s, off, n, pg);
	for (;;) {
		*pg = lookpage(&s->image->image, daddr);
		if (*pg != NULL)
			return NULL;
		const char *why = load(s, off, n, pg);
		if (why != NULL)
			return why;
		pagesetdaddr(*pg, daddr);
		if (cachepage(*pg, &s->image->image) == 0)
			return NULL;
		putpage(*pg); /* another process has read it meanwhile */
	}
}

/* The page at va with a reference for the caller, or, without, s's own. */
static const char *
bring(const Segment *s, uintptr_t va, Found *f)
{
	f->pg = segpeek(s, va);
	f->new = f->pg == NULL;
	if (!f->new) {
		f->alone = segalone(s, va);
		return NULL;
	}
	const char *why = pio(s, va - s->base, &f->pg);
	if (why == NULL)
		f->alone = pagerefs(f->pg) == 1;
	return why;
}

/* A copy instead. */
static const char *
copy(uintptr_t va, Found *f)
{
	Page *pg = newpage(NOCLEAR, va);

	if (pg != NULL)
		copypage(f->pg, pg);
	if (f->new)
		putpage(f->pg);
	f->pg = pg;
	f->new = f->alone = true;
	return pg == NULL ? Enomem : NULL;
}

/* The page for that access at va; it is s's, as s is there from now on. */
static const char *
userpage(Segment *s, uintptr_t va, enum access access, Found *f)
{
	bool text = s->type == SG_TEXT;
	const char *why = bring(s, va, f);

	if (why == NULL && !text && !f->alone &&
	    (access == FAULTWRITE || segrefs(s) > 1))
		why = copy(va, f);
	if (why != NULL)
		return why;
	if (f->new &&segput(s, va, f->pg, &f->old) < 0) {
		putpage(f->pg);
		return Enomem;
	}
	f->pte = pagepa(f->pg) | (text ? 0 : PTENOEXEC) |
		 (f->alone && !text ? PTEWRITE : 0);
	return NULL;
}

static pte_t
devicepage(const Segment *s, uintptr_t va)
{
	return (s->pseg->pa + (va - s->base)) | s->pseg->memtype | PTENOEXEC |
	       PTEWRITE;
}

/* s is locked, and p may do that. */
static const char *
fixfault(Proc *p, Segment *s, uintptr_t va, enum access access)
{
	const char *why = NULL;
	Found f = {0};

	if (tablesreserve(p, va) < 0)
		return Enomem;
	if (s->type == SG_PHYSICAL)
		f.pte = devicepage(s, va);
	else
		why = userpage(s, va, access, &f);
	if (why != NULL) {
		tablesgive(p);
		return why;
	}
	/* that there is no table cannot be reached: one is reserved */
	if (putmmu(&p->space, va, f.pte) < 0)
		panic("no table for %#jx, though reserved", (uintmax_t)va);
	if (f.old != NULL)
		putpage(f.old);
	return NULL;
}

Segment *
seg(const Proc *p, uintptr_t va)
{
	for (int i = 0; i < NSEG; i++) {
		Segment *s = p->seg[i];

		if (s != NULL && va >= s->base && va < segtop(s))
			return s;
	}
	return NULL;
}

static bool
allowed(const Segment *s, enum access access)
{
	if (s->type == SG_TEXT)
		return access != FAULTWRITE;
	return access != FAULTEXEC;
}

const char *
fault(Proc *p, uintptr_t va, enum access access)
{
	Segment *s = seg(p, va);

	if (s == NULL || !allowed(s, access))
		return Ebadarg;
	qlock(&s->lock);
	const char *why = fixfault(p, s, ROUNDDOWN(va, BY2PG), access);
	qunlock(&s->lock);
	return why;
}

bool
okaddr(const Proc *p, uintptr_t va, size_t size, enum access access)
{
	for (;;) {
		Segment *s = seg(p, va);

		if (s == NULL || !allowed(s, access))
			return false;
		size_t n = segtop(s) - va;
		if (size <= n)
			return true;
		va += n;
		size -= n;
	}
}

const char *
validaddr(const Proc *p, uintptr_t va, size_t size, enum access access)
{
	return okaddr(p, va, size, access) ? NULL : Ebadarg;
}
