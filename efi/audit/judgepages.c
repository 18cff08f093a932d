/*
 * judgepages.c - the page tables that firmware runs on, and what they keep
 * apart.
 *
 * What a program may do wrong in that time, and to whom, is decided by these:
 * pages that are not mapped, that cannot be written or cannot be run. The names
 * of Project Mu's DxePagingAudit and of shim's report are in the table
 * (checks.c). UEFI Specification 2.10, 2.3.4: memory of the map is mapped at
 * its own address.
 */
#include "hooks.h"
#include "judge.h"

enum {
	Conventional = 7,
	MmioMemory = 11,
	MmioPorts = 12,

	GUARDROOM = 256 * 1024, /* below the stack pointer, if nobody says */
};

typedef bool Wrong(pte_t flags);

static bool
mapped(pte_t flags)
{
	return flags & PTEVALID;
}

static bool
runs(pte_t flags)
{
	return (flags & PTENOEXEC) == 0;
}

static bool
writes(pte_t flags)
{
	return flags & PTEWRITE;
}

static bool
writesandruns(pte_t flags)
{
	return writes(flags) && runs(flags);
}

/* Were they read? */
static bool
haspages(const Evidence *e, Finding *f)
{
	if (e->pages.why != NULL)
		finds(f, AUDITSKIPPED, "%s", e->pages.why);
	return e->pages.why == NULL;
}

/* What is mapped of [pa, end), by whatever address, and wrong. */
static void
spotmapped(const Evidence *e, Spots *s, paddr_t pa, paddr_t end, Wrong *wrong)
{
	for (size_t i = 0; i < e->pages.n; i++) {
		const Mapped *m = &e->pages.range[i];
		paddr_t from = MAX(pa, m->pa);
		paddr_t to = MIN(end, m->pa + m->size);

		if (from < to && wrong(m->flags))
			spot(s, from, to);
	}
}

/* What is mapped at the address va, or NULL. */
static const Mapped *
mappedat(const Evidence *e, uintptr_t va)
{
	for (size_t i = 0; i < e->pages.n; i++) {
		const Mapped *m = &e->pages.range[i];

		if (va >= m->va && va - m->va < m->size)
			return m;
	}
	return NULL;
}

void
nullpage(const Evidence *e, Finding *f)
{
	const Mapped *m = mappedat(e, 0);

	if (haspages(e, f) && m != NULL)
		finds(f, AUDITFAILED, "page 0 can be read%s%s",
		    writes(m->flags) ? ", written" : "",
		    runs(m->flags) ? ", run" : "");
}

void
writeexecute(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!haspages(e, f))
		return;
	spotmapped(e, &s, 0, NOADDR, writesandruns);
	findspots(f, &s, "writable and executable");
}

/* What is mapped of the descriptors of these types, and wrong. */
static void
spottypes(const Evidence *e, Finding *f, uint32_t a, uint32_t b, Wrong *wrong,
    const char *what)
{
	Spots s = {.n = 0};
	size_t n = 0;

	if (!haspages(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (d.type != a && d.type != b)
			continue;
		spotmapped(e, &s, d.base, endof(&d), wrong);
		n++;
	}
	if (n == 0)
		finds(f, AUDITSKIPPED, "the map has none");
	findspots(f, &s, what);
}

void
freememory(const Evidence *e, Finding *f)
{
	spottypes(e, f, Conventional, Conventional, mapped, "mapped");
}

void
mmioexecute(const Evidence *e, Finding *f)
{
	spottypes(e, f, MmioMemory, MmioPorts, runs, "executable");
}

/* Were images read? Needs page tables, too. */
static bool
hasimages(const Evidence *e, Finding *f)
{
	if (!haspages(e, f))
		return false;
	if (e->images.why != NULL)
		finds(f, AUDITSKIPPED, "%s", e->images.why);
	return e->images.why == NULL;
}

/* What all of an image's sections are, in one word. */
static const char *
wrongsections(const Spots *code, const Spots *data)
{
	if (code->n == 0)
		return "data that can be run";
	return data->n == 0 ? "code that can be written"
			    : "code that can be written, data that can be run";
}

void
imagesections(const Evidence *e, Finding *f)
{
	const Images *im = &e->images;
	Spots code = {.n = 0};
	Spots data = {.n = 0};
	Spots all = {.n = 0};

	if (!hasimages(e, f))
		return;
	for (size_t i = 0; i < im->n; i++) {
		const Imagepart *p = &im->part[i];
		bool iscode = p->exec && !p->write;

		spotmapped(e, iscode ? &code : &data, p->pa, p->end,
		    iscode ? writes : runs);
		spotmapped(e, &all, p->pa, p->end, iscode ? writes : runs);
	}
	finds(f, AUDITOK, "%zu of %zu images", im->nimage - im->unread,
	    im->nimage);
	if (im->unpaged > 0)
		finds(f, AUDITFAILED,
		    "%zu of %zu images have code and data in one "
		    "page, the first %#jx",
		    im->unpaged, im->nimage, (uintmax_t)im->first);
	findspots(f, &all, wrongsections(&code, &data));
}

void
readonlysections(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};
	size_t n = 0;

	if (!hasimages(e, f))
		return;
	for (size_t i = 0; i < e->images.n; i++) {
		const Imagepart *p = &e->images.part[i];

		if (p->image != e->images.own || p->write)
			continue;
		spotmapped(e, &s, p->pa, p->end, writes);
		n++;
	}
	if (n == 0)
		finds(f, AUDITSKIPPED,
		    "mem9's own image is not among those read");
	findspots(f, &s, "of mem9's own, writable");
}

void
stackexecute(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};
	uintptr_t at = ROUNDDOWN(e->stack.sp, BY2PG);

	if (!haspages(e, f))
		return;
	if (e->stack.size != 0)
		spotmapped(
		    e, &s, e->stack.base, e->stack.base + e->stack.size, runs);
	else
		spotmapped(e, &s, at, at + BY2PG, runs);
	findspots(f, &s, "executable");
}

/*
 * Below the lowest page that is used the guard must come before anything else.
 * Where firmware says where the stack is, that is its lowest page, or the one
 * below.
 */
void
stackguard(const Evidence *e, Finding *f)
{
	const Stackseen *s = &e->stack;
	uintptr_t at = ROUNDDOWN(s->sp, BY2PG);
	uintptr_t least = at - MIN(at, (uintptr_t)GUARDROOM);

	if (!haspages(e, f))
		return;
	if (s->size != 0)
		least = s->base >= BY2PG ? s->base - BY2PG : 0;
	while (at > least && mappedat(e, at) != NULL)
		at -= BY2PG;
	if (mappedat(e, at) != NULL)
		finds(f, AUDITFAILED,
		    "all is mapped from the stack pointer, %#jx, "
		    "down to %#jx",
		    (uintmax_t)s->sp, (uintmax_t)least);
	else
		finds(f, AUDITOK, "at %#jx", (uintmax_t)at);
}

/* In a gap of the map or behind it: [pa, end). */
void
outsidemap(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};
	paddr_t done = 0;

	if (!haspages(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (d.base > done)
			spotmapped(e, &s, done, d.base, mapped);
		done = MAX(done, endof(&d));
	}
	spotmapped(e, &s, done, NOADDR, mapped);
	findspots(f, &s, "mapped, and in no descriptor");
}

/* Samples of one kind or all of them that are mapped in a wrong way. */
static void
spotsamples(
    const Evidence *e, Finding *f, bool heap, Wrong *wrong, const char *what)
{
	Spots s = {.n = 0};
	size_t n = 0;

	if (!haspages(e, f))
		return;
	for (size_t i = 0; i < NSAMPLE; i++) {
		const Sample *p = &e->samples[i];

		if (p->kind == NULL || (heap && !p->heap))
			continue;
		spotmapped(e, &s, p->pa, p->end, wrong);
		n++;
	}
	if (n == 0)
		finds(f, AUDITSKIPPED, "firmware gave no memory");
	findspots(f, &s, what);
}

void
heapexecute(const Evidence *e, Finding *f)
{
	spotsamples(e, f, true, runs, "executable");
}

void
allocations(const Evidence *e, Finding *f)
{
	spotsamples(e, f, false, writesandruns, "writable and executable");
}

void
attributeprotocol(const Evidence *e, Finding *f)
{
	if (!e->attributeprotocol)
		finds(f, AUDITFAILED, "there is none");
}

void
writeprotect(const Evidence *e, Finding *f)
{
	if (!e->pages.writeprotect)
		finds(f, AUDITFAILED, "CR0.WP is 0");
}

void
noexecute(const Evidence *e, Finding *f)
{
	if (!e->pages.noexecute)
		finds(f, AUDITFAILED, "EFER.NXE is 0");
}

/* A lower half that is not the identity; the upper one is firmware's affair. */
void
identity(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!haspages(e, f))
		return;
	for (size_t i = 0; i < e->pages.n; i++) {
		const Mapped *m = &e->pages.range[i];

		if (m->va < UTOP5 && m->va != m->pa)
			spot(&s, m->pa, m->pa + m->size);
	}
	findspots(f, &s, "mapped at another address");
}
